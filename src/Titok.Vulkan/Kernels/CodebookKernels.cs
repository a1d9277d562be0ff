using Titok.Vulkan.Graphs;

namespace Titok.Vulkan.Kernels;

/// <summary>The vector quantizer: nearest entry of codebook[V, D] by squared distance, and the entry of an id.</summary>
internal static class CodebookKernels
{
    internal struct Push
    {
        public uint Rows;
        public uint Dims;
        public uint Codes;
    }

    public static KernelCall CreateQuantize(Tensor z, Tensor codebook, Tensor ids, bool l2Norm) =>
        new("quantize",
            [l2Norm ? 1u : 0u],
            [new(z, Access.Read), new(codebook, Access.Read), new(ids, Access.Write)],
            PushFor(z.Shape.Rows, codebook),
            GroupCount.Line(z.Shape.Rows));

    public static KernelCall CreateLookup(KernelProfile profile, Tensor ids, Tensor codebook, Tensor y, bool l2Norm) =>
        new($"lookup_code.{profile.Suffix}",
            [l2Norm ? 1u : 0u],
            [new(ids, Access.Read), new(codebook, Access.Read), new(y, Access.Write)],
            PushFor(y.Shape.Rows, codebook),
            GroupCount.Cover(y.Shape.Rows, Elementwise.GroupSize));

    private static System.Collections.Immutable.ImmutableArray<byte> PushFor(int rows, Tensor codebook) =>
        PushConstants.Of(new Push { Rows = (uint)rows, Dims = (uint)codebook.Shape[1], Codes = (uint)codebook.Shape[0] });
}
