using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

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

/// <summary>The functions titokPipeline….</summary>
internal static unsafe class Pipelines
{
    [UnmanagedCallersOnly(EntryPoint = "titokPipelineLoad", CallConvs = [typeof(CallConvCdecl)])]
    public static int Load(nint device, NativePipelineOptions* options, nint* pipeline) =>
        Call.On<TitokDevice>(device).Make(Arguments.Pointer(pipeline), Arguments.Pointer(options), static (device, options) =>
        {
            ref readonly NativePipelineOptions given = ref options.Structure;
            var precision = Arguments.Known<TitokPrecision>(given.Precision, "precision");
            var generatorWeights = Arguments.Known<TitokGeneratorWeights>(given.GeneratorWeights, "generatorWeights");
            string? path = Arguments.Text(given.Path);
            string? tokenizer = Arguments.Text(given.Tokenizer) ?? path, generator = Arguments.Text(given.Generator) ?? path;
            if (string.IsNullOrEmpty(tokenizer))
                throw Arguments.Invalid("options name neither a model folder nor a tokenizer");
            if (generator is null)
                return new NativePipeline(null, TitokTokenizer.Load(device, tokenizer, precision));
            TitokPipeline both = TitokPipeline.Load(device, tokenizer, generator, precision, generatorWeights);
            return new NativePipeline(both, both.Tokenizer);
        });

    [UnmanagedCallersOnly(EntryPoint = "titokPipelineGetInfo", CallConvs = [typeof(CallConvCdecl)])]
    public static int GetInfo(nint pipeline, NativePipelineInfo* info) => Call.On<NativePipeline>(pipeline).Do(Arguments.Pointer(info), static (pipeline, info) =>
    {
        TitokTokenizerInfo tokenizer = pipeline.Tokenizer.Info;
        TitokGeneratorInfo? generator = pipeline.HasGenerator ? pipeline.Both.Generator.Info : null;
        info.Structure = new NativePipelineInfo
        {
            StructSize = (uint)sizeof(NativePipelineInfo),
            ImageSize = (uint)tokenizer.ImageSize,
            LatentTokens = (uint)tokenizer.LatentTokens,
            CodebookSize = (uint)tokenizer.CodebookSize,
            IsContinuous = tokenizer.IsContinuous ? 1u : 0u,
            LatentChannels = (uint)tokenizer.LatentChannels,
            Classes = (uint)(generator?.Classes ?? 0),
            MaxPicturesPerJob = (uint)(pipeline.HasGenerator ? pipeline.Both.MaxPicturesPerJob : pipeline.Tokenizer.MaxPicturesPerJob),
            Parameters = (ulong)(tokenizer.ParameterCount + (generator?.ParameterCount ?? 0)),
        };
    });

    [UnmanagedCallersOnly(EntryPoint = "titokPipelineGetLabel", CallConvs = [typeof(CallConvCdecl)])]
    public static int Label(nint pipeline, uint classIndex, nint* label) =>
        Call.On<NativePipeline>(pipeline).Do((classIndex, label: Arguments.Pointer(label)), static (pipeline, with) =>
        {
            ref nint to = ref with.label.Value;
            int classes = pipeline.Both.Generator.Info.Classes;
            if (with.classIndex >= classes)
                throw Arguments.Invalid($"Class {with.classIndex} does not exist; this generator has classes 0 to {classes - 1}");
            to = (nint)(with.classIndex < pipeline.Labels.Count
                ? pipeline.Labels.Pointers[with.classIndex]
                : (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference("\0"u8)));
        });

    [UnmanagedCallersOnly(EntryPoint = "titokPipelineGetPreset", CallConvs = [typeof(CallConvCdecl)])]
    public static int Preset(nint pipeline, byte* name, NativeSettings* settings) =>
        Call.On<NativePipeline>(pipeline).Do((name: (nint)name, settings: Arguments.Pointer(settings)), static (pipeline, with) =>
        {
            ref NativeSettings to = ref with.settings.Structure;
            GenerationSettings preset = pipeline.Both.DefaultSettings;
            if (Arguments.Text((byte*)with.name) is { } wanted && !pipeline.Both.Presets.TryGetValue(wanted, out preset!))
                throw Arguments.Invalid($"There is no preset '{wanted}'; there is {string.Join(", ", pipeline.Both.Presets.Keys)}");
            to = new NativeSettings
            {
                StructSize = (uint)sizeof(NativeSettings),
                Steps = (uint)preset.Steps,
                Guidance = preset.Guidance,
                Decay = (int)preset.Decay,
                GuidancePower = preset.GuidancePower,
                Temperature = preset.Temperature,
                Anneal = preset.Anneal ? 1u : 0u,
            };
        });

    [UnmanagedCallersOnly(EntryPoint = "titokPipelineGetPresetName", CallConvs = [typeof(CallConvCdecl)])]
    public static int GetPresetName(nint pipeline, uint index, nint* name) =>
        Call.On<NativePipeline>(pipeline).Do((index, name: Arguments.Pointer(name)), static (pipeline, with) =>
        {
            ref nint to = ref with.name.Value;
            int count = pipeline.Both.Presets.Count;
            if (with.index >= count)
                throw Arguments.Invalid($"There are {count} presets, and none of index {with.index}");
            to = (nint)pipeline.PresetNames.Pointers[with.index];
        });

    [UnmanagedCallersOnly(EntryPoint = "titokPipelineDestroy", CallConvs = [typeof(CallConvCdecl)])]
    public static int Destroy(nint pipeline) => Call.Destroy<NativePipeline>(pipeline);
}
