using System.CommandLine;
using Titok.Vulkan;

namespace Titok.Cli.Commands;

/// <summary>The options of every command that loads a model: which, where, and how precisely.</summary>
internal sealed class ModelOptions
{
    private readonly Option<string?> _model = new("--model") { Description = "A folder with both parts of a model", HelpName = "DIR" };
    private readonly Option<string?> _tokenizer = new("--tokenizer") { Description = "The tokenizer: a folder, or a weights file beside its config.json", HelpName = "DIR_OR_FILE" };
    private readonly Option<string?> _generator = new("--generator") { Description = "The generator: a folder, or a weights file beside its config.json", HelpName = "DIR_OR_FILE" };
    private readonly Option<string?> _device = new("--device") { Description = "Number of the device, or part of its name (see titok devices)", HelpName = "N" };
    private readonly Option<string> _precision = new("--precision") { Description = "Storage of weights and activations", DefaultValueFactory = _ => "auto" };

    public ModelOptions() => _precision.AcceptOnlyFromAmong("auto", "fp32", "fp16");

    public void AddTo(Command command)
    {
        foreach (Option option in new Option[] { _model, _tokenizer, _generator, _device, _precision })
            command.Options.Add(option);
    }

    public string TokenizerPath(ParseResult parsed) => Path(parsed, _tokenizer, "tokenizer");

    public string GeneratorPath(ParseResult parsed) => Path(parsed, _generator, "generator");

    public TitokPrecision Precision(ParseResult parsed) => parsed.GetValue(_precision) switch
    {
        "fp32" => TitokPrecision.Fp32,
        "fp16" => TitokPrecision.Fp16,
        _ => TitokPrecision.Auto,
    };

    public TitokDevice OpenDevice(ParseResult parsed) => TitokDevice.Create(new TitokDeviceOptions { Device = parsed.GetValue(_device) });

    private string Path(ParseResult parsed, Option<string?> part, string name) =>
        parsed.GetValue(part) ?? parsed.GetValue(_model) ?? throw new UsageException($"name a model with --model DIR or --{name} DIR_OR_FILE");
}
