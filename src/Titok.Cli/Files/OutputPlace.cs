using Titok.Pictures;

namespace Titok.Cli.Files;

/// <summary>Names of outputs that can only be a slip of the hand.</summary>
internal static class OutputPlace
{
    private static readonly string[] s_imageEndings = [".png", ".jpg", ".jpeg", ".webp"];

    /// <summary>What is written over is lost, and with it what the output was made from.</summary>
    public static void RefuseInputs(IEnumerable<string> outputs, IEnumerable<string> inputs)
    {
        HashSet<string> read = [.. inputs.Select(OutputFiles.Resolve)];
        if (outputs.FirstOrDefault(output => !OutputFiles.IsDevice(output) && read.Contains(OutputFiles.Resolve(output))) is { } lost)
            throw new UsageException($"{lost}: is an input of this command; expected another name for the output");
    }

    /// <summary>Tokens are text, and latents an array: neither goes under the name of an image, nor one under that of the other.</summary>
    public static void RequireNameFor(string path, bool latents)
    {
        string ending = Path.GetExtension(path).ToLowerInvariant();
        if (s_imageEndings.Contains(ending) || ending == (latents ? ".json" : ".npy"))
            throw new UsageException($"{path}: {(latents ? "latents are written as .npy" : "tokens are written as .json")}, not as {ending}");
    }
}
