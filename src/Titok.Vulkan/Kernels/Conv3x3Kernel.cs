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

    /// <param name="profile">Kernel profile.</param>
    /// <param name="x">[B, H, W, C], or half as high and wide.</param>
    /// <param name="weight">In panels, or in phases of them.</param>
    /// <param name="epilogue">Bias and residual.</param>
    /// <param name="y">[B, H, W, N].</param>
    /// <param name="upsample">Whether x is doubled.</param>
    /// <param name="zeros">A row of zeros, where the kernel needs it (<see cref="NeedsZeros"/>).</param>
    /// <param name="variant">For the product's size.</param>
    /// <param name="parts">Where its k is split.</param>
    public static KernelCall Create(
        KernelProfile profile, Tensor x, Tensor weight, GemmEpilogue epilogue, Tensor y, bool upsample, Tensor? zeros, GemmVariant variant,
        JoinedParts? parts = null)
    {
        variant.Require(x.Shape[3], y.Shape[3]);
        return new KernelCall(
            variant.Program(profile, y.Type, profile.Activation),
            [upsample ? 1u : 0u, epilogue.Bias is null ? 0u : 1u, epilogue.Residual is null ? 0u : 1u, .. variant.Constants],
            [
                new(x, Access.Read), new(weight, Access.Read), new(epilogue.Bias ?? weight, Access.Read),
                new(epilogue.Residual ?? x, Access.Read), new(y, Access.Write), .. Zeros(zeros),
                .. variant.IsByTile ? JoinedParts.Bindings(parts, y) : [],
            ],
            PushConstants.Of(new Push
            {
                Batch = (uint)y.Shape[0],
                Height = (uint)y.Shape[1],
                Width = (uint)y.Shape[2],
                InChannels = (uint)x.Shape[3],
                OutChannels = (uint)y.Shape[3],
            }),
            variant.Groups(x.Shape.Rows, y.Shape[3], Phases(upsample)))
        {
            Addressed = variant.ByAddress ? [0, 1, 2, 3, 4, 5] : [],
            ThreadBlock = variant.ThreadBlock,
            Operations = 2.0 * y.Shape.Count * Taps(upsample) * x.Shape[3],
        };
    }

    /// <summary>The rows of the product are the input's pixels; a doubled one makes four of the output's, one a phase.</summary>
    public static GemmVariant Variant(
        KernelProfile profile, Tensor x, Shape shape, bool upsample, TilePlan? plan = null, bool mayBeByWarpgroups = false) =>
        GemmVariant.ForConvolution(
            profile, shape.Rows / Phases(upsample), x.Shape[3], shape[3], Taps(upsample), Phases(upsample), plan, mayBeByWarpgroups);

    /// <summary>Whether the warpgroup kernel does all of a convolution: it stores fp16 alone.</summary>
    public static bool SuitsWarpgroups(DataType output) => output == DataType.Float16;

    /// <summary>Taps that a pixel of the input before doubling has.</summary>
    public static int Taps(bool upsample) => upsample ? 4 : 9;

    /// <summary>Products of which an output is made, side by side.</summary>
    public static int Phases(bool upsample) => upsample ? 4 : 1;

    private static IEnumerable<Binding> Zeros(Tensor? zeros) => zeros is null ? [] : [new Binding(zeros, Access.Read)];
}
