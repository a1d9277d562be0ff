namespace Titok.Vulkan.Native;

/// <summary>Reads a request.</summary>
internal static unsafe class Requests
{
    public static GenerationRequest Read(NativeRequest* request, TitokPipeline pipeline)
    {
        Arguments.Structure((uint*)request, sizeof(NativeRequest), "request");
        int pictures = Arguments.Pictures(request->Pictures);
        Arguments.NotNull(request->Classes, "classes");
        int[] classes = new int[pictures];
        for (int picture = 0; picture < pictures; picture++)
            classes[picture] = (int)Math.Min(request->Classes[picture], int.MaxValue);
        int[]? known = request->KnownTokens == null
            ? null
            : new ReadOnlySpan<int>(request->KnownTokens, pictures * pipeline.Generator.Info.LatentTokens).ToArray();
        return new GenerationRequest { Classes = classes, Seed = request->Seed, KnownTokens = known, Settings = Settings(request->Settings, pipeline) };
    }

    private static GenerationPreset Settings(NativeSettings settings, TitokPipeline pipeline)
    {
        if (settings.Steps == 0)
            return pipeline.DefaultPreset;
        if (settings.StructSize != sizeof(NativeSettings))
            throw Arguments.Invalid($"settings: structSize is {settings.StructSize}, and this library's structure has {sizeof(NativeSettings)} bytes");
        return new GenerationPreset(
            (int)Math.Min(settings.Steps, int.MaxValue), settings.Guidance, Arguments.Known<GuidanceDecay>(settings.Decay, "decay"),
            settings.GuidancePower, settings.Temperature, settings.Anneal != 0);
    }
}
