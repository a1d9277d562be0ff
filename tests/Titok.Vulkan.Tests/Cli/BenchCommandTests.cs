using System.Text.Json;
using Titok.Cli.Files;
using Titok.Vulkan.Tests.Checkpoints;

namespace Titok.Vulkan.Tests.Cli;

public sealed class BenchCommandTests(CliModel model) : IClassFixture<CliModel>
{
    private static readonly string[] s_stages = ["generator", "transformer_decoder", "pixel_decoder", "other", "encoder"];

    [Theory]
    [InlineData("auto", "fp32")]
    [InlineData("int8", "int8")]
    public void JsonIsOneLineThatAddsUp(string weights, string stored)
    {
        TitokRun run = TitokProcess.Run(
            "bench", "--model", model.Folder, "--precision", "fp32", "--generator-weights", weights, "--batch", "2", "--runs", "3", "--warmup", "1", "--json");
        run.AssertDone();
        Assert.Single(run.Output.TrimEnd().Split('\n'));
        using JsonDocument document = JsonDocument.Parse(run.Output);
        JsonElement root = document.RootElement;
        double total = root.GetProperty("total_ms").GetDouble();
        double[] runs = [.. root.GetProperty("total_ms_runs").EnumerateArray().Select(run => run.GetDouble()).Order()];
        Assert.Equal(3, runs.Length);
        Assert.True(runs[0] > 0);
        Assert.Equal(runs[1], total);
        Assert.True(root.GetProperty("encode_ms").GetDouble() > 0);
        Assert.Equal(stored, root.GetProperty("generator_weights").GetString());
        Assert.Equal(2 / total * 1000, root.GetProperty("pictures_per_second").GetDouble(), 1e-3 * 2 / total * 1000);
        Assert.Equal(s_stages.Order(), Times(root).Keys.Order());
        Assert.All(Times(root).Values, time => Assert.InRange(time, 1e-3, runs[^1]));
        Assert.Contains(TitokDevice.List(), device => device.Name == root.GetProperty("device").GetString() && device.Driver == root.GetProperty("driver").GetString());
    }

    [Fact]
    public void StagesKernelsAndCeilingsAreThoseOfOneRun()
    {
        TitokRun run = TitokProcess.Run("bench", "--model", model.Folder, "--runs", "1", "--warmup", "1", "--kernels", "--ceilings", "--json");
        run.AssertDone();
        using JsonDocument document = JsonDocument.Parse(run.Output);
        JsonElement root = document.RootElement;
        // What is not in a stage is the host's, which on a machine that does much else may be most of it. Nor need the
        // stages add up: the generator's end is of the host's clock, the decoder's begin the device's timestamp. On lavapipe, beside other
        // programs, they overlapped by up to 3 % of the total.
        double total = root.GetProperty("total_ms").GetDouble();
        Assert.InRange(Times(root).Where(stage => stage.Key != "encoder").Sum(stage => stage.Value), 0.2 * total, 1.1 * total);
        Assert.True(root.GetProperty("ceiling_gflops").GetDouble() > 0);
        Assert.True(root.GetProperty("ceiling_gbytes_per_second").GetDouble() > 0);
        string[] stages = ["decoder", "encoder", "generator"];
        Assert.Equal(stages, root.GetProperty("gflops").EnumerateObject().Select(stage => stage.Name).Order());
        Assert.All(root.GetProperty("gflops").EnumerateObject(), stage => Assert.True(stage.Value.GetDouble() > 0, root.GetRawText()));
        Assert.Equal(stages, root.GetProperty("kernels").EnumerateObject().Select(stage => stage.Name).Order());
        Assert.All(root.GetProperty("kernels").EnumerateObject(), stage => Assert.All(stage.Value.EnumerateArray(), kernel =>
        {
            Assert.True(kernel.GetProperty("dispatches").GetInt32() > 0);
            Assert.True(kernel.GetProperty("ms").GetDouble() > 0);
        }));
    }

    [Fact]
    public void WhatWasMeasuredIsNamedWhole()
    {
        string generator = Path.Combine(model.Folder, "generator"), tokenizer = TestFiles.Golden("tokenizer_legacy");
        Assert.Equal($"{model.Folder}, tokenizer {tokenizer}", Name("--model", model.Folder, "--tokenizer", tokenizer));
        Assert.Equal($"tokenizer {tokenizer}, generator {generator}", Name("--tokenizer", tokenizer, "--generator", generator));

        static string? Name(params string[] options)
        {
            TitokRun run = TitokProcess.Run(["bench", "--runs", "1", "--warmup", "0", "--steps", "1", "--json", .. options]);
            run.AssertDone();
            using JsonDocument document = JsonDocument.Parse(run.Output);
            return document.RootElement.GetProperty("model").GetString();
        }
    }

    [Fact]
    public void TextIsForPeople()
    {
        TitokRun run = TitokProcess.Run("bench", "--model", model.Folder, "--runs", "1", "--warmup", "0");
        run.AssertDone();
        string[] stages = [.. s_stages.Select(stage => stage == "encoder" ? "encoder, on the device" : stage.Replace('_', ' '))];
        foreach (string what in stages.Concat(["generate, in all", "encode, in all"]))
            Assert.Matches($@"(?m)^  {what}( +\d+\.\d){{3}}\r?$", run.Output);
        Assert.Matches(@"(?m)^[\d.e+]+ images a second; ", run.Output);
    }

    [Fact]
    public void WhatCannotBeMeasuredIsRefused()
    {
        TitokProcess.Run("bench", "--model", "L-33", "--random-weights").AssertFailed(2, "--model must be L-32, B-64 or S-128, not 'L-33'");
        TitokProcess.Run("bench", "--random-weights").AssertFailed(2, "--random-weights needs --model L-32, B-64 or S-128");
        TitokProcess.Run("bench", "--model", model.Folder, "--weights", "somewhere").AssertFailed(2, "--random-weights");
        TitokProcess.Run("bench", "--model", model.Folder, "--runs", "0").AssertFailed(2, "--runs");
        TitokProcess.Run("bench", "--model", "L-32", "--random-weights", "--weights", "/dev/null").AssertFailed(1, "/dev/null");
        TitokProcess.Run("bench", "--model", "L-32", "--random-weights", "--weights", model.Folder).AssertFailed(1, "another model", "L-32");
        TitokProcess.Run("bench", "--model", "L-32", "--random-weights", "--generator", model.Folder).AssertFailed(2, "--model alone");
    }

    /// <summary>Half a model, as one is while it is downloaded.</summary>
    [Fact]
    public void WeightsThatBenchDidNotMakeAreNotOverwritten()
    {
        string folder = model.Out("mine"), weights = Path.Combine(folder, "generator", "model.safetensors");
        Directory.CreateDirectory(Path.GetDirectoryName(weights)!);
        File.WriteAllText(weights, "mine");
        TitokProcess.Run("bench", "--model", "S-128", "--random-weights", "--weights", folder).AssertFailed(1, folder, "is not empty");
        Assert.Equal("mine", File.ReadAllText(weights));
        Assert.Single(Directory.EnumerateFileSystemEntries(folder));
    }

    /// <summary>Where making them was interrupted they are made again, over what is there.</summary>
    [Fact]
    public void AFolderThatBenchLeftUnfinishedIsItsOwn()
    {
        string folder = model.Out("weights"), unfinished = Path.Combine(folder, RandomWeights.UnfinishedName), weights = Path.Combine(folder, "generator", "model.safetensors");
        using (var interrupted = new CancellationTokenSource())
        {
            interrupted.Cancel();
            Assert.ThrowsAny<OperationCanceledException>(() => RandomWeights.Make("S-128", folder, interrupted.Token));
            Assert.True(File.Exists(unfinished));
            Directory.CreateDirectory(Path.GetDirectoryName(weights)!);
            File.WriteAllText(weights, "half");
            Assert.ThrowsAny<OperationCanceledException>(() => RandomWeights.Make("S-128", folder, interrupted.Token));
        }
    }

    private static Dictionary<string, double> Times(JsonElement root) =>
        root.GetProperty("stages_ms").EnumerateObject().ToDictionary(stage => stage.Name, stage => stage.Value.GetDouble());
}
