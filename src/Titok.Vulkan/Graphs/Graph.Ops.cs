using Titok.Vulkan.Kernels;

namespace Titok.Vulkan.Graphs;

/// <content>The ops that transformers are made of. Labels are the checkpoint's module names.</content>
internal sealed partial class Graph
{
    /// <summary>activation(x · weightᵀ + bias) + residual. x[…, K] → […, N].</summary>
    public Tensor Linear(
        string label, Tensor x, Tensor weight, Tensor? bias, Activation activation = Activation.None,
        Tensor? residual = null, DataType? output = null)
    {
        int inner = weight.Shape[1], columns = weight.Shape[0];
        Check(x.Shape[-1] == inner, label, $"input {x.Shape} does not end in {inner}");
        Check(x.Type == profile.Activation, label, $"input is {x.Type}");
        Check(bias is null || bias.Shape == new Shape(columns), label, $"bias {bias?.Shape} is not [{columns}]");
        Shape shape = x.Shape.With(-1, columns);
        Check(residual is null || (residual.Shape == shape && residual.Type == profile.Activation), label, $"residual {residual} is not {shape}");
        Tensor y = Intermediate(label, output ?? profile.Activation, shape);
        var epilogue = new GemmEpilogue(bias, activation, residual);
        if (GemmVariant.SuitsTiledLinear(profile, inner))
            AddTiledLinear(label, x, weight, epilogue, y);
        else
            Add(label, LinearKernel.Create(profile, x, weight, epilogue, y));
        return y;
    }

    /// <summary>Multi-head self-attention without its projections: qkv[B, T, 3C] → [B, T, C].</summary>
    public Tensor Attention(string label, Tensor qkv, int heads)
    {
        Check(qkv.Shape.Rank == 3 && qkv.Shape[2] % (3 * heads) == 0, label, $"{qkv.Shape} does not split into {heads} heads");
        int channels = qkv.Shape[2] / 3;
        Check(channels / heads is >= 1 and <= KernelLimits.MaxHeadWidth, label, $"a head of {channels / heads} channels; at most {KernelLimits.MaxHeadWidth} are supported");
        Tensor y = Intermediate(label, profile.Activation, new Shape(qkv.Shape[0], qkv.Shape[1], channels));
        Add(label, AttentionKernel.Create(profile, qkv, y, heads));
        return y;
    }

    /// <summary>Layer norm over channels of x[B, T, C], of tokens [first, T).</summary>
    public Tensor LayerNorm(string label, Tensor x, Tensor weight, Tensor bias, float epsilon, int first = 0)
    {
        Check(x.Shape.Rank == 3 && first >= 0 && first < x.Shape[1], label, $"{x.Shape} has no token {first}");
        int tokens = x.Shape[1] - first;
        Check(weight.Shape == new Shape(x.Shape[2]) && bias.Shape == weight.Shape, label, $"weight {weight.Shape} does not fit {x.Shape}");
        Tensor y = Intermediate(label, profile.Activation, new Shape(x.Shape[0], tokens, x.Shape[2]));
        Add(label, LayerNormKernel.Create(profile, x, weight, bias, y, first, epsilon));
        if (tokens == x.Shape[1])
            _norms.Add(y.Range, new NormedInput(x, weight, bias, epsilon));
        return y;
    }

    /// <summary>Tokens [first, first + count) of x[B, T, C]: [B, count, C].</summary>
    public Tensor TakeTokens(string label, Tensor x, int first, int count)
    {
        Check(x.Shape.Rank == 3 && first >= 0 && count > 0 && first + count <= x.Shape[1], label, $"{x.Shape} has no tokens {first}..{first + count}");
        Check(TakeTokensKernel.Suits(x), label, $"a token of {x} is not of whole pieces of 16 bytes");
        Tensor y = Intermediate(label, x.Type, new Shape(x.Shape[0], count, x.Shape[2]));
        Add(label, TakeTokensKernel.Create(x, y, first));
        return y;
    }

    /// <summary>Softmax over the last axis of an fp32 tensor.</summary>
    public Tensor Softmax(string label, Tensor x)
    {
        Check(x.Type == DataType.Float32, label, $"input is {x.Type}");
        Tensor y = Intermediate(label, profile.Activation, x.Shape);
        Add(label, SoftmaxKernel.Create(profile, x, y));
        return y;
    }

    /// <summary>Class embedding, patches and latents as one sequence with positions: [B, 1+P+K, C].</summary>
    public Tensor AssembleTokens(
        string label, bool decoder, Tensor x, Tensor classEmbedding, Tensor constantTokens, Tensor position, Tensor latentPosition)
    {
        int batch = x.Shape[0], channels = x.Shape[2], latents = latentPosition.Shape[0], patches = position.Shape[0] - 1;
        Check(x.Shape[1] == (decoder ? latents : patches), label, $"{x.Shape} does not fit {patches} patches and {latents} latents");
        Tensor y = Intermediate(label, profile.Activation, new Shape(batch, 1 + patches + latents, channels));
        Add(label, AssembleTokensKernel.Create(profile, decoder, x, classEmbedding, constantTokens, position, latentPosition, y));
        return y;
    }

    /// <summary>The legacy models' reshape of [B, K, W] to [B, W, K], seen again as [B, K, W].</summary>
    public Tensor ReshapeLatents(string label, Tensor x)
    {
        Tensor y = Intermediate(label, profile.Activation, x.Shape);
        Add(label, ReshapeLatentsKernel.Create(profile, x, y));
        return y;
    }

    /// <summary>Nearest codebook entries of z[B, K, D] into ids[B, K].</summary>
    public void Quantize(string label, Tensor z, Tensor codebook, Tensor ids, bool l2Norm)
    {
        Check(z.Type == DataType.Float32 && z.Shape[-1] == codebook.Shape[1], label, $"{z} does not fit codebook {codebook.Shape}");
        Check(ids.Shape.Count == z.Shape.Rows, label, $"{ids} does not hold an id for each row of {z.Shape}");
        Add(label, CodebookKernels.CreateQuantize(z, codebook, ids, l2Norm));
    }

    /// <summary>Codebook entries of ids[B, K]: [B, K, D].</summary>
    public Tensor LookupCode(string label, Tensor ids, Tensor codebook, bool l2Norm)
    {
        Tensor y = Intermediate(label, profile.Activation, new Shape(ids.Shape[0], ids.Shape[1], codebook.Shape[1]));
        Add(label, CodebookKernels.CreateLookup(profile, ids, codebook, y, l2Norm));
        return y;
    }

    /// <summary>Latents y[B, K, C] from mean and log-variance in parameters[B, K, 2C].</summary>
    public void VaeSample(string label, Tensor parameters, Tensor seeds, Tensor y, bool sample)
    {
        Check(parameters.Type == DataType.Float32 && parameters.Shape[-1] == 2 * y.Shape[-1], label, $"{parameters} does not fit {y}");
        Add(label, VaeSampleKernel.Create(parameters, seeds, y, sample));
    }

    /// <summary>fp32 to the storage type of activations.</summary>
    public Tensor ToActivation(string label, Tensor x)
    {
        if (x.Type == profile.Activation)
            return x;
        Tensor y = Intermediate(label, profile.Activation, x.Shape);
        Add(label, ToActivationKernel.Create(profile, x, y));
        return y;
    }

    /// <summary>The generator's input from ids[B, K] and classes[B]; twice the rows where guidance needs them.</summary>
    public Tensor EmbedIds(
        string label, Tensor ids, Tensor classes, Tensor word, Tensor position, Tensor? type, bool guided, int classOffset, int droppedId)
    {
        int rows = ids.Shape[0] * (guided ? 2 : 1);
        Check(position.Shape[0] == ids.Shape[1] + 1, label, $"positions {position.Shape} do not fit ids {ids.Shape}");
        Tensor y = Intermediate(label, profile.Activation, new Shape(rows, ids.Shape[1] + 1, word.Shape[1]));
        Add(label, EmbedIdsKernel.Create(profile, ids, classes, word, position, type, y, classOffset, droppedId));
        return y;
    }
}
