namespace Titok.Vulkan.Checkpoints;

/// <summary>
/// A model folder's <c>presets.json</c>: sampling settings by name, such as
/// <c>{"paper": {"steps": 8, "guidance": 4.5, "guidance_decay": "linear", "temperature": 9.5, "anneal": true}}</c>.
/// <c>guidance_power</c> is 3 unless given; all else has to be there, and a key that means nothing is refused, since
/// it is most likely a misspelt one.
/// </summary>
internal static class PresetsFile
{
    private const int MaxLengthInBytes = 1 << 20;
    private const int MaxNameLength = 64;

    private static readonly string[] _keys = ["steps", "guidance", "guidance_decay", "guidance_power", "temperature", "anneal"];

    public static IReadOnlyDictionary<string, GenerationSettings> Open(IModelFiles files, string path) =>
        Parse(files.ReadSmall(path, MaxLengthInBytes), path);

    public static IReadOnlyDictionary<string, GenerationSettings> Parse(ReadOnlyMemory<byte> json, string file) => JsonObjectReader.Parse(json, file, root =>
    {
        var presets = new Dictionary<string, GenerationSettings>();
        foreach (string name in root.Keys)
        {
            if (name.Length is 0 or > MaxNameLength || name.Any(char.IsControl))
                throw new ModelFormatException(file, $"{Quoted.Text(name)} can't be a preset's name, expected 1 to {MaxNameLength} printable characters");
            presets.Add(name, Read(root.Object(name) ?? throw root.Missing(name)));
        }

        return presets;
    });

    private static GenerationSettings Read(JsonObjectReader preset)
    {
        foreach (string key in preset.Keys)
        {
            if (!_keys.Contains(key))
                throw preset.Unknown(key);
        }

        return new GenerationSettings(
            preset.Int("steps", 1, GenerationSettings.MaxSteps) ?? throw preset.Missing("steps"),
            preset.Float("guidance", -GenerationSettings.MaxSetting, GenerationSettings.MaxSetting) ?? throw preset.Missing("guidance"),
            preset.Choice<GuidanceDecay>("guidance_decay", GuidanceDecayNames.Parse, GuidanceDecayNames.Choices) ?? throw preset.Missing("guidance_decay"),
            preset.Float("guidance_power", 0, GenerationSettings.MaxGuidancePower) ?? GenerationSettings.DefaultGuidancePower,
            preset.Float("temperature", 0, GenerationSettings.MaxSetting) ?? throw preset.Missing("temperature"),
            preset.Bool("anneal") ?? throw preset.Missing("anneal"));
    }
}
