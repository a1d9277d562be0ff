using Titok.Cli.Display;
using Titok.Cli.Options;
using Titok.Pictures;
using Titok.Vulkan;

namespace Titok.Cli.Files;

/// <summary>A folder of random weights, deleted in the end unless the user wants to keep it.</summary>
internal sealed class RandomWeights : IDisposable
{
    /// <summary>Lies in a folder to keep until its weights are whole; only in a folder with this file is anything overwritten.</summary>
    public const string UnfinishedName = "titok-random-weights-unfinished";

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
        if (folder is not null)
            Claim(folder);
        var made = new RandomWeights(folder ?? Directory.CreateTempSubdirectory("titok-random-").FullName, folder is null);
        try
        {
            WorkDisplay.Run(stage =>
            {
                TitokCheckpoint.WriteRandom(model, made.Folder, progress: new InlineProgress<double>(stage("making random weights")), cancellation: cancellation);
                return 0;
            });
            File.Delete(Path.Combine(made.Folder, UnfinishedName));
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
    private static bool IsComplete(string folder) => !IsUnfinished(folder)
        && new[] { "tokenizer", "generator" }.All(part => File.Exists(Path.Combine(folder, part, "model.safetensors")));

    private static bool IsUnfinished(string folder) => File.Exists(Path.Combine(folder, UnfinishedName));

    /// <summary>Marks a folder as one to be written to. What somebody else put into one may be weights that took days to train.</summary>
    private static void Claim(string folder)
    {
        OutputFiles.RequireFolderPlace(folder);
        if (IsUnfinished(folder))
            return;
        if (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any())
            throw new CommandException($"{folder}: is not empty, and holds no random weights; expected a new or an empty folder");
        using var files = new OutputFiles();
        files.AddFolder(folder);
        files.Add(Path.Combine(folder, UnfinishedName), _ => { });
        files.Commit();
    }
}
