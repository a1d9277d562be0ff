using System.Text.Json;
using Titok.Vulkan.Tests.Checkpoints;
using Titok.Vulkan.Tests.Models;

namespace Titok.Vulkan.Tests.Cli;

public sealed class GenerateCommandTests(CliModel model) : IClassFixture<CliModel>
{
    [Fact]
    public void OnePictureIsAPngThatKnowsItsRequest()
    {
        string output = model.Out("one.png");
        TitokRun run = Generate("--class", "Goldfish", "--seed", "18446744073709551615", "--steps", "3", "--guidance", "2.5", "-o", output);
        run.AssertDone();
        Assert.Equal($"{output}: 1 image of 64×64\n", run.Output);
        CliModel.AssertOnlyWritten(output, "one.png");
        Assert.Equal((64, 64), (Png.Read(output).Width, Png.Read(output).Height));

        using JsonDocument request = JsonDocument.Parse(Png.Texts(output)["titok"]);
        JsonElement root = request.RootElement;
        Assert.Equal(1, root.GetProperty("classes")[0].GetInt32());
        Assert.Equal("goldfish", root.GetProperty("labels")[0].GetString());
        Assert.Equal(ulong.MaxValue, root.GetProperty("seed").GetUInt64());
        Assert.Equal(3, root.GetProperty("steps").GetInt32());
        Assert.Equal(2.5, root.GetProperty("guidance").GetDouble());
        Assert.Equal("linear", root.GetProperty("guidance_decay").GetString());
        Assert.Equal(9.5, root.GetProperty("temperature").GetDouble());
        Assert.True(root.GetProperty("anneal").GetBoolean());
    }

    [Theory]
    [InlineData("greedy_constant")]
    [InlineData("sampled_constant")]
    [InlineData("sampled_linear")]
    public void TheTokensAreThoseOfThePublishedCode(string name)
    {
        using var golden = new GoldenModel("generator_vit");
        using var runs = JsonDocument.Parse(File.ReadAllText(TestFiles.Golden("generator_vit", "runs.json")));
        JsonElement run = runs.RootElement.GetProperty(name);
        string tokens = model.Out("tokens.json");
        Generate(
            "--class", "3,7",
            "--seed", "42",
            "--precision", "fp32",
            "--steps", run.GetProperty("num_sample_steps").GetRawText(),
            "--guidance", run.GetProperty("guidance_scale").GetRawText(),
            "--guidance-decay", run.GetProperty("guidance_decay").GetString()!,
            "--temperature", run.GetProperty("randomize_temperature").GetRawText(),
            run.TryGetProperty("softmax_temperature_annealing", out JsonElement anneal) && anneal.GetBoolean() ? "--anneal" : "--no-anneal",
            "--tokens", tokens,
            "-o", model.Out("pictures.npy")).AssertDone();
        Assert.Equal(golden.Integers($"{name}.tokens"), Tokens(tokens).SelectMany(t => t));
    }

    [Fact]
    public void SheetFolderAndNpyHoldTheSamePictures()
    {
        string sheet = model.Out("sheet.png"), folder = model.Out("pictures"), array = model.Out("pictures.npy");
        foreach (string output in new[] { sheet, folder, array })
            Generate("--class", "1,2,3", "-o", output).AssertDone();
        CliModel.AssertOnlyWritten(sheet, "sheet.png");

        (float[] pictures, int[] shape) = Npy.Read(array);
        Assert.Equal([3, 3, 64, 64], shape);
        (int width, int height, byte[] grid) = Png.Read(sheet);
        Assert.Equal((2 * 68 + 4, 2 * 68 + 4), (width, height));
        Assert.Equal(["0000.png", "0001.png", "0002.png"], Directory.EnumerateFiles(folder).Select(Path.GetFileName).Order());
        for (int picture = 0; picture < 3; picture++)
        {
            byte[] alone = Png.Read(Path.Combine(folder, $"000{picture}.png")).Planar;
            Assert.Equal(pictures.Skip(picture * alone.Length).Take(alone.Length).Select(ToByte), alone);
            for (int i = 0; i < alone.Length; i++)
            {
                (int c, int y, int x) = (i / 4096, i / 64 % 64, i % 64);
                Assert.Equal(alone[i], grid[(c * height + 4 + picture / 2 * 68 + y) * width + 4 + picture % 2 * 68 + x]);
            }
        }
        using JsonDocument second = JsonDocument.Parse(Png.Texts(Path.Combine(folder, "0001.png"))["titok"]);
        Assert.Equal((2, 1UL), (second.RootElement.GetProperty("classes")[0].GetInt32(), second.RootElement.GetProperty("seed").GetUInt64()));
        using JsonDocument all = JsonDocument.Parse(Png.Texts(sheet)["titok"]);
        Assert.Equal(3, all.RootElement.GetProperty("classes").GetArrayLength());
    }

    [Fact]
    public void CountMakesSoManyOfEachClassByClassAndPictureIUsesSeedPlusI()
    {
        string together = model.Out("together.json");
        Generate("--class", "3,7", "--count", "2", "--seed", "5", "--tokens", together, "-o", model.Out("a.png")).AssertDone();
        int[][] tokens = Tokens(together);
        Assert.Equal(4, tokens.Length);
        (string Class, string Seed)[] alone = [("3", "5"), ("3", "6"), ("7", "7"), ("7", "8")];
        for (int i = 0; i < 4; i++)
        {
            string one = model.Out("one.json");
            Generate("--class", alone[i].Class, "--seed", alone[i].Seed, "--tokens", one, "-o", model.Out("b.png")).AssertDone();
            Assert.Equal(Tokens(one)[0], tokens[i]);
        }
        Assert.Equal(4, tokens.Select(t => string.Join(',', t)).Distinct().Count());
    }

    [Fact]
    public void WithoutAClassThereIsOneOfEach()
    {
        string output = model.Out("all.npy");
        Generate("-o", output).AssertDone();
        Assert.Equal([10, 3, 64, 64], Npy.Read(output).Shape);
    }

    [Fact]
    public void APresetIsShortForItsSettings()
    {
        string named = model.Out("named.json"), spelled = model.Out("spelled.json");
        Generate("--class", "4", "--preset", "demo", "--tokens", named, "-o", model.Out("a.png")).AssertDone();
        Generate("--class", "4", "--steps", "8", "--guidance", "4.5", "--guidance-decay", "constant", "--temperature", "1", "--no-anneal", "--tokens", spelled, "-o", model.Out("b.png")).AssertDone();
        Assert.Equal(File.ReadAllText(named), File.ReadAllText(spelled));
    }

    [Fact]
    public void TheSameRequestMakesTheSameFile()
    {
        string first = model.Out("a.png"), second = model.Out("b.png");
        Generate("--class", "tench", "--seed", "9", "-o", first).AssertDone();
        Generate("--class", "tench, tinca tinca", "--seed", "9", "-o", second).AssertDone();
        Assert.Equal(File.ReadAllBytes(first), File.ReadAllBytes(second));
    }

    [Fact]
    public void AFileThatIsThereIsReplacedWhole()
    {
        string output = model.Out("old.png");
        File.WriteAllText(output, new string('x', 1 << 20));
        Generate("--class", "0", "-o", output).AssertDone();
        Assert.Equal(64, Png.Read(output).Width);
        CliModel.AssertOnlyWritten(output, "old.png");
    }

    private TitokRun Generate(params string[] args) => TitokProcess.Run(["generate", "--model", model.Folder, .. args]);

    private static byte ToByte(float value) => (byte)(Math.Clamp(value, 0, 1) * 255);

    private static int[][] Tokens(string path)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(path));
        return [.. document.RootElement.GetProperty("tokens").EnumerateArray().Select(list => list.EnumerateArray().Select(t => t.GetInt32()).ToArray())];
    }
}
