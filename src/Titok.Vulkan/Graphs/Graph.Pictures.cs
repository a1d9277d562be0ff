using Titok.Vulkan.Kernels;

namespace Titok.Vulkan.Graphs;

/// <content>Ops over pictures and feature maps, which are [B, H, W, C] here.</content>
internal sealed partial class Graph
{
    /// <summary>Planar fp32 pictures [B, 3, S, S] as rows of patches [B, P, 3p²], order (c, ky, kx).</summary>
    public Tensor Patchify(string label, Tensor image, int patch)
    {
        int size = image.Shape[3], side = size / patch;
        Check(image.Type == DataType.Float32 && image.Shape[1] == 3 && image.Shape[2] == size && size % patch == 0, label, $"{image} is not a picture of {patch}-pixel patches");
        Tensor y = Intermediate(label, profile.Activation, new Shape(image.Shape[0], side * side, 3 * patch * patch));
        Add(label, PatchKernels.CreatePatchify(profile, image, y, patch));
        return y;
    }

    /// <summary>Rows of patches [B, P, 3p²], order (p1 p2 c), as pictures [B, S, S, 3].</summary>
    public Tensor Unpatchify(string label, Tensor x, int patch)
    {
        int side = (int)Math.Round(Math.Sqrt(x.Shape[1]));
        Check(side * side == x.Shape[1] && x.Shape[2] == 3 * patch * patch, label, $"{x.Shape} is not a square of {patch}-pixel patches");
        Tensor y = Intermediate(label, profile.Activation, new Shape(x.Shape[0], side * patch, side * patch, 3));
        Add(label, PatchKernels.CreateUnpatchify(profile, x, y, patch));
        return y;
    }

    /// <summary>3×3 convolution of x[B, H, W, C]; with <paramref name="upsample"/>, of x doubled by nearest neighbour.</summary>
    public Tensor Conv3x3(
        string label, Tensor x, Tensor weight, Tensor? bias, Tensor? residual = null, bool upsample = false, DataType? output = null)
    {
        int factor = upsample ? 2 : 1;
        Check(weight.Shape[2] == (upsample ? 2 : 3), label, $"weight {weight.Shape} is {(upsample ? "not " : "")}for a doubled input");
        Check(x.Shape.Rank == 4 && x.Shape[3] == weight.Shape[1], label, $"input {x.Shape} does not fit weight {weight.Shape}");
        var shape = new Shape(x.Shape[0], x.Shape[1] * factor, x.Shape[2] * factor, weight.Shape[0]);
        Check(residual is null || residual.Shape == shape, label, $"residual {residual} is not {shape}");
        Tensor y = Intermediate(label, output ?? profile.Activation, shape);
        if (!upsample && y.Type == profile.Activation && WinogradKernels.Suits(profile, x.Shape, shape[3]))
        {
            AddWinograd(label, x, weight, new GemmEpilogue(bias, Activation.None, residual), y);
            return y;
        }
        Tensor? zeros = Conv3x3Kernel.NeedsZeros(profile, x.Shape[3]) ? Zeros(3 * x.Shape[3]) : null;
        GemmVariant variant = Conv3x3Kernel.Variant(profile, x, shape, upsample, mayBeByWarpgroups: Conv3x3Kernel.SuitsWarpgroups(y.Type));
        var epilogue = new GemmEpilogue(bias, Activation.None, residual);
        JoinedParts? parts = PartsOf(label, variant, x.Shape.Rows, shape[3], Conv3x3Kernel.Phases(upsample));
        Add(label, Conv3x3Kernel.Create(profile, x, weight, epilogue, y, upsample, zeros, variant, parts));
        return y;
    }

    /// <summary>Group norm of x[B, H, W, C], then SiLU if asked.</summary>
    public Tensor GroupNorm(string label, Tensor x, Tensor weight, Tensor bias, int groups, float epsilon, bool silu)
    {
        Check(x.Shape[-1] % groups == 0 && weight.Shape == new Shape(x.Shape[-1]), label, $"{x.Shape} does not split into {groups} groups of {weight.Shape}");
        int batch = x.Shape[0], pixels = x.Shape.Rows / batch, channels = x.Shape[-1];
        Tensor y = Intermediate(label, profile.Activation, x.Shape);
        Tensor factors = Intermediate($"{label}.factors", DataType.Float32, new Shape(batch, 2, channels));
        if (_winograds.Remove(x.Range, out WinogradConvolution? convolution))
        {
            Tensor partial = LeaveStatistics(convolution);
            Add(factors.Value.Name, GroupNormPartsKernel.CreateCombine(partial, weight, factors, pixels, WinogradKernels.ChunkPixels(x.Shape), groups, epsilon));
        }
        else if (GroupNormPartsKernel.Suits(channels, groups))
        {
            Tensor partial = Intermediate($"{label}.partial", DataType.Float32, new Shape(batch, GroupNormPartsKernel.Chunks(pixels), groups, 2));
            Add($"{label}.partial", GroupNormPartsKernel.CreatePartial(profile, x, partial));
            Add(factors.Value.Name, GroupNormPartsKernel.CreateCombine(partial, weight, factors, pixels, GroupNormPartsKernel.ChunkPixels(pixels), groups, epsilon));
        }
        else
        {
            Add(factors.Value.Name, GroupNormKernel.CreateStatistics(profile, x, weight, factors, groups, epsilon));
        }
        Add(label, GroupNormKernel.CreateApply(profile, x, factors, bias, y, silu));
        _groupNorms.Add(y.Range, new NormedPicture(x, factors, bias, silu));
        return y;
    }

    /// <summary>fp32 x[B, S, S, 3] into planar fp32 [B, 3, S, S].</summary>
    public void ToPlanar(string label, Tensor x, Tensor y)
    {
        Check(x.Type == DataType.Float32 && x.Shape.Count == y.Shape.Count, label, $"{x} does not fit {y}");
        Add(label, PictureKernels.CreateToPlanar(x, y));
    }

    /// <summary>
    /// Planar fp32 x[B, 3, S, S] into pixels of 32-bit words y[B, S, S, words a pixel]; with <paramref name="linear"/> as linear light.
    /// </summary>
    public void ToPixels(string label, Tensor x, Tensor y, PixelFormat format, bool linear)
    {
        CheckPixels(label, y, x, format);
        Add(label, PictureKernels.CreateToPixels(x, y, format, linear));
    }

    /// <summary>The way back: pixels x[B, S, S, words a pixel], with <paramref name="linear"/> of linear light, into planar fp32 y[B, 3, S, S].</summary>
    public void FromPixels(string label, Tensor x, Tensor y, PixelFormat format, bool linear)
    {
        CheckPixels(label, x, y, format);
        Add(label, PictureKernels.CreateFromPixels(x, y, format, linear));
    }

    private void CheckPixels(string label, Tensor pixels, Tensor planar, PixelFormat format)
    {
        int words = format == PixelFormat.Rgba16Float ? 2 : 1;
        bool isPlanar = planar.Type == DataType.Float32 && planar.Shape.Rank == 4 && planar.Shape[1] == 3;
        Check(isPlanar && pixels.Type == DataType.UInt32 && planar.Shape.Count / 3 * words == pixels.Shape.Count, label, $"{pixels} does not fit {planar}");
    }
}
