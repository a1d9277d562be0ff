namespace Titok.Vulkan.Native;

/// <summary>A model as C code holds it: both parts, or a tokenizer alone.</summary>
internal sealed class NativePipeline(TitokPipeline? both, TitokTokenizer tokenizer) : IDisposable
{
    private readonly NativeTexts _labels = new(both?.Labels ?? []), _presetNames = new([.. both?.Presets.Keys ?? []]);

    public TitokTokenizer Tokenizer => tokenizer;

    public int TokensPerPicture => tokenizer.Info.LatentTokens;

    public int LatentsPerPicture => tokenizer.Info.LatentTokens * tokenizer.Info.LatentChannels;

    public int FloatsPerPicture => 3 * tokenizer.Info.ImageSize * tokenizer.Info.ImageSize;

    public NativeTexts Labels => _labels;

    public NativeTexts PresetNames => _presetNames;

    /// <summary>Both parts.</summary>
    public TitokPipeline Both => both
        ?? throw new NativeException(NativeResult.InvalidOperation, "The pipeline has no generator: it was loaded with a tokenizer alone.");

    public bool HasGenerator => both is not null;

    public void Dispose()
    {
        if (both is not null)
            both.Dispose();
        else
            tokenizer.Dispose();
        _labels.Dispose();
        _presetNames.Dispose();
    }
}
