using System.Text;
using Titok.Vulkan.Tests.Checkpoints;

namespace Titok.Vulkan.Tests.Cli;

/// <summary>What is wrong is told in one line, with the right exit code, and leaves nothing behind.</summary>
public sealed class BadInputTests(CliModel model) : IClassFixture<CliModel>
{
    [Theory]
    [InlineData("--steps", "0", "--steps must be a whole number from 1 to 1024, not '0'")]
    [InlineData("--steps", "1025", "--steps must be a whole number from 1 to 1024, not '1025'")]
    [InlineData("--steps", "2.5", "--steps must be a whole number")]
    [InlineData("--temperature", "-1", "--temperature must be a number from 0")]
    [InlineData("--temperature", "1e400", "--temperature must be a number from 0")]
    [InlineData("--guidance", "NaN", "--guidance must be a number from -10000 to 10000")]
    [InlineData("--guidance", "-10001", "--guidance must be a number from -10000")]
    [InlineData("--guidance", "Infinity", "--guidance must be a number from -10000")]
    [InlineData("--guidance-decay", "cosine", "--guidance-decay must be constant, linear or power-cosine, not 'cosine'")]
    [InlineData("--precision", "fp64", "--precision must be auto, fp32 or fp16, not 'fp64'")]
    [InlineData("--generator-weights", "int4", "--generator-weights must be auto or int8, not 'int4'")]
    [InlineData("--count", "0", "--count must be a whole number from 1")]
    [InlineData("--count", "99999999999", "--count must be a whole number from 1")]
    [InlineData("--seed", "-1", "--seed must be a whole number from 0")]
    [InlineData("--seed", "18446744073709551616", "--seed must be a whole number from 0")]
    [InlineData("--class", ", ,", "--class names no class")]
    [InlineData("--output", "picture.bmp", "--output must be a .png, a .npy or a folder, not 'picture.bmp'")]
    [InlineData("--colour", "red", "--colour")]
    public void AnOptionThatMeansNothingIsWrongUsage(string option, string value, string words) =>
        TitokProcess.Run("generate", "--model", model.Folder, option, value).AssertFailed(2, words);

    [Fact]
    public void OptionsThatExcludeEachOtherAreWrongUsage() => Generate("--anneal", "--no-anneal").AssertFailed(2, "--anneal and --no-anneal exclude each other");

    [Theory]
    [InlineData("--anneal", "false")]
    [InlineData("--no-anneal", "true")]
    [InlineData("--anneal=false")]
    public void AFlagTakesNoValue(params string[] options) => Generate(options).AssertFailed(2, options[^1].Split('=')[^1]);

    [Theory]
    [InlineData("generate", "both --tokenizer and --generator")]
    [InlineData("info", "both --tokenizer and --generator")]
    [InlineData("bench", "both --tokenizer and --generator")]
    [InlineData("decode", "--tokenizer", "a.json", "-o", "a.png")]
    public void AModelOfWhichNothingWouldBeUsedIsWrongUsage(string command, string parts, params string[] options)
    {
        string[] generator = parts == "--tokenizer" ? [] : ["--generator", "c"];
        TitokProcess.Run([command, .. options, "--model", "a", "--tokenizer", "b", .. generator]).AssertFailed(2, $"--model does not go with {parts}");
    }

    [Theory]
    [InlineData("--model is empty", "info", "--model", "")]
    [InlineData("--tokenizer is empty", "info", "--tokenizer", "")]
    [InlineData("--generator is empty", "info", "--generator", "")]
    [InlineData("--output is empty", "generate", "-o", "")]
    [InlineData("--tokens is empty", "generate", "--tokens", "")]
    [InlineData("the path IMAGE is empty", "encode", "a.png", "", "-o", "a.json")]
    [InlineData("--output is empty", "encode", "a.png", "-o", "")]
    [InlineData("the path IMAGE is empty", "reconstruct", "", "-o", "b.png")]
    [InlineData("--output is empty", "reconstruct", "a.png", "-o", "")]
    [InlineData("the path TOKENS is empty", "decode", "", "-o", "a.png")]
    [InlineData("--output is empty", "decode", "a.json", "-o", "")]
    [InlineData("the path SRC is empty", "convert", "", "half")]
    [InlineData("the path DST is empty", "convert", "model", "")]
    [InlineData("--weights is empty", "bench", "--random-weights", "--model", "S-128", "--weights", "")]
    [InlineData("the path IMAGE is empty", "demo", "")]
    [InlineData("--capture is empty", "demo", "--frames", "1", "--capture", "")]
    [InlineData("--device is empty", "generate", "--device", "")]
    [InlineData("--save is empty", "demo", "--save", "")]
    [InlineData("--stats is empty", "demo", "--frames", "1", "--stats", "")]
    public void AnEmptyNameIsWrongUsage(string words, params string[] args) => TitokProcess.Run(args).AssertFailed(2, words);

    [Theory]
    [InlineData("--presision", "encode", "--presision", "fp16", "a.png", "-o", "a.json")]
    [InlineData("--presision", "encode", "a.png", "--presision=fp16", "-o", "a.json")]
    [InlineData("-m", "reconstruct", "-m", "model", "a.png", "-o", "b.png")]
    [InlineData("--frame", "demo", "--frame", "3")]
    [InlineData("--pictrues", "demo", "--pictrues=3", "a.png")]
    [InlineData("--force", "convert", "a", "--force", "b")]
    [InlineData("--colour", "generate", "--colour", "red")]
    public void AMistypedOptionIsNoPath(string option, params string[] args) => TitokProcess.Run(args).AssertFailed(2, $"unknown option {option} (");

    [Fact]
    public void APathMayLookLikeAnOption()
    {
        string output = model.Out("a.json");
        TitokProcess.Run("encode", "--model", model.Folder, "-o", output, "--", "--none.png").AssertFailed(1, "--none.png", "there is no such file");
    }

    [Theory]
    [InlineData("the path IMAGE: the name is not UTF-8", "encode", "a.png", "b\uFFFD.png", "-o", "a.json")]
    [InlineData("--output: the name is not UTF-8", "generate", "-o", "\uFFFD.png")]
    public void ANameThatIsNotUtf8IsWrongUsage(string words, params string[] args) => TitokProcess.Run(args).AssertFailed(2, words);

    [Theory]
    [InlineData("--output", "generate", "-o", "-")]
    [InlineData("--tokens", "generate", "--tokens", "-")]
    [InlineData("--output", "encode", "a.png", "-o", "-")]
    [InlineData("--output", "decode", "a.json", "-o", "-")]
    [InlineData("--weights", "bench", "--random-weights", "--model", "L-32", "--weights", "-")]
    [InlineData("the path DST", "convert", "a", "-")]
    [InlineData("--save", "demo", "--save", "-")]
    public void ADashIsNoOutput(string name, params string[] args) => TitokProcess.Run(args).AssertFailed(2, $"{name} can't be -");

    [Fact]
    public void WeightsAreConvertedToSafetensorsAlone()
    {
        string output = model.Out("half.bin");
        TitokProcess.Run("convert", TestFiles.Golden("generator_vit", "model.safetensors"), output).AssertFailed(2, output, "not as .bin");
        CliModel.AssertNothingWritten(output);
    }

    [Fact]
    public void AFileOfArgumentsIsAPathLikeAnyOther()
    {
        string arguments = model.Out("arguments"), output = model.Out("a.json");
        File.WriteAllText(arguments, "--help");
        TitokProcess.Run("encode", $"@{arguments}", "--model", model.Folder, "-o", output).AssertFailed(1, $"@{arguments}", "there is no such");
        TitokProcess.Run("[suggest:1]", "e").AssertFailed(2, "there is no command 'e'");
    }

    [Fact]
    public void ACommandAndItsInputMustBeNamed()
    {
        TitokProcess.Run().AssertFailed(2, "generate", "--help");
        TitokProcess.Run("genrate").AssertFailed(2, "'genrate'");
        TitokProcess.Run("encode", "--model", model.Folder, "-o", "a.json").AssertFailed(2, "encode");
        TitokProcess.Run("decode", "a.json", "--model", model.Folder).AssertFailed(2, "--output");
    }

    [Theory]
    [InlineData("gold fish", "nearest", "'goldfish'")]
    [InlineData("shark", "'great white shark'", "'tiger shark'")]
    [InlineData("Tinca", "'tench, Tinca tinca'")]
    [InlineData("crane", "2 classes", "5, 8")]
    [InlineData("10", "0 to 9")]
    [InlineData("-1", "0 to 9")]
    [InlineData("1,2,nothing of the kind", "'nothing of the kind'")]
    public void AClassThatDoesNotExistIsAnsweredWithWhatDoes(string name, params string[] words) =>
        Generate("--class", name).AssertFailed(1, words);

    [Fact]
    public void WithoutLabelsTheRangeIsNamed() => TitokProcess.Run(
        "generate", "--tokenizer", TestFiles.Golden("tokenizer_legacy"), "--generator", TestFiles.Golden("generator_vit"), "--class", "goldfish", "-o", model.Out("a.png"))
        .AssertFailed(1, "'goldfish'", "0 to 9");

    [Theory]
    [InlineData("-1")]
    [InlineData("97")]
    [InlineData("GeForce 256")]
    public void ADeviceThatDoesNotExistIsAnsweredWithThoseThatDo(string device) =>
        Generate("--class", "1", "--device", device).AssertFailed(1, $"'{device}'", "0: ");

    [Fact]
    public void APresetThatDoesNotExistIsAnsweredWithThoseThatDo() =>
        Generate("--preset", "best").AssertFailed(1, "'best'", "paper", "demo");

    [Fact]
    public void WhatIsNotAPictureIsRefused()
    {
        Encode("not a picture").AssertFailed(1, "is not a PNG, JPEG or WebP image");
        Encode("").AssertFailed(1, "is empty");
        Encode("%PDF-1.7").AssertFailed(1, "is not a PNG");
        string whole = model.Out("whole.png"), cut = model.Out("cut.png");
        TitokProcess.Run("generate", "--model", model.Folder, "--class", "1", "-o", whole).AssertDone();
        File.WriteAllBytes(cut, File.ReadAllBytes(whole)[..4000]);
        EncodePath(cut).AssertFailed(1, cut, "cut off");
        File.WriteAllBytes(cut, Png.Forge(40_000, 25_000, 8, 6, [1, 2, 3]));
        EncodePath(cut).AssertFailed(1, cut, "40000×25000 pixels");
        EncodePath(model.Folder).AssertFailed(1, "is a folder");
        EncodePath(model.Out("nothing.png")).AssertFailed(1, "there is no such file");
        EncodePath("/dev/zero").AssertFailed(1, "longer than");

        TitokRun Encode(string content)
        {
            string picture = model.Out("a.png");
            File.WriteAllText(picture, content, Encoding.Latin1);
            return EncodePath(picture);
        }

        TitokRun EncodePath(string picture)
        {
            string output = model.Out("a.json");
            TitokRun run = TitokProcess.Run("encode", picture, "--model", model.Folder, "-o", output);
            CliModel.AssertNothingWritten(output);
            return run;
        }
    }

    [Fact]
    public void OneBadPictureAmongGoodOnesLeavesNoFolderOfPictures()
    {
        string good = model.Out("good.png"), output = model.Out("pictures");
        TitokProcess.Run("generate", "--model", model.Folder, "--class", "1", "-o", good).AssertDone();
        TitokProcess.Run("reconstruct", good, model.Folder, good, "--model", model.Folder, "-o", output).AssertFailed(1, "is a folder");
        CliModel.AssertNothingWritten(output);
    }

    [Theory]
    [InlineData("encode", "a.json")]
    [InlineData("reconstruct", "a.npy")]
    public void TooManyPicturesAreRefusedBeforeOneIsRead(string command, string output)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "a command line of Windows takes 32767 characters");
        TitokProcess.Run([command, .. Enumerable.Repeat("none.png", 10_001), "--model", model.Folder, "-o", model.Out(output)])
            .AssertFailed(2, "10001 images are too many at once; at most 10000");
    }

    [Theory]
    [InlineData("{\"tokens\": [[1, 2, 3, 4, 5, 6, 7, 256]]}", "256", "0 to 255")]
    [InlineData("{\"tokens\": [[1, 2, 3, 4, 5, 6, 7, -1]]}", "-1", "0 to 255")]
    [InlineData("{\"tokens\": [[1, 2, 3, 4, 5, 6, 7, 1.5]]}", "1.5")]
    [InlineData("{\"tokens\": [[1, 2, 3, 4, 5, 6, 7, \"8\"]]}", "\"8\"")]
    [InlineData("{\"tokens\": [[1, 2, 3, 4, 5, 6, 7, 8], [1, 2, 3]]}", "image 1", "8 tokens")]
    [InlineData("{\"tokens\": []}", "a list for each image")]
    [InlineData("{\"tokens\": 7}", "a list for each image")]
    [InlineData("[[1, 2]]", "a list for each image")]
    [InlineData("{\"tokens\": [[1, 2", "is not JSON (line 1, byte 18)")]
    [InlineData("{\"\\ud8050\": [[0, 1, 2, 3, 4, 5, 6, 7]]}", "is not JSON")]
    [InlineData("", "is empty")]
    [InlineData("\0\0\0", "is not JSON")]
    public void TokensThatAreNotAreRefused(string json, params string[] words)
    {
        string tokens = model.Out("tokens.json"), output = model.Out("a.png");
        File.WriteAllText(tokens, json);
        TitokProcess.Run("decode", tokens, "--model", model.Folder, "-o", output).AssertFailed(1, [tokens, .. words]);
        CliModel.AssertNothingWritten(output);
    }

    [Theory]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (1, 16, 1, 9), }", 16 * 9 * 4, "expected [N, 16, 1, 8]")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (128,), }", 16 * 8 * 4, "expected [N, 16, 1, 8]")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (1, 16, 1, 8), }", 16 * 8 * 4 - 1, "bytes of data")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (99999, 99999, 99999, 99999), }", 0, "can't be used")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (0, 16, 1, 8), }", 0, "can't be used")]
    [InlineData("{'descr': '<f8', 'fortran_order': False, 'shape': (1, 16, 1, 8), }", 16 * 8 * 8, "float32")]
    [InlineData("{'descr': '<f4', 'fortran_order': True, 'shape': (1, 16, 1, 8), }", 16 * 8 * 4, "C order")]
    [InlineData("hello", 0, "float32")]
    public void LatentsThatAreNotAreRefused(string header, int dataLength, string words) =>
        Decode(Npy.Forge(header, new byte[dataLength]), words);

    [Fact]
    public void LatentsThatAreNotNumbersAreRefused()
    {
        byte[] data = new byte[16 * 8 * 4];
        BitConverter.TryWriteBytes(data.AsSpan(40), float.NaN);
        Decode(Npy.Forge("{'descr': '<f4', 'fortran_order': False, 'shape': (1, 16, 1, 8), }", data), "element 10");
        Decode("PK"u8.ToArray(), "is not a .npy");
        Decode([0x93, .. "NUMPY"u8, 1, 0, 0xff, 0xff], "cut off");
    }

    [Fact]
    public void PartsThatDoNotBelongTogetherAreRefusedBeforeTheDeviceIsTouched()
    {
        Wine.SkipsWhatTheLoaderIsTold();
        // With no driver at all, only what comes before the device can be told.
        var noDriver = new Dictionary<string, string?> { ["VK_ICD_FILENAMES"] = "/nowhere.json", ["VK_DRIVER_FILES"] = "/nowhere.json" };
        string vae = CliModel.Vae, legacy = TestFiles.Golden("tokenizer_legacy"), vit = TestFiles.Golden("generator_vit");
        TitokProcess.Run(noDriver, "generate", "--tokenizer", vae, "--generator", vit).AssertFailed(1, "VAE");
        TitokProcess.Run(noDriver, "generate", "--tokenizer", vit, "--generator", vit).AssertFailed(1, "no tokenizer");
        TitokProcess.Run(noDriver, "generate", "--tokenizer", legacy, "--generator", legacy).AssertFailed(1, "no generator");
        TitokProcess.Run(noDriver, "encode", "a.png", "--tokenizer", vit, "-o", "a.json").AssertFailed(1, "no tokenizer");
        TitokProcess.Run(noDriver, "generate", "--model", model.Folder, "--class", "1").AssertFailed(1, "driver");
    }

    [Fact]
    public void AModelThatIsNotThereIsRefused()
    {
        string empty = Path.GetDirectoryName(model.Out("x"))!, half = model.Out("half");
        TitokProcess.Run("generate", "--model", "/no/such/model").AssertFailed(1, "/no/such/model", "no such file or folder");
        TitokProcess.Run("generate", "--model", empty).AssertFailed(1, empty, "model.safetensors");
        Directory.CreateDirectory(Path.Combine(half, "generator"));
        foreach (string file in new[] { "config.json", "model.safetensors" })
            File.Copy(TestFiles.Golden("generator_vit", file), Path.Combine(half, "generator", file));
        TitokProcess.Run("generate", "--model", half).AssertFailed(1, half, "no tokenizer");
        TitokRun info = TitokProcess.Run("info", "--model", half);
        info.AssertDone();
        Assert.StartsWith("generator", info.Output, StringComparison.Ordinal);
        File.Delete(Path.Combine(half, "generator", "config.json"));
        TitokProcess.Run("info", "--model", half).AssertFailed(1, "config.json");
    }

    [Fact]
    public void ADamagedModelIsRefused()
    {
        string folder = model.Out("damaged"), weights = Path.Combine(folder, "model.safetensors");
        Directory.CreateDirectory(folder);
        File.Copy(TestFiles.Golden("tokenizer_legacy", "config.json"), Path.Combine(folder, "config.json"));
        byte[] whole = File.ReadAllBytes(TestFiles.Golden("tokenizer_legacy", "model.safetensors"));
        File.WriteAllBytes(weights, whole[..(whole.Length / 2)]);
        TitokProcess.Run("info", "--model", folder).AssertFailed(1, weights);
        string output = model.Out("half.safetensors");
        TitokProcess.Run("convert", weights, output).AssertFailed(1, weights);
        CliModel.AssertNothingWritten(output);
        File.WriteAllText(weights, "");
        TitokProcess.Run("info", "--model", folder).AssertFailed(1, weights);
    }

    private TitokRun Generate(params string[] args)
    {
        string output = model.Out("a.png");
        TitokRun run = TitokProcess.Run(["generate", "--model", model.Folder, "-o", output, .. args]);
        CliModel.AssertNothingWritten(output);
        return run;
    }

    private void Decode(byte[] npy, string words)
    {
        string latents = model.Out("latents.npy"), output = model.Out("a.png");
        File.WriteAllBytes(latents, npy);
        TitokProcess.Run("decode", latents, "--tokenizer", CliModel.Vae, "-o", output).AssertFailed(1, latents, words);
        CliModel.AssertNothingWritten(output);
    }
}
