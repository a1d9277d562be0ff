using System.CommandLine;
using Titok.Vulkan;

namespace Titok.Cli.Commands;

/// <summary><c>titok convert</c>: a checkpoint to fp16 safetensors.</summary>
internal static class ConvertCommand
{
    public static Command Create()
    {
        var command = new Command("convert", "Convert a .bin or fp32 safetensors checkpoint to fp16 safetensors");
        var source = new Argument<string>("SRC") { Description = "A weights file or a model folder" };
        var destination = new Argument<string>("DST") { Description = "Where to write" };
        command.Arguments.Add(source);
        command.Arguments.Add(destination);
        command.SetAction((parsed, cancellation) =>
        {
            TitokCheckpoint.ConvertToHalf(parsed.GetValue(source)!, parsed.GetValue(destination)!, cancellation);
            return System.Threading.Tasks.Task.FromResult(0);
        });
        return command;
    }
}
