using Titok.Vulkan.Checkpoints;
using Titok.Vulkan.Graphs;
using Titok.Vulkan.Kernels;

namespace Titok.Vulkan.Engine;

/// <summary>Public descriptions of loaded models.</summary>
internal static class ModelDescription
{
    public static TitokTokenizerInfo Of(Checkpoint checkpoint, TokenizerSpec spec, string precision) => new()
    {
        PublishedName = PublishedNames.NameOf(spec),
        Kind = spec.Kind switch
        {
            TokenizerKind.VqPixelDecoder => "VQ with pixel decoder",
            TokenizerKind.VqDirect => "VQ",
            _ => "VAE",
        },
        HasPixelDecoder = spec.Kind == TokenizerKind.VqPixelDecoder,
        IsContinuous = spec.IsVae,
        ImageSize = spec.ImageSize,
        LatentTokens = spec.LatentTokens,
        LatentChannels = spec.TokenSize,
        CodebookSize = spec.CodebookSize,
        Encoder = new TitokTransformerSize(spec.Encoder.Width, spec.Encoder.Layers),
        Decoder = new TitokTransformerSize(spec.Decoder.Width, spec.Decoder.Layers),
        ParameterCount = Parameters(checkpoint),
        Precision = precision,
    };

    public static TitokGeneratorInfo Of(Checkpoint checkpoint, GeneratorSpec spec, string precision, string weightPrecision) => new()
    {
        PublishedName = PublishedNames.NameOf(spec),
        Kind = spec.Kind == GeneratorKind.Bert ? "BERT" : "U-ViT",
        Transformer = new TitokTransformerSize(spec.Hidden, spec.Blocks),
        LatentTokens = spec.LatentTokens,
        CodebookSize = spec.CodebookSize,
        Classes = spec.Classes,
        ParameterCount = Parameters(checkpoint),
        Precision = precision,
        WeightPrecision = weightPrecision,
    };

    /// <summary>The one type that all tensors have in the file, or "mixed".</summary>
    public static string StoredPrecision(Checkpoint checkpoint)
    {
        TensorType[] types = [.. checkpoint.Tensors.Values.Select(t => t.Type).Distinct()];
        return types is not [TensorType only] ? "mixed" : only switch
        {
            TensorType.F32 => "fp32",
            TensorType.F16 => "fp16",
            _ => "bf16",
        };
    }

    public static string Precision(KernelProfile profile) => profile.Activation == DataType.Float16 ? "fp16" : "fp32";

    /// <summary>How linear layers' weights are kept.</summary>
    public static string WeightPrecision(KernelProfile profile) => profile.Int8Weights ? "int8" : Precision(profile);

    private static long Parameters(Checkpoint checkpoint) => checkpoint.Tensors.Values.Sum(t => t.ElementCount);
}
