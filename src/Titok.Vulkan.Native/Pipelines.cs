using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Titok.Vulkan.Native;

/// <summary>A model as C code holds it: both parts, or a tokenizer alone.</summary>
internal sealed class NativePipeline(TitokPipeline? both, TitokTokenizer tokenizer) : IDisposable
{
    private readonly NativeTexts _labels = new(both?.Labels ?? []);

    public TitokTokenizer Tokenizer => tokenizer;

    public NativeTexts Labels => _labels;

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
    }
}

/// <summary>The functions titokPipeline….</summary>
internal static unsafe class Pipelines
{
    [UnmanagedCallersOnly(EntryPoint = "titokPipelineLoad", CallConvs = [typeof(CallConvCdecl)])]
    public static int Load(nint device, NativePipelineOptions* options, nint* pipeline)
    {
        try
        {
            TitokDevice found = HandleTable.Get<TitokDevice>(device);
            Arguments.Structure((uint*)options, sizeof(NativePipelineOptions), "options");
            Arguments.NotNull(pipeline, "pipeline");
            var precision = Arguments.Known<TitokPrecision>(options->Precision, "precision");
            string? path = Arguments.Text(options->Path);
            string? tokenizer = Arguments.Text(options->Tokenizer) ?? path, generator = Arguments.Text(options->Generator) ?? path;
            if (string.IsNullOrEmpty(tokenizer))
                throw Arguments.Invalid("options name neither a model folder nor a tokenizer");
            NativePipeline loaded;
            if (generator is null)
            {
                loaded = new NativePipeline(null, TitokTokenizer.Load(found, tokenizer, precision));
            }
            else
            {
                TitokPipeline both = TitokPipeline.Load(found, tokenizer, generator, precision);
                loaded = new NativePipeline(both, both.Tokenizer);
            }
            *pipeline = HandleTable.Add(loaded, device);
            return 0;
        }
        catch (Exception e)
        {
            return Failure.Of(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "titokPipelineGetInfo", CallConvs = [typeof(CallConvCdecl)])]
    public static int GetInfo(nint pipeline, NativePipelineInfo* info)
    {
        try
        {
            NativePipeline found = HandleTable.Get<NativePipeline>(pipeline);
            Arguments.Structure((uint*)info, sizeof(NativePipelineInfo), "info");
            TitokTokenizerInfo tokenizer = found.Tokenizer.Info;
            info->ImageSize = (uint)tokenizer.ImageSize;
            info->LatentTokens = (uint)tokenizer.LatentTokens;
            info->CodebookSize = (uint)tokenizer.CodebookSize;
            info->Classes = found.HasGenerator ? (uint)found.Both.Generator.Info.Classes : 0;
            info->MostPicturesPerJob = (uint)(found.HasGenerator ? found.Both.MostPicturesPerJob : found.Tokenizer.MostPicturesPerJob);
            info->Parameters = (ulong)(tokenizer.ParameterCount + (found.HasGenerator ? found.Both.Generator.Info.ParameterCount : 0));
            return 0;
        }
        catch (Exception e)
        {
            return Failure.Of(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "titokPipelineLabel", CallConvs = [typeof(CallConvCdecl)])]
    public static int Label(nint pipeline, uint classIndex, byte** label)
    {
        try
        {
            NativePipeline found = HandleTable.Get<NativePipeline>(pipeline);
            Arguments.NotNull(label, "label");
            if (classIndex >= found.Both.Generator.Info.Classes)
                throw Arguments.Invalid($"Class {classIndex} does not exist; this generator has classes 0 to {found.Both.Generator.Info.Classes - 1}");
            *label = classIndex < found.Labels.Count ? found.Labels.Pointers[classIndex] : (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference("\0"u8));
            return 0;
        }
        catch (Exception e)
        {
            return Failure.Of(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "titokPipelinePreset", CallConvs = [typeof(CallConvCdecl)])]
    public static int Preset(nint pipeline, byte* name, NativeSettings* settings)
    {
        try
        {
            TitokPipeline found = HandleTable.Get<NativePipeline>(pipeline).Both;
            Arguments.Structure((uint*)settings, sizeof(NativeSettings), "settings");
            GenerationPreset preset = found.DefaultPreset;
            if (Arguments.Text(name) is { } wanted && !found.Presets.TryGetValue(wanted, out preset!))
                throw Arguments.Invalid($"There is no preset '{wanted}'; there is {string.Join(", ", found.Presets.Keys)}");
            *settings = new NativeSettings
            {
                StructSize = (uint)sizeof(NativeSettings),
                Steps = (uint)preset.Steps,
                Guidance = preset.Guidance,
                Decay = (int)preset.Decay,
                GuidancePower = preset.GuidancePower,
                Temperature = preset.Temperature,
                Anneal = preset.Anneal ? 1u : 0u,
            };
            return 0;
        }
        catch (Exception e)
        {
            return Failure.Of(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "titokPipelineDestroy", CallConvs = [typeof(CallConvCdecl)])]
    public static int Destroy(nint pipeline)
    {
        try
        {
            HandleTable.Remove<NativePipeline>(pipeline).Dispose();
            return 0;
        }
        catch (Exception e)
        {
            return Failure.Of(e);
        }
    }
}
