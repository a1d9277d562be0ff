using System.CommandLine;
using Titok.Cli.Display;
using Titok.Cli.Options;
using Titok.Vulkan;

namespace Titok.Cli.Commands;

/// <summary><c>titok convert</c>: a checkpoint to fp16 safetensors.</summary>
internal static class ConvertCommand
{
    /// <summary>A folder of such a name would be taken for a file.</summary>
    private static readonly string[] s_otherWeights = [".bin", ".pt", ".pth", ".ckpt"];

    public static Command Create()
    {
        var command = new Command("convert", "Convert a .bin or fp32 safetensors checkpoint, or a model folder, to fp16 safetensors");
        var source = new Argument<string>("SRC") { Description = "Weights file or model folder to convert" }.ThatIsPath();
        var destination = new Argument<string>("DST") { Description = "New file, whose name ends in .safetensors, or new folder" }.ThatIsOutput();
        command.Arguments.Add(source);
        command.Arguments.Add(destination);
        command.SetAction((parsed, cancellation) => Program.Done(() =>
        {
            string path = parsed.GetValue(destination)!, ending = Path.GetExtension(path).ToLowerInvariant();
            if (s_otherWeights.Contains(ending) && !Directory.Exists(path))
                throw new UsageException($"{path}: weights are written as .safetensors, not as {ending}; expected a name that ends in .safetensors, or a folder");
            WorkDisplay.Run(stage =>
            {
                Action<double> tell = stage("converting");
                TitokCheckpoint.ConvertToHalf(parsed.GetValue(source)!, path, new InlineProgress<double>(tell), cancellation);
                return 0;
            });
            long bytes = Directory.Exists(path)
                ? Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories).Sum(f => new FileInfo(f).Length)
                : new FileInfo(path).Length;
            Console.WriteLine($"{path}: {ByteSize.Format(bytes)}");
        }));
        return command;
    }
}
