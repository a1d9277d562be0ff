using System.Numerics;

namespace Titok.Vulkan;

/// <summary>What to generate: one picture for each class given, all with the same settings.</summary>
public sealed record GenerationRequest
{
    /// <summary>The class of each picture, 0 to <see cref="TitokGeneratorInfo.Classes"/> − 1; they may differ.</summary>
    public required IReadOnlyList<int> Classes { get; init; }

    /// <summary>Picture i is made with seed + i: the same picture on every device, alone or in a batch.</summary>
    public ulong Seed { get; init; }

    /// <summary>
    /// Token ids [N, K] that are given, with −1 where the generator is to choose: it fills those in to suit the others.
    /// Null for none given.
    /// </summary>
    public IReadOnlyList<int>? KnownTokens { get; init; }

    /// <summary>Settings of the sampling loop.</summary>
    public required GenerationSettings Settings { get; init; }

    /// <summary>The same with what was checked for its own, so that nobody changes it afterwards.</summary>
    internal GenerationRequest Checked(TitokGeneratorInfo generator)
    {
        ArgumentNullException.ThrowIfNull(Classes);
        GenerationRequest copy = this with { Classes = [.. Classes], KnownTokens = KnownTokens is null ? null : [.. KnownTokens] };
        copy.Check(generator);
        return copy;
    }

    internal void Check(TitokGeneratorInfo generator)
    {
        ArgumentNullException.ThrowIfNull(Classes);
        ArgumentNullException.ThrowIfNull(Settings);
        int classCount = generator.Classes;
        if (Classes.Count == 0)
            throw new ArgumentException("A request needs at least one class.", nameof(Classes));
        // By index: an enumerator of an interface would be an allocation.
        for (int picture = 0; picture < Classes.Count; picture++)
        {
            int label = Classes[picture];
            if (label < 0 || label >= classCount)
                throw new ArgumentOutOfRangeException(nameof(Classes), label, $"Classes[{picture}] is {label}, which does not exist; this generator has classes 0 to {classCount - 1}.");
        }
        CheckTokens(generator);
        CheckRange(nameof(Settings.Steps), Settings.Steps, 1, GenerationSettings.MaxSteps);
        CheckRange(nameof(Settings.Guidance), Settings.Guidance, -GenerationSettings.MaxSetting, GenerationSettings.MaxSetting);
        CheckRange(nameof(Settings.GuidancePower), Settings.GuidancePower, 0, GenerationSettings.MaxGuidancePower);
        CheckRange(nameof(Settings.Temperature), Settings.Temperature, 0, GenerationSettings.MaxSetting);
        if (!Enum.IsDefined(Settings.Decay))
            throw new ArgumentOutOfRangeException(nameof(Settings.Decay), Settings.Decay, $"Decay must be {GuidanceDecayNames.Choices}.");
    }

    private void CheckTokens(TitokGeneratorInfo generator)
    {
        if (KnownTokens is not { } known)
            return;
        if (known.Count != (long)Classes.Count * generator.LatentTokens)
            throw new ArgumentException($"KnownTokens holds {known.Count} elements; {Classes.Count} × {generator.LatentTokens} were expected.", nameof(KnownTokens));
        for (int index = 0; index < known.Count; index++)
        {
            int token = known[index];
            if (token < -1 || token >= generator.CodebookSize)
            {
                (int picture, int position) = int.DivRem(index, generator.LatentTokens);
                throw new ArgumentOutOfRangeException(
                    nameof(KnownTokens), token, $"KnownTokens[{picture}, {position}] is {token}, which is not in the codebook of {generator.CodebookSize}, nor -1.");
            }
        }
    }

    private static void CheckRange<T>(string name, T value, T least, T most)
        where T : INumber<T>
    {
        // This way round, which refuses NaN.
        if (!(value >= least && value <= most))
            throw new ArgumentOutOfRangeException(name, value, $"{name} must be {least} to {most}, and is {value}.");
    }
}
