namespace Titok.Vulkan.Native;

/// <summary>Reads a request.</summary>
internal static unsafe class Requests
{
    public static GenerationRequest Read(in NativeRequest request, TitokPipeline pipeline)
    {
        int pictures = Arguments.Pictures(request.Pictures);
        int[] classes = new int[pictures];
        Span<uint> given = Arguments.Array(request.Classes, (nuint)pictures, "classes").All;
        for (int picture = 0; picture < pictures; picture++)
            classes[picture] = (int)Math.Min(given[picture], int.MaxValue);
        int[]? known = request.KnownTokens == null
            ? null
            : Arguments.Array(request.KnownTokens, (nuint)(pictures * pipeline.Generator.Info.LatentTokens), "knownTokens").All.ToArray();
        return new GenerationRequest { Classes = classes, Seed = request.Seed, KnownTokens = known, Settings = Settings(request.Settings, pipeline) };
    }

    private static GenerationSettings Settings(NativeSettings settings, TitokPipeline pipeline)
    {
        if (settings is { Steps: 0, Guidance: 0, Decay: 0, GuidancePower: 0, Temperature: 0, Anneal: 0 })
            return pipeline.DefaultSettings;
        _ = Arguments.Pointer(&settings, "settings").Structure;
        return new GenerationSettings(
            (int)Math.Min(settings.Steps, int.MaxValue), settings.Guidance, Arguments.Known<GuidanceDecay>(settings.Decay, "decay"),
            settings.GuidancePower, settings.Temperature, settings.Anneal != 0);
    }
}
