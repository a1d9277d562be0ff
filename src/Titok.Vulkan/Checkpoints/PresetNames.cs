namespace Titok.Vulkan.Checkpoints;

/// <summary>Which named settings a model has, wherever they come from.</summary>
internal static class PresetNames
{
    private const string Paper = "paper", Demo = "demo";

    /// <summary>Those of the model folder come last, so that it may put its own under these names too.</summary>
    public static IReadOnlyDictionary<string, GenerationPreset> Merge(
        GenerationPreset? published, IReadOnlyDictionary<string, GenerationPreset> ofFolder)
    {
        var presets = new Dictionary<string, GenerationPreset>();
        if (published is not null)
            presets[Paper] = published;
        presets[Demo] = GenerationPreset.Demo;
        foreach ((string name, GenerationPreset preset) in ofFolder)
            presets[name] = preset;
        return presets;
    }

    public static GenerationPreset Default(IReadOnlyDictionary<string, GenerationPreset> presets) =>
        presets.TryGetValue(Paper, out GenerationPreset? paper) ? paper : GenerationPreset.Demo;
}
