using System.Collections.Immutable;
using Titok.Vulkan.Graphs;

namespace Titok.Vulkan.Kernels;

/// <summary>Makes what stands behind the panels of a matrix with a layer norm folded in (<see cref="WeightRequest.Norm"/>).</summary>
internal static class FoldNormKernel
{
    internal struct Push
    {
        public uint Rows;
        public uint Inner;
        public uint Padded;
        public uint Tail;
        public uint SourceOffset;
        public uint SourceType;
        public uint NormOffset;
    }

    public const string Program = "fold_norm";

    /// <summary>Offsets are in elements of their buffers.</summary>
    public static (ImmutableArray<byte> PushConstants, GroupCount Groups) Launch(
        WeightRequest request, uint sourceType, long sourceOffset, long normOffset) =>
        (PushConstants.Of(new Push
        {
            Rows = (uint)request.Rows,
            Inner = (uint)request.Columns,
            Padded = (uint)request.PaddedRows,
            Tail = checked((uint)(request.PaddedRows * request.Columns * request.Type.SizeInBytes() / sizeof(float))),
            SourceOffset = checked((uint)sourceOffset),
            SourceType = sourceType,
            NormOffset = checked((uint)normOffset),
        }), GroupCount.Line(request.PaddedRows));
}
