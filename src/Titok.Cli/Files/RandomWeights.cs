using Titok.Cli.Display;
using Titok.Cli.Options;
using Titok.Vulkan;

namespace Titok.Cli.Files;

/// <summary>A folder of random weights, deleted in the end unless the user wants to keep it.</summary>
internal sealed class RandomWeights : IDisposable
{
    private readonly bool _temporary;

    private RandomWeights(string folder, bool temporary) => (Folder, _temporary) = (folder, temporary);

    public string Folder { get; }

    public static RandomWeights Make(string model, string? folder, CancellationToken cancellation)
    {
        if (!TitokCheckpoint.PublishedModels.Contains(model, StringComparer.OrdinalIgnoreCase))
            throw new UsageException($"with --random-weights, --model must be {Alternatives.Text(TitokCheckpoint.PublishedModels)}, not '{model}'");
        if (folder is not null && IsComplete(folder))
        {
            string name = TitokModelInfo.Read(folder).Generator!.PublishedName ?? "another model";
            return name.Equals($"TiTok-{model}", StringComparison.OrdinalIgnoreCase)
                ? new RandomWeights(folder, temporary: false)
                : throw new CommandException($"{folder}: holds the weights of {name}, not of {model}");
        }
        var made = new RandomWeights(folder ?? Directory.CreateTempSubdirectory("titok-random-").FullName, folder is null);
        try
        {
            WorkDisplay.Run(stage =>
            {
                TitokCheckpoint.WriteRandom(model, made.Folder, progress: new InlineProgress<double>(stage("making random weights")), cancellation: cancellation);
                return 0;
            });
            return made;
        }
        catch
        {
            made.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        if (_temporary && Directory.Exists(Folder))
            Directory.Delete(Folder, recursive: true);
    }

    /// <summary>Not where it was interrupted: then they are made again.</summary>
    private static bool IsComplete(string folder) =>
        new[] { "tokenizer", "generator" }.All(part => File.Exists(Path.Combine(folder, part, "model.safetensors")));
}
