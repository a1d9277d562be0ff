using System.Text;
using Titok.Vulkan.Checkpoints;

namespace Titok.Vulkan.Tests.Checkpoints;

public class HostileConfigTests
{
    private static readonly HostileFile[] _configs =
    [
        Config("", "is not valid JSON"),
        Config("[1]", "expected a JSON object"),
        Config("{\"model\": {", "is not valid JSON"),
        Config("{\"model\": {}} trailing", "is not valid JSON"),
        Config(new string('{', 100), "is not valid JSON"),
        Config("{\"model\":" + string.Concat(Enumerable.Repeat("{\"a\":", 100)), "is not valid JSON"),
        Config("{}", "'model' is missing"),
        Config("{\"model\": 3}", "'model' is '3', expected an object"),
        Config("{\"model\": {}, \"model\": {}}", "is not valid JSON"),
        Config("{\"model\": {\"vq_model\": {\"num_latent_tokens\": 0}}}", "'model.vq_model.num_latent_tokens' is '0', expected a whole number from 1 to 65536"),
        Config("{\"model\": {\"vq_model\": {\"num_latent_tokens\": \"32\"}}}", "is '\"32\"', expected a whole number"),
        Config("{\"model\": {\"vq_model\": {\"codebook_size\": 1e30}}}", "'model.vq_model.codebook_size' is '1e30'"),
        Config("{\"model\": {\"vq_model\": {\"codebook_size\": 99999999999999999999}}}", "expected a whole number"),
        Config("{\"model\": {\"vq_model\": {\"use_l2_norm\": \"yes\"}}}", "expected true or false"),
        Config("{\"model\": {\"vq_model\": {\"quantize_mode\": \"fsq\"}}}", "'model.vq_model.quantize_mode' is 'fsq', expected vq or vae"),
        Config("{\"model\": {\"vq_model\": {\"vit_enc_model_size\": 7}}}", "expected text"),
        Config("{\"model\": {\"vq_model\": {\"vit_enc_model_size\": \"\\ud800\"}}}", "not Unicode"),
        Config("{\"model\": {\"generator\": {\"model_type\": \"GPT\"}}}", "is 'GPT', expected ViT or UViT"),
        Config("{\"model\": {\"generator\": {\"guidance_decay\": \"cosine\"}}}", "expected constant, linear or power-cosine"),
        Config("{\"model\": {\"generator\": {\"guidance_scale\": -10001}}}", "expected a number from -10000"),
        Config("{\"model\": {\"generator\": {\"guidance_scale\": 1e999}}}", "expected a number from -10000"),
        Config("{\"model\": {\"generator\": {\"num_steps\": 1000000000}}}", $"expected a whole number from 1 to {GenerationSettings.MaxSteps}"),
        Config("{\"model\": {\"vq_model\": {\"num_latent_tokens\": 32}, \"generator\": {\"image_seq_len\": 64}}}", "'model.generator.image_seq_len' is 64, but 'model.vq_model.num_latent_tokens' is 32"),
        Config("{\"model\": {}, \"dataset\": {\"preprocessing\": {\"crop_size\": 1000000000}}}", "'dataset.preprocessing.crop_size' is '1000000000', expected a whole number from 16 to 4096"),
        new("config.json", [.. "{\"model\": {\"vq_model\": {\"vit_enc_model_size\": \""u8, 0xff, .. "\"}}}"u8], "not"),
    ];

    private static readonly HostileFile[] _presets =
    [
        Presets("", "is not valid JSON"),
        Presets("[]", "expected a JSON object"),
        Presets("{\"paper\": 8}", "'paper' is '8', expected an object"),
        Presets("{\"paper\": null}", "'paper' is missing"),
        Presets("{\"\": {}}", "can't be a preset's name"),
        Presets("{\"a\\nb\": {}}", "can't be a preset's name"),
        Presets("{\"paper\": {}}", "'paper.steps' is missing"),
        Presets("{\"paper\": {\"stepps\": 8}}", "'paper.stepps' is not a known setting"),
        Presets("{\"paper\": {\"steps\": 0}}", $"'paper.steps' is '0', expected a whole number from 1 to {GenerationSettings.MaxSteps}"),
        Presets("{\"paper\": {\"steps\": 8, \"guidance\": \"high\"}}", "expected a number"),
        Presets("{\"paper\": {\"steps\": 8, \"guidance\": -10001}}", "expected a number from -10000 to 10000"),
        Presets("{\"paper\": {\"steps\": 8, \"guidance\": 4, \"guidance_decay\": \"none\"}}", "expected constant, linear or power-cosine"),
        Presets("{\"paper\": {\"steps\": 8, \"guidance\": 4, \"guidance_decay\": \"linear\", \"temperature\": 1}}", "'paper.anneal' is missing"),
        Presets("{\"paper\": {}, \"paper\": {}}", "is not valid JSON"),
        Presets("{\"\\ud800\": {}}", "not"),
    ];

    private static readonly HostileFile[] _classes =
    [
        Classes("", "is empty"),
        Classes("cat\n\ndog", "line 2 has 0 characters"),
        Classes("cat\n   \n", "line 2 has 0 characters"),
        Classes("cat\nd\0g", "line 2 has a control character"),
        Classes("cat\n" + new string('x', 1001), "line 2 has 1001 characters, expected a label of 1 to 1000"),
        new("classes.txt", [(byte)'c', 0xc3, 0x28], "is not UTF-8 text (byte 1)"),
    ];

    public static TheoryData<int> ConfigCases => [.. Enumerable.Range(0, _configs.Length)];

    public static TheoryData<int> PresetsCases => [.. Enumerable.Range(0, _presets.Length)];

    public static TheoryData<int> ClassesCases => [.. Enumerable.Range(0, _classes.Length)];

    [Theory]
    [MemberData(nameof(ConfigCases))]
    public void ConfigIsRefused(int index) => _configs[index].IsRefusedBy((content, file) => TitokConfig.Parse(content, file));

    [Theory]
    [MemberData(nameof(PresetsCases))]
    public void PresetsAreRefused(int index) => _presets[index].IsRefusedBy((content, file) => PresetsFile.Parse(content, file));

    [Theory]
    [MemberData(nameof(ClassesCases))]
    public void ClassesAreRefused(int index) => _classes[index].IsRefusedBy((content, file) => ClassesFile.Parse(content, file));

    /// <summary>Without what the parser tells programmers, and lines as editors count them.</summary>
    [Fact]
    public void WhatIsNoJsonIsSaidInOneSentence()
    {
        ModelFormatException e = Assert.Throws<ModelFormatException>(() => TitokConfig.Parse("{\"model\": {},\n}"u8.ToArray(), "config.json"));
        Assert.Equal("config.json: is not valid JSON (line 2): The JSON object contains a trailing comma at the end which is not supported in this mode.", e.Message);
        e = Assert.Throws<ModelFormatException>(() => TitokConfig.Parse("{"u8.ToArray(), "config.json"));
        Assert.StartsWith("config.json: is not valid JSON (line 1): Expected depth to be zero at the end of the JSON payload.", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("LineNumber", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ConfigDefaultsAreThePublishedCodes()
    {
        TitokConfig config = TitokConfig.Parse("\uFEFF{\"model\": {\"vq_model\": {\"codebook_size\": null}, \"unknown\": [1]}}"u8.ToArray(), "config.json");
        Assert.Equal(new TokenizerConfig { File = "config.json" }, config.Tokenizer);
        Assert.True(config.Tokenizer!.IsLegacy);
        Assert.True(config.Tokenizer.FinetuneDecoder);
        Assert.Equal(QuantizeMode.Vq, config.Tokenizer.Mode);
        Assert.Null(config.Generator);
    }

    [Fact]
    public void PresetsAreRead()
    {
        const string Json = """
            {"paper": {"steps": 64, "guidance": 6.9, "guidance_decay": "power-cosine", "guidance_power": 2, "temperature": 2.8, "anneal": true},
             "demo": {"steps": 8, "guidance": 4.5, "guidance_decay": "constant", "temperature": 1, "anneal": false}}
            """;
        IReadOnlyDictionary<string, GenerationSettings> presets = PresetsFile.Parse(Encoding.UTF8.GetBytes(Json), "presets.json");
        Assert.Equal(new GenerationSettings(64, 6.9f, GuidanceDecay.PowerCosine, 2, 2.8f, true), presets["paper"]);
        Assert.Equal(new GenerationSettings(8, 4.5f, GuidanceDecay.Constant, 3, 1, false), presets["demo"]);
    }

    [Fact]
    public void ClassesAreReadWithAnyLineEnding() =>
        Assert.Equal(["goldfish, Carassius", "crane", "crane"], ClassesFile.Parse("\uFEFFgoldfish, Carassius\r\ncrane\ncrane"u8, "classes.txt").AsEnumerable());

    private static HostileFile Config(string json, string reason) => new("config.json", Encoding.UTF8.GetBytes(json), reason);

    private static HostileFile Presets(string json, string reason) => new("presets.json", Encoding.UTF8.GetBytes(json), reason);

    private static HostileFile Classes(string text, string reason) => new("classes.txt", Encoding.UTF8.GetBytes(text), reason);
}
