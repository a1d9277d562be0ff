using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Titok.Vulkan.Native;

/// <summary>The functions titokPipeline….</summary>
internal static unsafe class Pipelines
{
    [UnmanagedCallersOnly(EntryPoint = "titokPipelineLoad", CallConvs = [typeof(CallConvCdecl)])]
    public static int Load(nint device, NativePipelineOptions* options, nint* pipeline) =>
        Call.On<TitokDevice>(device).Make(Arguments.Pointer(pipeline), Arguments.Pointer(options), static (device, options) =>
        {
            ref readonly NativePipelineOptions given = ref options.Structure;
            ModelSource model = ModelSource.Read(given);
            using var cancellation = new CancellationTokenSource();
            TitokLoadOptions loading = given.Progress == null
                ? model.Options
                : model.Options with { Progress = new LoadProgress(given, cancellation) };
            if (model.Generator is null)
                return new NativePipeline(null, TitokTokenizer.Load(device, model.Tokenizer, loading, cancellation.Token));
            TitokPipeline both = TitokPipeline.Load(device, model.Tokenizer, model.Generator, loading, cancellation.Token);
            return new NativePipeline(both, both.Tokenizer);
        });

    [UnmanagedCallersOnly(EntryPoint = "titokPipelineGetInfo", CallConvs = [typeof(CallConvCdecl)])]
    public static int GetInfo(nint pipeline, NativePipelineInfo* info) => Call.On<NativePipeline>(pipeline).Do(Arguments.Pointer(info), static (pipeline, info) =>
    {
        info.Structure = ModelDescriptions.Describe(
            pipeline.Tokenizer.Info, pipeline.HasGenerator ? pipeline.Both.Generator.Info : null,
            pipeline.HasGenerator ? pipeline.Both.MaxPicturesPerJob : pipeline.Tokenizer.MaxPicturesPerJob);
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

    /// <summary>Tells C how far loading is, which may cancel it.</summary>
    private sealed class LoadProgress(NativePipelineOptions options, CancellationTokenSource cancellation) : IProgress<double>
    {
        public void Report(double value)
        {
            if (options.Progress(options.ProgressUser, value) != 0)
                cancellation.Cancel();
        }
    }
}
