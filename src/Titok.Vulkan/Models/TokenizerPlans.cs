using Titok.Vulkan.Checkpoints;
using Titok.Vulkan.Graphs;
using Titok.Vulkan.Kernels;

namespace Titok.Vulkan.Models;

/// <summary>What a tokenizer does, as plans. Buffers that the caller provides are named here.</summary>
/// <param name="spec">The tokenizer.</param>
/// <param name="profile">The kernels to use.</param>
/// <param name="pixelBatch">Pictures that go through the pixel decoder at a time, however many a plan is for.</param>
internal sealed class TokenizerPlans(TokenizerSpec spec, KernelProfile profile, int pixelBatch = TokenizerPlans.MaxPixelBatch)
{
    /// <summary>As many pictures as fill a large GPU in every layer of the pixel decoder, and no more memory than that needs.</summary>
    public const int MaxPixelBatch = 16;

    /// <summary>Planar fp32 pictures [B, 3, S, S].</summary>
    public const string Image = "image";

    /// <summary>Token ids [B, K].</summary>
    public const string Ids = "ids";

    /// <summary>VAE latents, fp32 [B, K, C].</summary>
    public const string Latents = "latents";

    /// <summary>Seeds of the VAE's noise, [B, 2]: low half, high half.</summary>
    public const string Seeds = "seeds";

    /// <summary>Pictures to token ids.</summary>
    public ExecutionPlan Encode(int batch, bool keepStages = false)
    {
        var graph = new Graph("encode", profile);
        Tensor latents = new TokenizerEncoder(graph, spec).Build(ImageOf(graph, batch));
        graph.Quantize("quantize", latents, Codebook(graph), IdsOf(graph, batch), spec.UseL2Norm);
        return graph.Compile(keepStages);
    }

    /// <summary>Pictures to VAE latents: the mean, or a sample around it.</summary>
    public ExecutionPlan EncodeLatents(int batch, bool sample, bool keepStages = false)
    {
        var graph = new Graph("encode latents", profile);
        Tensor parameters = new TokenizerEncoder(graph, spec).Build(ImageOf(graph, batch));
        graph.VaeSample("sample", parameters, graph.External(Seeds, DataType.UInt32, batch, 2), LatentsOf(graph, batch), sample);
        return graph.Compile(keepStages);
    }

    /// <summary>Token ids to pictures.</summary>
    public ExecutionPlan Decode(int batch, bool keepStages = false)
    {
        var graph = new Graph("decode", profile);
        Tensor codes = graph.LookupCode("quantize.lookup", IdsOf(graph, batch), Codebook(graph), spec.UseL2Norm);
        return FinishDecoding(graph, codes, keepStages);
    }

    /// <summary>VAE latents to pictures.</summary>
    public ExecutionPlan DecodeLatents(int batch, bool keepStages = false)
    {
        var graph = new Graph("decode latents", profile);
        Tensor latents = graph.ToActivation("latents", LatentsOf(graph, batch));
        return FinishDecoding(graph, latents, keepStages);
    }

    private ExecutionPlan FinishDecoding(Graph graph, Tensor latents, bool keepStages)
    {
        new TokenizerDecoder(graph, spec, pixelBatch).Build(latents, ImageOf(graph, latents.Shape[0]));
        return graph.Compile(keepStages);
    }

    private Tensor Codebook(Graph graph) =>
        graph.Table(new Shape(spec.CodebookSize, spec.TokenSize), "quantize.embedding.weight");

    private Tensor ImageOf(Graph graph, int batch) =>
        graph.External(Image, DataType.Float32, batch, 3, spec.ImageSize, spec.ImageSize);

    private Tensor IdsOf(Graph graph, int batch) => graph.External(Ids, DataType.UInt32, batch, spec.LatentTokens);

    private Tensor LatentsOf(Graph graph, int batch) =>
        graph.External(Latents, DataType.Float32, batch, spec.LatentTokens, spec.TokenSize);
}
