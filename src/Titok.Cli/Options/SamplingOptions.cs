using System.CommandLine;
using Titok.Vulkan;

namespace Titok.Cli.Options;

/// <summary>The options of the sampling loop: a preset, and what is to differ from it.</summary>
internal sealed class SamplingOptions
{
    private readonly Option<string?> _preset = new("--preset") { Description = "Named settings: paper, demo, or one of the model's own; default: paper where the model has it, else demo", HelpName = "NAME" };
    private readonly Option<int?> _steps = NumberOption.Whole("--steps", 1, GenerationSettings.MaxSteps).Named("N", "Sampling steps; default: the preset's");
    private readonly Option<float?> _guidance = NumberOption.Real("--guidance", -GenerationSettings.MaxSetting, GenerationSettings.MaxSetting).Named("G", "Scale of classifier-free guidance; default: the preset's");
    private readonly Option<GuidanceDecay?> _decay = ChoiceOption.Of(
        "--guidance-decay", "How guidance changes over the steps; default: the preset's", [.. Enum.GetValues<GuidanceDecay>().Select(decay => (decay.ToName(), decay))]);
    private readonly Option<float?> _temperature = NumberOption.Real("--temperature", 0, GenerationSettings.MaxSetting).Named("T", "Temperature of the sampling noise in the first step; default: the preset's");
    private readonly Option<bool> _anneal = new("--anneal") { Description = "Lower the logits' temperature over the steps, from 1.3 to 0.5; default: as the preset says", Arity = ArgumentArity.Zero };
    private readonly Option<bool> _noAnneal = new("--no-anneal") { Description = "Do not anneal, even if the preset does", Arity = ArgumentArity.Zero };

    public void AddTo(Command command)
    {
        foreach (Option option in new Option[] { _preset, _steps, _guidance, _decay, _temperature, _anneal, _noAnneal })
            command.Options.Add(option);
    }

    /// <summary>What can be said against the options without knowing the model.</summary>
    public void Check(ParseResult parsed)
    {
        if (parsed.GetValue(_anneal) && parsed.GetValue(_noAnneal))
            throw new UsageException("--anneal and --no-anneal exclude each other");
    }

    public GenerationSettings Settings(ParseResult parsed, TitokModelInfo model)
    {
        GenerationSettings settings = model.DefaultSettings;
        if (parsed.GetValue(_preset) is { } name)
        {
            settings = model.Presets.TryGetValue(name, out GenerationSettings? named)
                ? named
                : throw new CommandException($"preset '{name}' does not exist; there are {string.Join(", ", model.Presets.Keys)}");
        }
        return settings with
        {
            Steps = parsed.GetValue(_steps) ?? settings.Steps,
            Guidance = parsed.GetValue(_guidance) ?? settings.Guidance,
            Decay = parsed.GetValue(_decay) ?? settings.Decay,
            Temperature = parsed.GetValue(_temperature) ?? settings.Temperature,
            Anneal = parsed.GetValue(_anneal) || (settings.Anneal && !parsed.GetValue(_noAnneal)),
        };
    }
}
