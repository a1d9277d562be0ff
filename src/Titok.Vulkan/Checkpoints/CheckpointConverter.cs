using Titok.Vulkan.Files;

namespace Titok.Vulkan.Checkpoints;

/// <summary>Rewrites checkpoints as fp16 safetensors.</summary>
internal static class CheckpointConverter
{
    /// <summary>
    /// Converts a weights file to a new file whose name ends in <c>.safetensors</c>; or a file or folder to a new folder, in
    /// which the configs, labels and presets come along. What can't be finished leaves nothing behind.
    /// </summary>
    /// <param name="source">A weights file, model folder or Hugging Face folder.</param>
    /// <param name="destination">The new file or the new (or empty) folder.</param>
    /// <param name="progress">Told after each tensor how many of how many bytes of weights are done.</param>
    /// <param name="cancellation">Looked at between tensors.</param>
    public static void Convert(
        string source, string destination, Action<long, long>? progress = null, CancellationToken cancellation = default)
    {
        bool toFile = destination.EndsWith(".safetensors", StringComparison.OrdinalIgnoreCase);
        if (toFile && File.Exists(source))
        {
            if (Path.GetFullPath(source) == Path.GetFullPath(destination))
                throw new TitokException($"{destination}: can't be converted onto itself");
            if (File.Exists(destination))
                throw new TitokException($"{destination}: is there already; expected a new file");
            using var run = new Run(progress, cancellation);
            run.Add(source, destination);
            run.ConvertAll();
        }
        else if (toFile)
        {
            throw new ModelFormatException(source, Directory.Exists(source)
                ? $"is a folder, expected a folder to convert it to, but {destination} is the name of a file"
                : "there is no such file");
        }
        else
        {
            ConvertToFolder(source, destination, progress, cancellation);
        }
    }

    private static void ConvertToFolder(string source, string destination, Action<long, long>? progress, CancellationToken cancellation)
    {
        ModelFolder model = ModelFolder.Open(source);
        string target = Path.TrimEndingDirectorySeparator(Path.GetFullPath(destination));
        if (File.Exists(target) || (Directory.Exists(target) && Directory.EnumerateFileSystemEntries(target).Any()))
            throw new TitokException($"{destination}: is there already; expected a new or an empty folder, or a name that ends in .safetensors");

        // Built beside its place and renamed at the end.
        string temporary = TemporaryName.Beside(target);
        try
        {
            Directory.CreateDirectory(temporary);
            using (var run = new Run(progress, cancellation))
            {
                AddPart(run, model.Tokenizer, model.HasPartFolders ? Path.Combine(temporary, ModelFolder.TokenizerName) : temporary);
                AddPart(run, model.Generator, model.HasPartFolders ? Path.Combine(temporary, ModelFolder.GeneratorName) : temporary);
                run.ConvertAll();
            }

            string root = Path.GetDirectoryName(Path.GetFullPath(model.ClassesFilePath))!;
            foreach (string name in (ReadOnlySpan<string>)[ModelFolder.ClassesName, ModelFolder.PresetsName])
            {
                if (File.Exists(Path.Combine(root, name)))
                    File.Copy(Path.Combine(root, name), Path.Combine(temporary, name));
            }

            if (Directory.Exists(target))
                Directory.Delete(target);
            Directory.Move(temporary, target);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw AtomicFile.CantWrite(destination, e);
        }
        catch (TitokException e) when (e is not ModelFormatException && e.InnerException is { } cause)
        {
            // A file in the temporary folder, whose name nobody typed.
            throw AtomicFile.CantWrite(destination, cause);
        }
        finally
        {
            if (Directory.Exists(temporary))
                Directory.Delete(temporary, recursive: true);
        }
    }

    private static void AddPart(Run run, ModelPart? part, string folder)
    {
        if (part is null)
            return;
        Directory.CreateDirectory(folder);
        run.Add(part.WeightsFile, Path.Combine(folder, ModelFolder.WeightsName));
        File.Copy(part.Config.File, Path.Combine(folder, ModelFolder.ConfigName));
    }

    /// <summary>One or two weights files, converted with one progress over all of them.</summary>
    private sealed class Run(Action<long, long>? progress, CancellationToken cancellation) : IDisposable
    {
        private readonly List<(Checkpoint Source, string Destination)> _files = [];
        private long _doneInBytes;

        public void Add(string source, string destination) => _files.Add((Checkpoint.Open(source), destination));

        public void ConvertAll()
        {
            long totalInBytes = _files.Sum(file => file.Source.LengthInBytes);
            foreach ((Checkpoint source, string destination) in _files)
            {
                TensorInfo[] halves = [.. source.Tensors.Values
                    .Select(tensor => tensor with { Type = TensorType.F16 })
                    .OrderBy(tensor => tensor.Name, StringComparer.Ordinal)];
                var conversion = new HalfConversion(source);
                SafetensorsWriter.Write(destination, halves, Fill, new Dictionary<string, string> { ["format"] = "pt" });

                void Fill(TensorInfo tensor, Stream stream)
                {
                    cancellation.ThrowIfCancellationRequested();
                    conversion.Write(tensor.Name, stream);
                    source.Release(tensor.Name);
                    _doneInBytes += source.Tensors[tensor.Name].LengthInBytes;
                    progress?.Invoke(_doneInBytes, totalInBytes);
                }
            }
        }

        public void Dispose()
        {
            foreach ((Checkpoint source, _) in _files)
                source.Dispose();
        }
    }
}
