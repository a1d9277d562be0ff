using System.CommandLine;
using Titok.Vulkan;

namespace Titok.Cli.Options;

/// <summary>Options that several commands have.</summary>
internal static class CommonOptions
{
    /// <summary>Where images go to.</summary>
    public static Option<string> ImageOutput() =>
        new Option<string>("--output", "-o") { Description = "Output: a .png (one image or a sheet), a .npy, or a folder", Required = true, HelpName = "OUT" }.ThatIsOutput();

    /// <summary>Whether a published model is stood for by random weights.</summary>
    public static Option<bool> RandomWeights() =>
        new("--random-weights") { Description = $"Use random weights, made from a seed; --model then names a published model: {Alternatives.Text(TitokCheckpoint.PublishedModels)}" };
}
