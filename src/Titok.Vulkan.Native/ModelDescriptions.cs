using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Titok.Vulkan.Native;

/// <summary>What models are, loaded or not: titokModelGetInfo.</summary>
internal static unsafe class ModelDescriptions
{
    [UnmanagedCallersOnly(EntryPoint = "titokModelGetInfo", CallConvs = [typeof(CallConvCdecl)])]
    public static int GetInfo(nint device, NativePipelineOptions* options, NativePipelineInfo* info, NativeModelMemory* memory) => Call.Do(
        (device, options: Arguments.Pointer(options), info: Arguments.Pointer(info), memory: Arguments.Pointer(memory)), static with =>
        {
            Library.ThrowIfLoadedTwice();
            ModelSource source = ModelSource.Read(with.options.Structure);
            // Looked at before either is written to.
            if (!with.info.IsNull)
                _ = with.info.Structure;
            if (!with.memory.IsNull)
                _ = with.memory.Structure;
            TitokModelInfo model = TitokModelInfo.Read(source.Tokenizer, source.Generator, source.Options.Files);
            if (!with.info.IsNull)
                with.info.Structure = Describe(model.Tokenizer!, model.Generator, maxPicturesPerJob: 0);
            if (with.memory.IsNull)
                return;
            if (with.device == 0)
            {
                with.memory.Structure = Memory(model, source.Options, device: null);
                return;
            }
            using HandleTable.Held<TitokDevice> held = HandleTable.Hold<TitokDevice>(with.device);
            with.memory.Structure = Memory(model, source.Options, held.Value);
        });

    public static NativePipelineInfo Describe(TitokTokenizerInfo tokenizer, TitokGeneratorInfo? generator, int maxPicturesPerJob) => new()
    {
        StructSize = (uint)sizeof(NativePipelineInfo),
        ImageSize = (uint)tokenizer.ImageSize,
        LatentTokens = (uint)tokenizer.LatentTokens,
        CodebookSize = (uint)tokenizer.CodebookSize,
        IsContinuous = tokenizer.IsContinuous ? 1u : 0u,
        LatentChannels = (uint)tokenizer.LatentChannels,
        Classes = (uint)(generator?.Classes ?? 0),
        MaxPicturesPerJob = (uint)maxPicturesPerJob,
        Parameters = (ulong)(tokenizer.ParameterCount + (generator?.ParameterCount ?? 0)),
        // Of a model that is not loaded these are not decided yet.
        Precision = maxPicturesPerJob == 0 ? 0 : (int)(tokenizer.Precision == "fp16" ? TitokPrecision.Fp16 : TitokPrecision.Fp32),
        GeneratorWeights = maxPicturesPerJob != 0 && generator?.WeightPrecision == "int8" ? (int)TitokGeneratorWeights.Int8 : 0,
    };

    private static NativeModelMemory Memory(TitokModelInfo model, TitokLoadOptions options, TitokDevice? device)
    {
        TitokMemoryNeed tokenizer = model.TokenizerMemory(options.Precision, device)!;
        TitokMemoryNeed? generator = model.GeneratorMemory(options.Precision, options.GeneratorWeights, device);
        return new NativeModelMemory
        {
            StructSize = (uint)sizeof(NativeModelMemory),
            WeightsInBytes = (ulong)(tokenizer.WeightsInBytes + (generator?.WeightsInBytes ?? 0)),
            WorkInBytes = (ulong)(tokenizer.WorkInBytes + (generator?.WorkInBytes ?? 0)),
        };
    }
}
