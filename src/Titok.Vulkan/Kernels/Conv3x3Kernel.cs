using Titok.Vulkan.Graphs;

namespace Titok.Vulkan.Kernels;

/// <summary>
/// y[B, H, W, N] = 3×3 convolution of x[B, H, W, C], stride 1, zero padding 1, + bias + residual. With upsampling, x is
/// [B, H/2, W/2, C] and doubled by nearest neighbour on the way in, which takes the weight in phases.
/// </summary>
internal static class Conv3x3Kernel
{
    internal struct Push
    {
        public uint Batch;
        public uint Height;
        public uint Width;
        public uint InChannels;
        public uint OutChannels;
    }

    /// <summary>Whether the kernel for this input reads taps outside the picture from a row of zeros.</summary>
    public static bool NeedsZeros(KernelProfile profile, int inChannels) => GemmVariant.ForConvolution(profile, 1, inChannels, 1).ByAddress;

    public static KernelCall Create(
        KernelProfile profile, Tensor x, Tensor weight, Tensor? bias, Tensor? residual, Tensor y, bool upsample,
        Tensor? zeros)
    {
        // The rows of the product are the input's pixels; a doubled one makes four of the output's, one a phase.
        int phases = upsample ? 4 : 1, rows = y.Shape.Rows / phases;
        GemmVariant variant = GemmVariant.ForConvolution(profile, rows, x.Shape[3], y.Shape[3], phases);
        return new KernelCall(
            $"{variant.Shader}.{profile.SuffixFor(y.Type)}",
            [upsample ? 1u : 0u, bias is null ? 0u : 1u, residual is null ? 0u : 1u, .. variant.Constants],
            [
                new(x, Access.Read), new(weight, Access.Read), new(bias ?? weight, Access.Read),
                new(residual ?? x, Access.Read), new(y, Access.Write), .. Zeros(zeros),
            ],
            PushConstants.Of(new Push
            {
                Batch = (uint)y.Shape[0],
                Height = (uint)y.Shape[1],
                Width = (uint)y.Shape[2],
                InChannels = (uint)x.Shape[3],
                OutChannels = (uint)y.Shape[3],
            }),
            variant.Groups(rows, y.Shape[3], phases))
        {
            Addressed = variant.ByAddress ? [0, 1, 5] : [],
        };
    }

    private static IEnumerable<Binding> Zeros(Tensor? zeros) => zeros is null ? [] : [new Binding(zeros, Access.Read)];
}
