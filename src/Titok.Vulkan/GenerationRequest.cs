namespace Titok.Vulkan;

/// <summary>What to generate: one picture for each class given, all with the same settings.</summary>
public sealed record GenerationRequest
{
    /// <summary>The class of each picture, 0 to <see cref="TitokGeneratorInfo.Classes"/> − 1; they may differ.</summary>
    public required IReadOnlyList<int> Classes { get; init; }

    /// <summary>Picture i is made with seed + i: the same picture on every device, alone or in a batch.</summary>
    public ulong Seed { get; init; }

    /// <summary>Settings of the decoding loop.</summary>
    public required GenerationPreset Settings { get; init; }

    internal void Check(int classCount)
    {
        if (Classes.Count == 0)
            throw new ArgumentException("A request needs at least one class.", nameof(Classes));
        foreach (int label in Classes)
        {
            if (label < 0 || label >= classCount)
                throw new ArgumentOutOfRangeException(nameof(Classes), label, $"Class {label} does not exist; this generator has classes 0 to {classCount - 1}.");
        }
        CheckRange(Settings.Steps is >= 1 and <= GenerationPreset.MaxSteps, "Steps", Settings.Steps, $"1 to {GenerationPreset.MaxSteps}");
        CheckRange(float.IsFinite(Settings.Guidance) && MathF.Abs(Settings.Guidance) <= GenerationPreset.MaxSetting, "Guidance", Settings.Guidance, $"-{GenerationPreset.MaxSetting} to {GenerationPreset.MaxSetting}");
        CheckRange(float.IsFinite(Settings.GuidancePower) && Settings.GuidancePower is > 0 and <= 100, "GuidancePower", Settings.GuidancePower, "above 0 to 100");
        CheckRange(float.IsFinite(Settings.Temperature) && Settings.Temperature is >= 0 and <= GenerationPreset.MaxSetting, "Temperature", Settings.Temperature, $"0 to {GenerationPreset.MaxSetting}");
        CheckRange(Enum.IsDefined(Settings.Decay), "Decay", Settings.Decay, "constant, linear or power-cosine");
    }

    private static void CheckRange(bool holds, string name, object value, string range)
    {
        if (!holds)
            throw new ArgumentOutOfRangeException(name, value, $"{name} must be {range}.");
    }
}
