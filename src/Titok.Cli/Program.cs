using System.CommandLine;
using System.CommandLine.Parsing;
using System.Runtime.InteropServices;
using System.Text;
using Titok.Cli.Commands;
using Titok.Demo;
using Titok.Pictures;
using Titok.Vulkan;

namespace Titok.Cli;

/// <summary>The <c>titok</c> command. Whatever goes wrong ends in one line on stderr and an exit code that says which kind of wrong.</summary>
internal static class Program
{
    private const int Succeeded = 0, Failed = 1, WrongUsage = 2, HungUp = 129, Interrupted = 130, Terminated = 143;

    public static async Task<int> Main(string[] args)
    {
        // A pipe that wants text in another encoding than UTF-8 says so in its locale; this program's text has a × in it.
        Console.OutputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
        Console.SetOut(StandardOutput.Writer());
        using var stop = new CancellationTokenSource();
        int stoppedWith = Interrupted;
        using PosixSignalRegistration hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, context => Stop(context, HungUp));
        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => Stop(context, Interrupted));
        using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => Stop(context, Terminated));

        // The first asks the work to end and clean up; a second one no longer waits for it.
        void Stop(PosixSignalContext context, int exitCode)
        {
            context.Cancel = !stop.IsCancellationRequested;
            stoppedWith = exitCode;
            stop.Cancel();
        }

        try
        {
            return await InvokeAsync(args, stop.Token);
        }
        catch (UsageException e)
        {
            return Tell(WrongUsage, e.Message);
        }
        catch (OperationCanceledException)
        {
            return Tell(stoppedWith, stoppedWith switch { HungUp => "hung up", Terminated => "terminated", _ => "interrupted" });
        }
        catch (Exception e) when (e is CommandException or DemoException or FileException or TitokException or IOException or UnauthorizedAccessException)
        {
            return Tell(Failed, e.Message, e);
        }
        catch (OutOfMemoryException e)
        {
            return Tell(Failed, "out of memory", e);
        }
        catch (Exception e)
        {
            return Tell(Failed, $"unexpected {e.GetType().Name}: {e.Message} (this is a bug; TITOK_DEBUG=1 shows where)", e);
        }
    }

    /// <summary>Runs a command's work, for commands whose only result is that they did it.</summary>
    internal static Task<int> Done(Action work)
    {
        work();
        return Task.FromResult(Succeeded);
    }

    private static RootCommand CreateRoot() => new("Generate, encode and decode images with TiTok models on Vulkan. Exit codes: 0 done, 1 failed, 2 wrong usage, 129 hung up, 130 interrupted, 143 terminated.")
    {
        DevicesCommand.Create(),
        DoctorCommand.Create(),
        InfoCommand.Create(),
        GenerateCommand.Create(),
        EncodeCommand.Create(),
        DecodeCommand.Create(),
        ReconstructCommand.Create(),
        ConvertCommand.Create(),
        BenchCommand.Create(),
        DemoCommand.Create(),
    };

    private static async Task<int> InvokeAsync(string[] args, CancellationToken cancellation)
    {
        RootCommand root = CreateRoot();
        if (args.Length == 0)
            throw new UsageException($"name a command: {string.Join(", ", root.Subcommands.Select(c => c.Name))} (titok --help says more)");
        // A path may begin with @ or [.
        root.Directives.Clear();
        ParseResult parsed = root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (UnknownOption(parsed) is { } unknown)
            throw new UsageException($"unknown option {unknown} (see titok {parsed.CommandResult.Command.Name} --help)");
        if (parsed.Errors.Count > 0)
        {
            Command command = parsed.CommandResult.Command;
            if (command == root && parsed.UnmatchedTokens.Count != 0)
                throw new UsageException($"there is no command '{parsed.UnmatchedTokens[0]}' (see titok --help)");
            throw new UsageException($"{parsed.Errors[0].Message} (see titok {(command == root ? "" : $"{command.Name} ")}--help)");
        }
        var configuration = new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };
        return await parsed.InvokeAsync(configuration, cancellation);
    }

    /// <summary>The first option that the command does not have, which was taken for a path or for too much; null if there is none.</summary>
    private static string? UnknownOption(ParseResult parsed)
    {
        if (parsed.CommandResult.Command is RootCommand)
            return null;
        IEnumerable<string> words = parsed.CommandResult.Children.OfType<ArgumentResult>().SelectMany(a => a.Tokens).Select(t => t.Value).Concat(parsed.UnmatchedTokens);
        // What stands behind "--" is none, whatever it looks like; it is the last of all.
        int names = parsed.Tokens.Reverse().TakeWhile(t => t.Type != TokenType.DoubleDash).Count();
        if (names != parsed.Tokens.Count)
            words = words.SkipLast(names);
        return words.FirstOrDefault(word => word.Length > 1 && word[0] == '-')?.Split('=')[0];
    }

    private static int Tell(int exitCode, string message, Exception? cause = null)
    {
        try
        {
            Console.Error.WriteLine($"titok: {OneLine(message)}");
            if (cause is not null && Environment.GetEnvironmentVariable("TITOK_DEBUG") == "1")
                Console.Error.WriteLine(cause);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Nobody hears what went wrong, but the exit code still tells.
        }
        return exitCode;
    }

    /// <summary>Names of files and tensors come from outside: whatever they hold, a message stays one line and moves no cursor.</summary>
    private static string OneLine(string message)
    {
        var line = new StringBuilder(message.Length);
        foreach (char c in message.Trim())
        {
            char shown = char.IsControl(c) || c is '\u2028' or '\u2029' ? ' ' : c;
            if (shown != ' ' || line is not { Length: > 0 } || line[^1] != ' ')
                line.Append(shown);
        }
        return line.ToString();
    }
}
