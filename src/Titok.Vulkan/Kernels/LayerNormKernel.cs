using Titok.Vulkan.Graphs;

namespace Titok.Vulkan.Kernels;

/// <summary>y[b, t] = layer norm of x[b, firstRow + t] over channels; a slice of the tokens comes for free.</summary>
internal static class LayerNormKernel
{
    internal struct Push
    {
        public uint Batch;
        public uint RowsIn;
        public uint FirstRow;
        public uint RowsOut;
        public uint Channels;
        public float Epsilon;
    }

    public static KernelCall Create(
        KernelProfile profile, Tensor x, Tensor weight, Tensor bias, Tensor y, int firstRow, float epsilon)
    {
        int channels = x.Shape[2];
        bool quads = RowQuads.Hold(channels);
        // A CPU driver pays for every barrier, and has eight lanes anyway.
        uint invocations = profile.Form is KernelForm.CpuUniform or KernelForm.CpuLanes ? 8u : 64u;
        return new KernelCall(
            $"{(quads ? "layer_norm_quads" : "layer_norm")}.{profile.Suffix}",
            quads ? [invocations, (uint)channels] : [],
            [new(x, Access.Read), new(weight, Access.Read), new(bias, Access.Read), new(y, Access.Write)],
            PushConstants.Of(new Push
            {
                Batch = (uint)x.Shape[0],
                RowsIn = (uint)x.Shape[1],
                FirstRow = (uint)firstRow,
                RowsOut = (uint)y.Shape[1],
                Channels = (uint)channels,
                Epsilon = epsilon,
            }),
            GroupCount.Line(y.Shape.Rows));
    }
}
