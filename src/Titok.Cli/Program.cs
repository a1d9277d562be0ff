using System.CommandLine;
using Titok.Cli;
using Titok.Cli.Commands;
using Titok.Vulkan;

const int Failed = 1, WrongUsage = 2, Interrupted = 130;

var root = new RootCommand("TiTok on Vulkan: pictures as a few tokens, generated and reconstructed on any GPU.")
{
    DevicesCommand.Create(),
    DoctorCommand.Create(),
    InfoCommand.Create(),
    GenerateCommand.Create(),
    EncodeCommand.Create(),
    DecodeCommand.Create(),
    ReconstructCommand.Create(),
    ConvertCommand.Create(),
};

using var interrupted = new CancellationTokenSource();
Console.CancelKeyPress += (_, e) =>
{
    e.Cancel = true;
    interrupted.Cancel();
};

ParseResult parsed = root.Parse(args);
if (parsed.Errors.Count > 0)
{
    foreach (var error in parsed.Errors)
        Console.Error.WriteLine($"titok: {error.Message}");
    return WrongUsage;
}

try
{
    return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false }, interrupted.Token);
}
catch (UsageException e)
{
    Console.Error.WriteLine($"titok: {e.Message}");
    return WrongUsage;
}
catch (OperationCanceledException)
{
    Console.Error.WriteLine("titok: interrupted");
    return Interrupted;
}
catch (Exception e) when (e is CommandException or TitokException or IOException or UnauthorizedAccessException or ArgumentException)
{
    Console.Error.WriteLine($"titok: {e.Message.ReplaceLineEndings(" ")}");
    return Failed;
}
