using System.Globalization;
using System.Text;
using Titok.Vulkan.Checkpoints;

namespace Titok.Vulkan.Tests.Checkpoints;

/// <summary>
/// Damaged inputs for every parser: each is read, or refused with <see cref="ModelFormatException"/>, and nothing else.
/// TITOK_FUZZ_ITERATIONS raises the number of inputs.
/// </summary>
public class FuzzTests(ITestOutputHelper output)
{
    private const int DefaultIterations = 20_000;
    private const ulong Seed = 0x7170_6f4b;

    private static readonly byte[][] _jsonWords = Words(
        "{", "}", "[", "]", "\"", ",", ":", "null", "true", "-1", "1e999", "1e-999", "0.5", "99999999999999999999", "\"\\ud800\"", "\"\\u0000\"",
        "\u202e", "{\"a\":", "[[[[[[[[", "\\", "\n");

    [Fact]
    public void Safetensors() => Fuzz(
        [
            SafetensorsBuilder.Build("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"BF16","shape":[2,1],"data_offsets":[8,12]}}""", 12),
            SafetensorsBuilder.Build("""{"__metadata__":{"format":"pt"},"s":{"dtype":"F16","shape":[],"data_offsets":[0,2]},"i":{"dtype":"I64","shape":[1],"data_offsets":[2,10]},"e":{"dtype":"F32","shape":[0,5],"data_offsets":[0,0]}}  """, 10),
        ],
        [.. _jsonWords, .. Words("\"dtype\"", "\"shape\"", "\"data_offsets\"", "\"F32\"", "\"F16\"", "\"BF16\"", "\"I64\"", "\"F64\"", "\"__metadata__\"", "[0,0]", "[0,8]")],
        ReadAll);

    [Fact]
    public void PyTorchZip() => Fuzz(
        [Zip(Pickles()[0]), Zip(Pickles()[0], zip64: true), Zip(Pickles()[1])],
        [.. Words("PK\x01\x02", "PK\x03\x04", "PK\x05\x06", "PK\x06\x06", "PK\x06\x07", "m/data.pkl", "m/data/0", "data.pkl", "m/byteorder", "big"), .. _pickleWords],
        ReadAll);

    [Fact]
    public void Pickle() => Fuzz(Pickles(), _pickleWords, pickle => ReadAll(Zip(pickle)));

    [Fact]
    public void Config() => Fuzz(
        [.. Directory.EnumerateFiles(TestFiles.Golden(), "config.json", SearchOption.AllDirectories).Order().Select(File.ReadAllBytes)],
        [.. _jsonWords, .. Words("\"model\"", "\"vq_model\"", "\"generator\"", "\"is_legacy\":false", "\"vae\"", "\"UViT\"", "\"power-cosine\"", "\"guidance_scale_pow\":3")],
        json => TitokConfig.Parse(json, "config.json"));

    [Fact]
    public void Presets() => Fuzz(
        ["""{"paper":{"steps":8,"guidance":4.5,"guidance_decay":"linear","guidance_power":3,"temperature":9.5,"anneal":true},"demo":{"steps":1,"guidance":0,"guidance_decay":"constant","temperature":1,"anneal":false}}"""u8.ToArray()],
        [.. _jsonWords, .. Words("\"steps\"", "\"guidance\"", "\"guidance_decay\"", "\"power-cosine\"", "\"anneal\"", "\"paper\"")],
        json => PresetsFile.Parse(json, "presets.json"));

    [Fact]
    public void Classes() => Fuzz(
        ["tench, Tinca tinca\r\ngoldfish\ngreat white shark\n"u8.ToArray(), "\uFEFFrouge-gorge\ncygne à bec\n蝶"u8.ToArray()],
        [.. Words("\n", "\r\n", "\r", "\n\n", "\0", "\u2028", "\uFEFF", "  "), [0xff], [0xc3], [0xed, 0xa0, 0x80]],
        text => ClassesFile.Parse(text, "classes.txt"));

    /// <summary>The inference of a network from tensors: their headers damaged, and the config as it is.</summary>
    [Theory]
    [InlineData("tokenizer_legacy")]
    [InlineData("tokenizer_vae")]
    [InlineData("generator_vit")]
    [InlineData("generator_uvit")]
    public void Inference(string golden)
    {
        TitokConfig config = TitokConfig.Open(DiskFiles.Instance, TestFiles.Golden(golden, "config.json"));
        using Checkpoint checkpoint = Checkpoint.Open(TestFiles.Golden(golden, "model.safetensors"));

        // One line a tensor, so that the damage reaches names and shapes, and enough lines stay right to get far.
        string lines = string.Join('\n', checkpoint.Tensors.Values.Select(tensor => $"{tensor.Name} {string.Join('x', tensor.Shape)}"));
        byte[][] words = [.. Words("\n", " ", "0", "1", "x", "x1", "2147483647", "715827883", "transformer", "block", "attn", ".1.", ".0.", "weight", "bias")];
        Fuzz([Encoding.UTF8.GetBytes(lines)], words, text =>
        {
            var damaged = new Checkpoint("model.safetensors", Parse(Encoding.UTF8.GetString(text)));
            if (golden.StartsWith("tokenizer", StringComparison.Ordinal))
                TokenizerSpec.Infer(damaged, config.Tokenizer!);
            else
                GeneratorSpec.Infer(damaged, config.Generator!);
        }, iterationsShare: 10);
    }

    private static readonly byte[][] _pickleWords =
    [
        .. Words("ctorch._utils\n_rebuild_tensor_v2\n", "ctorch._utils\n_rebuild_parameter\n", "ccollections\nOrderedDict\n", "ctorch\nFloatStorage\n",
            "ctorch\nLongStorage\n", "ctorch\nDoubleStorage\n", "cos\nsystem\n", "(", "t", "}", "]", ")", "R", "Q", "b", "u", "s", "a", "e", ".", "N", "h\0", "q\0", "K\x01"),
        [0x80, 2], [0x85], [0x86], [0x87], [0x88], [0x89], [0x8a, 8], [0x8c, 1, (byte)'x'], [0x93], [0x94], [0x95],
    ];

    private static byte[][] Pickles() =>
    [
        PickleBuilder.StateDict(p => p.Tensor("w", "FloatStorage", "0", 6, 0, [2, 3], [3, 1]).Tensor("t", "FloatStorage", "0", 6, 1, [2, 2], [1, 2])),
        PickleBuilder.StateDict(p => p.Tensor("p", "FloatStorage", "0", 6, 0, [], [], asParameter: true).Tensor("i", "LongStorage", "1", 1, 0, [1], [1])),
        new PickleBuilder().Op('}').Op('.').Build(),
    ];

    private static byte[] Zip(byte[] pickle, bool zip64 = false) => new ZipBuilder { Zip64 = zip64, PaddingInBytes = 3 }
        .Add("m/data.pkl", pickle).Add("m/byteorder", "little"u8).Add("m/data/0", new byte[24]).Add("m/data/1", new byte[8]).Build();

    private static byte[][] Words(params string[] words) => [.. words.Select(word => Encoding.UTF8.GetBytes(word))];

    private static void ReadAll(byte[] content)
    {
        using Checkpoint checkpoint = Checkpoint.Parse(content, "model");
        foreach (TensorInfo tensor in checkpoint.Tensors.Values)
        {
            // A tensor expanded from one element may rightly claim up to 2 GiB; nothing reads it before its shape is checked.
            if (tensor.LengthInBytes <= 1 << 16)
                Assert.Equal(tensor.ElementCount, checkpoint.ReadFloats(tensor.Name).LongLength);
        }
    }

    private static IEnumerable<TensorInfo> Parse(string text)
    {
        var names = new HashSet<string>();
        foreach (string line in text.Split('\n'))
        {
            string[] parts = line.Split(' ');
            if (!names.Add(parts[0]))
                continue;
            int[] shape = [.. from part in parts[^1].Split('x').Take(TensorShape.MaxRank)
                              select int.TryParse(part, CultureInfo.InvariantCulture, out int number) && number >= 0 ? number : 3];

            // The readers refuse what is larger, so inference never sees it.
            if (TensorShape.TryLengthInBytes(shape, 2, out _))
                yield return new TensorInfo(parts[0], TensorType.F16, [.. shape]);
        }
    }

    private void Fuzz(byte[][] inputs, byte[][] words, Action<byte[]> parse, int iterationsShare = 1)
    {
        int iterations = int.TryParse(Environment.GetEnvironmentVariable("TITOK_FUZZ_ITERATIONS"), CultureInfo.InvariantCulture, out int asked) ? asked : DefaultIterations;
        iterations /= iterationsShare;
        foreach (byte[] input in inputs)
            parse(input);

        var mutator = new Mutator(Seed, inputs, words);
        var reasons = new HashSet<string>();
        int refused = 0;
        for (int i = 0; i < iterations; i++)
        {
            byte[] damaged = mutator.Next();
            try
            {
                parse(damaged);
            }
            catch (ModelFormatException e)
            {
                refused++;
                Assert.False(e.Message.AsSpan().ContainsAny('\n', '\r', '\0') || e.Message.Length > 2000, $"Input {i} gives a message that is not one line: {e.Message}");
                if (reasons.Count < 10_000)
                    reasons.Add(e.Message);
            }
            catch (Exception e)
            {
                Assert.Fail($"Input {i} gives {e}\n{Convert.ToHexString(damaged)}");
            }
        }

        // A parser that is refused everything, or nothing, was not really tried.
        output.WriteLine($"{iterations} inputs: {refused} refused, for {reasons.Count} reasons, {iterations - refused} read");
        Assert.InRange(refused, iterations / 20, iterations);
        Assert.True(iterations < 1000 || reasons.Count > 20, $"Only {reasons.Count} different reasons were met.");
    }
}
