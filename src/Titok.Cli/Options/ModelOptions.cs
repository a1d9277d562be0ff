using System.CommandLine;
using Titok.Cli.Display;
using Titok.Vulkan;

namespace Titok.Cli.Options;

/// <summary>The options that say which model, where, and how precisely.</summary>
internal sealed class ModelOptions
{
    private readonly Option<string?> _model = new Option<string?>("--model") { Description = "Model folder, with tokenizer/ and generator/; default: the bundled models/sprites", HelpName = "DIR" }.ThatIsPath();
    private readonly Option<string?> _tokenizer = new Option<string?>("--tokenizer") { Description = "Tokenizer: a folder, or a weights file beside its config.json", HelpName = "DIR_OR_FILE" }.ThatIsPath();
    private readonly Option<string?> _generator = new Option<string?>("--generator") { Description = "Generator: a folder, or a weights file beside its config.json", HelpName = "DIR_OR_FILE" }.ThatIsPath();
    private readonly Option<string?> _device = new("--device") { Description = "Device: its number or part of its name (see titok devices), uuid:…, luid:… or pci:…; default: the best one", HelpName = "N" };
    private readonly Option<TitokPrecision?> _precision = ChoiceOption.Of(
        "--precision", "Storage of weights and activations; default auto: fp16 on a GPU, fp32 on a CPU",
        ("auto", TitokPrecision.Auto), ("fp32", TitokPrecision.Fp32), ("fp16", TitokPrecision.Fp16));

    private readonly Option<TitokGeneratorWeights?> _generatorWeights = ChoiceOption.Of(
        "--generator-weights", "Storage of the generator's linear layers; default auto: as --precision says; int8 takes less memory and gives other tokens",
        ("auto", TitokGeneratorWeights.Auto), ("int8", TitokGeneratorWeights.Int8));

    /// <summary>
    /// Adds the options for the parts of a model, and for the device that a command runs on, if it runs on one. A command that has
    /// no use for the generator takes one all the same, so that all of them can be told of a model in the same words.
    /// </summary>
    public void AddTo(Command command, bool generator = true, bool device = true)
    {
        command.Options.Add(_model);
        command.Options.Add(_tokenizer);
        command.Options.Add(_generator);
        if (!generator)
            _generator.Description = "Generator, as other commands take it; not used here";
        if (device)
        {
            _device.Validators.Add(result =>
            {
                // An unset variable of a shell: not a wish for the best device.
                if (result.Tokens.Any(token => token.Value.Length == 0))
                    result.AddError($"{_device.Name} is empty");
            });
            command.Options.Add(_device);
            command.Options.Add(_precision);
            if (generator)
                command.Options.Add(_generatorWeights);
        }
        Option[] parts = generator ? [_tokenizer, _generator] : [_tokenizer];
        command.Validators.Add(result =>
        {
            // Nothing of the model would be used.
            if (parts.Prepend(_model).All(option => result.GetResult(option) is { Implicit: false }))
                result.AddError($"{_model.Name} does not go with {(parts.Length == 1 ? "" : "both ")}{string.Join(" and ", parts.Select(p => p.Name))}");
        });
    }

    /// <summary>All that was given as the model, for a report: where parts come from elsewhere, they are named too.</summary>
    public string ModelName(ParseResult parsed)
    {
        (string Kind, string? Path)[] given = [("", parsed.GetValue(_model)), ("tokenizer ", parsed.GetValue(_tokenizer)), ("generator ", parsed.GetValue(_generator))];
        string name = string.Join(", ", given.Where(g => g.Path is not null).Select(g => g.Kind + g.Path));
        return name.Length != 0 ? name : BuiltIn(parsed, "generator");
    }

    /// <summary>The published model whose weights are to be made up, which has no parts of its own.</summary>
    public string RandomName(ParseResult parsed) =>
        parsed.GetValue(_tokenizer) is null && parsed.GetValue(_generator) is null
            ? parsed.GetValue(_model) ?? throw new UsageException($"--random-weights needs --model {Alternatives.Text(TitokCheckpoint.PublishedModels)}")
            : throw new UsageException("--random-weights goes with --model alone");

    public string TokenizerPath(ParseResult parsed) => Path(parsed, _tokenizer, "tokenizer");

    public string GeneratorPath(ParseResult parsed) => Path(parsed, _generator, "generator");

    /// <summary>What is known of the tokenizer without a device.</summary>
    public TitokTokenizerInfo InspectTokenizer(ParseResult parsed) =>
        TitokModelInfo.Read(TokenizerPath(parsed), null).Tokenizer!;

    /// <summary>What is known of both parts, which must fit each other, without a device.</summary>
    public TitokModelInfo InspectPair(ParseResult parsed) => TitokModelInfo.Read(TokenizerPath(parsed), GeneratorPath(parsed));

    /// <summary>What is known of all that was named, be it one part or two.</summary>
    public TitokModelInfo InspectAll(ParseResult parsed)
    {
        string? model = parsed.GetValue(_model), tokenizer = parsed.GetValue(_tokenizer), generator = parsed.GetValue(_generator);
        if (tokenizer is null && generator is null)
            return TitokModelInfo.Read(model ?? BuiltIn(parsed, "tokenizer"));
        return TitokModelInfo.Read(tokenizer ?? model, generator ?? model);
    }

    /// <summary>How the model is loaded.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="tell">Told the share that is loaded, 0 to 1.</param>
    public TitokLoadOptions Loading(ParseResult parsed, Action<double> tell) => new()
    {
        Precision = Precision(parsed),
        GeneratorWeights = GeneratorWeights(parsed),
        Progress = new InlineProgress<double>(tell),
    };

    public TitokPrecision Precision(ParseResult parsed) => parsed.GetValue(_precision) ?? TitokPrecision.Auto;

    public TitokGeneratorWeights GeneratorWeights(ParseResult parsed) => parsed.GetValue(_generatorWeights) ?? TitokGeneratorWeights.Auto;

    /// <summary>What was given as the device; null for nothing.</summary>
    public string? DeviceName(ParseResult parsed) => parsed.GetValue(_device);

    public TitokDevice OpenDevice(ParseResult parsed) => TitokDevice.Create(new TitokDeviceOptions { Device = DeviceName(parsed) });

    private string Path(ParseResult parsed, Option<string?> part, string name) =>
        parsed.GetValue(part) ?? parsed.GetValue(_model) ?? BuiltIn(parsed, name);

    /// <summary>The model that comes with titok, for whoever names none at all; it fits no part of another.</summary>
    private string BuiltIn(ParseResult parsed, string part)
    {
        bool named = parsed.GetValue(_model) is not null || parsed.GetValue(_tokenizer) is not null || parsed.GetValue(_generator) is not null;
        return !named && BuiltInModel.IsThere
            ? BuiltInModel.Folder
            : throw new UsageException($"name a model with --model DIR or --{part} DIR_OR_FILE");
    }
}
