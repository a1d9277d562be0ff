using Titok.Vulkan.Checkpoints;

namespace Titok.Vulkan.Tests.Checkpoints;

/// <summary>A model's files in memory.</summary>
public class ModelFilesTests
{
    private static readonly byte[] s_weights = File.ReadAllBytes(TestFiles.Golden("tokenizer_vq", "model.safetensors"));
    private static readonly byte[] s_config = File.ReadAllBytes(TestFiles.Golden("tokenizer_vq", "config.json"));

    private static TitokModelFiles Tokenizer(string folder) =>
        new TitokModelFiles().Add($"{folder}model.safetensors", s_weights).Add($"{folder}config.json", s_config);

    [Theory]
    [InlineData("")]
    [InlineData("tokenizer/")]
    public void TheyAreDescribedAsThoseOnDiskAre(string folder)
    {
        TitokModelInfo onDisk = TitokModelInfo.Read(TestFiles.Golden("tokenizer_vq"));
        TitokModelInfo inMemory = TitokModelInfo.Read(Tokenizer(folder));
        Assert.Equal(onDisk.Tokenizer, inMemory.Tokenizer);
        Assert.Null(inMemory.Generator);
        Assert.Equal($"{folder}model.safetensors", inMemory.TokenizerFile);
        Assert.Equal(onDisk.TokenizerMemory(TitokPrecision.Fp32), inMemory.TokenizerMemory(TitokPrecision.Fp32));
    }

    [Fact]
    public void TheyMayBeReadPartByPart()
    {
        TitokModelFiles files = Read("model.safetensors", s_weights).Add("config.json", s_config.Length, (offset, bytes) => s_config.AsSpan((int)offset, bytes.Length).CopyTo(bytes));
        TitokModelInfo info = TitokModelInfo.Read(files);
        Assert.Equal(TitokModelInfo.Read(TestFiles.Golden("tokenizer_vq")).Tokenizer, info.Tokenizer);
        using Checkpoint inMemory = Checkpoint.Parse(s_weights, "memory"), read = Checkpoint.Open(files, "model.safetensors");
        Assert.Equal(inMemory.Tensors.Keys.Order(), read.Tensors.Keys.Order());
        Assert.All(inMemory.Tensors.Keys, name => Assert.Equal(inMemory.Bytes(name), read.Bytes(name)));
    }

    /// <summary>Also where numbers of a tensor lie apart, which asks for no part of a few bytes each.</summary>
    [Fact]
    public void PyTorchsFilesMayBeReadPartByPart()
    {
        foreach (string path in Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "Checkpoints", "Files"), "protocol*.bin"))
        {
            byte[] content = File.ReadAllBytes(path);
            int parts = 0;
            using Checkpoint inMemory = Checkpoint.Parse(content, path), read = Checkpoint.Open(Read("model.bin", content, () => parts++), "model.bin");
            Assert.All(inMemory.Tensors.Keys, name => Assert.Equal(inMemory.ReadFloats(name), read.ReadFloats(name)));
            Assert.InRange(parts, 1, 20 + 2 * inMemory.Tensors.Count);
        }
    }

    [Fact]
    public void APartThatCannotBeReadNamesTheFile()
    {
        var files = Read("model.safetensors", s_weights, () => throw new IOException("the archive is gone"));
        ModelFormatException e = Assert.Throws<ModelFormatException>(() => Checkpoint.Open(files, "model.safetensors"));
        Assert.Equal("model.safetensors: can't be read: the archive is gone", e.Message);
        Assert.Throws<ArgumentOutOfRangeException>("sizeInBytes", () => files.Add("classes.txt", -1, (_, _) => { }));
        Assert.Throws<ArgumentNullException>("read", () => files.Add("classes.txt", 1, null!));
    }

    [Fact]
    public void APathIsLookedUpAmongThem()
    {
        TitokModelFiles files = Tokenizer("archive/one/").Add("archive/two/classes.txt", "a\nb\n"u8.ToArray());
        Assert.NotNull(TitokModelInfo.Read("archive/one", null, files).Tokenizer);
        Assert.NotNull(TitokModelInfo.Read("archive/one/model.safetensors", null, files).Tokenizer);
        AssertRefused("archive/two: expected model.safetensors", () => TitokModelInfo.Read("archive/two", null, files));
        AssertRefused("archive/on: there is no such file or folder", () => TitokModelInfo.Read("archive/on", null, files));
        AssertRefused("the model in memory: expected model.safetensors", () => TitokModelInfo.Read(files));
        AssertRefused("the model in memory: expected model.safetensors", () => TitokModelInfo.Read(new TitokModelFiles()));
        // What lies on disk is not looked at.
        AssertRefused("there is no such file or folder", () => TitokModelInfo.Read(TestFiles.Golden("tokenizer_vq"), null, files));
    }

    [Fact]
    public void WhatIsMissingOrDamagedIsNamed()
    {
        AssertRefused("tokenizer/config.json: there is no such file", () => TitokModelInfo.Read(new TitokModelFiles().Add("tokenizer/model.safetensors", s_weights)));
        AssertRefused("config.json: is 1048577 bytes long", () => TitokModelInfo.Read(
            new TitokModelFiles().Add("model.safetensors", s_weights).Add("config.json", new byte[(1 << 20) + 1])));
        AssertRefused("model.safetensors", () => TitokModelInfo.Read(
            new TitokModelFiles().Add("model.safetensors", s_weights.AsMemory(0, s_weights.Length - 1)).Add("config.json", s_config)));
        AssertRefused("model.safetensors", () => TitokModelInfo.Read(new TitokModelFiles().Add("model.safetensors", default).Add("config.json", s_config)));
        AssertRefused("classes.txt: is empty", () => TitokModelInfo.Read(Tokenizer("").Add("classes.txt", default)));
        AssertRefused("presets.json", () => TitokModelInfo.Read(Tokenizer("").Add("presets.json", "{"u8.ToArray())));
    }

    [Theory]
    [InlineData("")]
    [InlineData("/model.safetensors")]
    [InlineData("tokenizer/")]
    [InlineData("tokenizer//config.json")]
    [InlineData("../config.json")]
    [InlineData("tokenizer/./config.json")]
    [InlineData("tokenizer\\config.json")]
    public void WhatIsNoNameIsRefused(string name)
    {
        var files = new TitokModelFiles();
        Assert.Throws<ArgumentException>("name", () => files.Add(name, default));
        Assert.Throws<ArgumentException>("name", () => files.Add(name, 1, 1));
    }

    [Fact]
    public unsafe void OtherMisuseIsRefused()
    {
        var files = new TitokModelFiles().Add("config.json", s_config);
        Assert.Throws<ArgumentException>("name", () => files.Add("config.json", s_config));
        Assert.Throws<ArgumentNullException>("name", () => files.Add(null!, s_config));
        Assert.Throws<ArgumentException>("content", () => files.Add("classes.txt", 0, 1));
        Assert.Throws<ArgumentOutOfRangeException>("sizeInBytes", () => files.Add("classes.txt", 1, -1));
        Assert.Throws<ArgumentNullException>("files", () => TitokModelInfo.Read((TitokModelFiles)null!));
    }

    /// <summary>More than an array can hold, of which all but the ends is never touched.</summary>
    [Fact]
    public unsafe void AFileMayBeLargerThanAnArray()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && nint.Size == 8, "Elsewhere memory that is never touched may have to be there.");
        const long partInBytes = 3L << 29, dataInBytes = 2 * partInBytes + 16;
        string Tensor(long begin, long end) => $$"""{"dtype":"F32","shape":[{{(end - begin) / 4}}],"data_offsets":[{{begin}},{{end}}]}""";
        byte[] header = SafetensorsBuilder.Build(
            $$"""{"a":{{Tensor(0, partInBytes)}},"b":{{Tensor(partInBytes, 2 * partInBytes)}},"c":{{Tensor(2 * partInBytes, dataInBytes)}}}""", 0);
        long sizeInBytes = header.Length + dataInBytes;
        byte* content = (byte*)System.Runtime.InteropServices.NativeMemory.AllocZeroed((nuint)sizeInBytes);
        try
        {
            header.CopyTo(new Span<byte>(content, header.Length));
            new Span<float>(content + sizeInBytes - 16, 4).Fill(7);
            using Checkpoint checkpoint = Checkpoint.Open(new TitokModelFiles().Add("model.safetensors", (nint)content, sizeInBytes), "model.safetensors");
            Assert.Equal([7, 7, 7, 7], checkpoint.ReadFloats("c"));
        }
        finally
        {
            System.Runtime.InteropServices.NativeMemory.Free(content);
        }
    }

    private static TitokModelFiles Read(string name, byte[] content, Action? before = null) => new TitokModelFiles().Add(name, content.Length, (offset, bytes) =>
    {
        before?.Invoke();
        content.AsSpan((int)offset, bytes.Length).CopyTo(bytes);
    });

    private static void AssertRefused(string part, Action read) => Assert.Contains(part, Assert.Throws<ModelFormatException>(read).Message, StringComparison.Ordinal);
}
