namespace Titok.Vulkan.Checkpoints;

/// <summary>Which named settings a model has, wherever they come from.</summary>
internal static class PresetNames
{
    private const string Paper = "paper", Demo = "demo";

    /// <summary>Those of the model folder come last, so that it may put its own under these names too.</summary>
    public static IReadOnlyDictionary<string, GenerationSettings> Merge(
        GenerationSettings? published, IReadOnlyDictionary<string, GenerationSettings> ofFolder)
    {
        var presets = new Dictionary<string, GenerationSettings>();
        if (published is not null)
            presets[Paper] = published;
        presets[Demo] = GenerationSettings.Demo;
        foreach ((string name, GenerationSettings preset) in ofFolder)
            presets[name] = preset;
        return presets;
    }

    public static GenerationSettings Default(IReadOnlyDictionary<string, GenerationSettings> presets) =>
        presets.TryGetValue(Paper, out GenerationSettings? paper) ? paper : presets[Demo];
}
