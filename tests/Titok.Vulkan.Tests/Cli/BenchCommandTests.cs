using System.Text.Json;
using Titok.Vulkan.Tests.Checkpoints;

namespace Titok.Vulkan.Tests.Cli;

public sealed class BenchCommandTests(CliModel model) : IClassFixture<CliModel>
{
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
        Assert.True(total > 0);
        Assert.Equal(stored, root.GetProperty("generator_weights").GetString());
        Assert.Equal(2 / total * 1000, root.GetProperty("pictures_per_second").GetDouble(), 0.05 * 2 / total * 1000);
        Assert.All(root.GetProperty("stages_ms").EnumerateObject(), stage => Assert.InRange(stage.Value.GetDouble(), 0, 1.5 * total));
        Assert.NotEmpty(root.GetProperty("stages_ms").EnumerateObject());
        Assert.Contains(TitokDevice.List(), device => device.Name == root.GetProperty("device").GetString() && device.Driver == root.GetProperty("driver").GetString());
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
        Assert.Contains("generator", run.Output, StringComparison.Ordinal);
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
}
