using System.Globalization;
using System.Runtime.InteropServices;
using Titok.Vulkan.Checkpoints;
using Titok.Vulkan.Files;

namespace Titok.Vulkan.Tests.Checkpoints;

public class CheckpointConverterTests
{
    [Fact]
    public void PyTorchFileBecomesItsSafetensors()
    {
        using var folder = new TemporaryFolder();
        var seen = new List<(long Done, long Total)>();
        Convert(
            TestFiles.Golden("generator_vit", "pytorch_model.bin"), folder["half.safetensors"], (done, total) => seen.Add((done, total)));
        using Checkpoint expected = Checkpoint.Open(TestFiles.Golden("generator_vit", "model.safetensors"));
        using Checkpoint converted = Checkpoint.Open(folder["half.safetensors"]);
        Assert.Equal(expected.Tensors.Keys.Order(), converted.Tensors.Keys.Order());
        foreach (TensorInfo tensor in expected.Tensors.Values)
        {
            Assert.Equal(TensorType.F16, converted.Tensors[tensor.Name].Type);
            Assert.Equal(tensor.Shape.AsEnumerable(), converted.Tensors[tensor.Name].Shape.AsEnumerable());
            Assert.True(expected.Bytes(tensor.Name).SequenceEqual(converted.Bytes(tensor.Name)), tensor.Name);
        }

        Assert.Equal(expected.Tensors.Count, seen.Count);
        Assert.Equal(seen[^1].Total, seen[^1].Done);
        Assert.Equal(["half.safetensors"], Directory.EnumerateFileSystemEntries(folder.Root).Select(Path.GetFileName));
    }

    [Fact]
    public void RoundsToNearestEven()
    {
        // Halfway between two fp16 numbers, just above, the largest that still rounds down, and the smallest subnormal's half.
        float[] values = [2049, 2051, 2049.001f, 65519.996f, 2.9802322e-8f, 2.9802326e-8f, -0f];
        using var folder = new TemporaryFolder();
        Write(folder["a.safetensors"], values);
        Convert(folder["a.safetensors"], folder["b.safetensors"]);
        using Checkpoint converted = Checkpoint.Open(folder["b.safetensors"]);
        Assert.Equal([2048, 2052, 2050, 65504, 0, 5.9604645e-8f, -0f], converted.ReadFloats("w"));
        Assert.True(float.IsNegative(converted.ReadFloats("w")[^1]));
    }

    [Theory]
    [InlineData(65520f, "65520")]
    [InlineData(-1e30f, "-1E+30")]
    [InlineData(float.NaN, "NaN")]
    public void WhatFp16CantHoldIsRefused(float value, string printed)
    {
        using var folder = new TemporaryFolder();
        Write(folder["a.safetensors"], [1, value]);
        ModelFormatException error = Assert.Throws<ModelFormatException>(() => Convert(folder["a.safetensors"], folder["b.safetensors"]));
        Assert.Contains($"tensor 'w' holds {printed} at element 1, which fp16 can't hold", error.Message);
        Assert.Equal(["a.safetensors"], Directory.EnumerateFileSystemEntries(folder.Root).Select(Path.GetFileName));
    }

    [Fact]
    public void ModelFolderComesAlongWhole()
    {
        using var folder = new TemporaryFolder();
        foreach ((string golden, string part) in (ReadOnlySpan<(string, string)>)[("tokenizer_legacy", "tokenizer"), ("generator_vit", "generator")])
        {
            folder.Copy(TestFiles.Golden(golden, "model.safetensors"), "model", part, "model.safetensors");
            folder.Copy(TestFiles.Golden(golden, "config.json"), "model", part, "config.json");
        }

        File.WriteAllText(folder["model", "classes.txt"], string.Join('\n', Enumerable.Range(0, 10)));
        File.WriteAllText(folder["model", "presets.json"], """{"quick": {"steps": 3, "guidance": 1, "guidance_decay": "constant", "temperature": 1, "anneal": false}}""");
        Convert(folder["model"], folder["converted"]);
        ModelFolder model = ModelFolder.Open(folder["converted"]);
        model.RequireTokenizer().OpenTokenizer().Checkpoint.Dispose();
        model.RequireGenerator().OpenGenerator().Checkpoint.Dispose();
        Assert.Equal(10, model.Classes.Length);
        Assert.Equal(3, model.Presets["quick"].Steps);
        Assert.Equal(2, Directory.EnumerateFileSystemEntries(folder.Root).Count());
        Assert.Contains("is there already", Assert.Throws<TitokException>(() => Convert(folder["model"], folder["converted"])).Message);
    }

    [Fact]
    public void WhatIsThereIsNotWrittenOver()
    {
        using var folder = new TemporaryFolder();
        Write(folder["a.safetensors"], [1]);
        File.WriteAllText(folder["b.safetensors"], "somebody's own");
        TitokException error = Assert.Throws<TitokException>(() => Convert(folder["a.safetensors"], folder["b.safetensors"]));
        Assert.Equal($"{folder["b.safetensors"]}: is there already; expected a new file", error.Message);
        Assert.Equal("somebody's own", File.ReadAllText(folder["b.safetensors"]));
    }

    [Fact]
    public void RandomWeightsBelowAFileAreOneClearLine()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["a file"], "in the way");
        TitokException error = Assert.Throws<TitokException>(() => TitokCheckpoint.WriteRandom(
            TitokCheckpoint.PublishedModels[0], folder["a file"], cancellation: TestContext.Current.CancellationToken));
        Assert.StartsWith($"{folder["a file", "tokenizer"]}: can't be written: ", error.Message);
    }

    [Fact]
    public void HuggingFaceFolderStaysOne()
    {
        using var folder = new TemporaryFolder();
        Convert(TestFiles.Golden("generator_uvit"), folder["converted"] + Path.DirectorySeparatorChar);
        Assert.Equal(["config.json", "model.safetensors"], Directory.EnumerateFileSystemEntries(folder["converted"]).Select(Path.GetFileName).Order());
        ModelFolder.Open(folder["converted"]).RequireGenerator().OpenGenerator().Checkpoint.Dispose();
    }

    [Fact]
    public void CancellingLeavesNothing()
    {
        using var folder = new TemporaryFolder();
        using var cancellation = new CancellationTokenSource();
        foreach (string destination in (string[])["converted", "half.safetensors"])
        {
            string source = destination == "converted" ? TestFiles.Golden("generator_vit") : TestFiles.Golden("generator_vit", "pytorch_model.bin");
            Assert.ThrowsAny<OperationCanceledException>(() =>
                CheckpointConverter.Convert(source, folder[destination], (_, _) => cancellation.Cancel(), cancellation.Token));
            Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Root));
        }
    }

    [Fact]
    public void UnwritableOutputIsOneClearLine()
    {
        using var folder = new TemporaryFolder();
        string source = TestFiles.Golden("generator_vit", "pytorch_model.bin");
        string below = Path.Combine(source, "out.safetensors");
        TitokException error = Assert.Throws<TitokException>(() => Convert(source, below));
        Assert.StartsWith($"{below}: can't be written: ", error.Message);
        Assert.DoesNotContain('\n', error.Message);
        Assert.Contains("onto itself", Assert.Throws<TitokException>(() =>
        {
            Write(folder["a.safetensors"], [1]);
            Convert(folder["a.safetensors"], folder["a.safetensors"]);
        }).Message);
    }

    [Fact]
    public void ANameThatWindowsDoesNotTakeIsNamed()
    {
        Assert.SkipUnless(OperatingSystem.IsWindows(), "Elsewhere names may have any character.");
        using var folder = new TemporaryFolder();
        string destination = folder["half?.safetensors"];
        TitokException error = Assert.Throws<TitokException>(() => Convert(TestFiles.Golden("generator_vit", "model.safetensors"), destination));
        Assert.Equal($"{destination}: can't be written: Windows takes no such name", error.Message);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Root));
    }

    [Theory]
    [InlineData("no such folder/half.safetensors", "there is no such folder")]
    [InlineData("{0}.safetensors", "the name is too long")]
    [InlineData("{0}", "the name is too long")]
    public void ThePlaceIsNamedAndNotTheNameOnTheWayToIt(string name, string trouble)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows() && name.Contains("{0}", StringComparison.Ordinal), "Windows does not say that a name is too long");
        using var folder = new TemporaryFolder();
        string source = name.EndsWith(".safetensors", StringComparison.Ordinal) ? TestFiles.Golden("generator_vit", "model.safetensors") : TestFiles.Golden("generator_vit");
        string destination = folder[string.Format(CultureInfo.InvariantCulture, name, new string('a', 256))];
        TitokException error = Assert.Throws<TitokException>(() => Convert(source, destination));
        Assert.Equal($"{destination}: can't be written: {trouble}", error.Message);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Root));
    }

    [Fact]
    public void FullDiskIsOneClearLine()
    {
        // Every write to this device fails as on a full disk.
        if (!File.Exists("/dev/full"))
            Assert.Skip("There is no /dev/full on this system.");
        TitokException error = Assert.Throws<TitokException>(() => AtomicFile.Write(Path.Combine(Path.GetTempPath(), "titok-full.bin"), stream =>
        {
            using var full = new FileStream("/dev/full", FileMode.Open, FileAccess.Write);
            full.Write(new byte[1 << 20]);
            full.Flush();
        }));
        Assert.EndsWith("titok-full.bin: can't be written: the disk is full", error.Message);
        Assert.Empty(Directory.EnumerateFiles(Path.GetTempPath(), "*titok-full.bin*"));
    }

    [Fact]
    public void WriterTakesMetadataAndRefusesAWrongLength()
    {
        using var folder = new TemporaryFolder();
        TensorInfo[] tensors = [new("a", TensorType.BF16, [3]), new("b", TensorType.F32, [])];
        SafetensorsWriter.Write(folder["a.safetensors"], tensors, (tensor, stream) => stream.Write(new byte[tensor.LengthInBytes]),
            new Dictionary<string, string> { ["made by"] = "a \"test\"" });
        using (Checkpoint checkpoint = Checkpoint.Open(folder["a.safetensors"]))
            Assert.Equal(tensors.Select(tensor => tensor.Name), checkpoint.Tensors.Keys);
        Assert.Throws<InvalidOperationException>(() => SafetensorsWriter.Write(folder["b.safetensors"], tensors, (_, stream) => stream.Write(new byte[5])));
        Assert.Single(Directory.EnumerateFileSystemEntries(folder.Root));
    }

    private static void Convert(string source, string destination, Action<long, long>? progress = null) =>
        CheckpointConverter.Convert(source, destination, progress, TestContext.Current.CancellationToken);

    private static void Write(string path, float[] values) => SafetensorsWriter.Write(
        path, [new TensorInfo("w", TensorType.F32, [values.Length])], (_, stream) => stream.Write(MemoryMarshal.AsBytes(values.AsSpan())));
}
