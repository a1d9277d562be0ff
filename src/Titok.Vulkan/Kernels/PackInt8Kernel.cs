using System.Collections.Immutable;
using Titok.Vulkan.Graphs;

namespace Titok.Vulkan.Kernels;

/// <summary>
/// Makes int8 panels of a matrix as it lies in a file: scale[n] = max |w[n, k]| / 127, q = round(w / scale), at most half a
/// scale off. Of a matrix with a norm folded in it is their product that is rounded.
/// </summary>
internal static class PackInt8Kernel
{
    internal struct Push
    {
        public uint Rows;
        public uint Inner;
        public uint Padded;
        public uint RowStride;
        public uint SourceOffset;
        public uint SourceType;
        public uint HasNorm;
        public uint NormOffset;
    }

    public const string Program = "pack_int8";

    /// <summary>Rows a workgroup makes: the columns of a word.</summary>
    private const int RowsAGroup = 2;

    /// <summary>Offsets in elements of their buffers.</summary>
    public static (ImmutableArray<byte> PushConstants, GroupCount Groups) Launch(
        WeightRequest request, uint sourceType, long sourceOffset, long normOffset) =>
        (PushConstants.Of(new Push
        {
            Rows = (uint)request.Rows,
            Inner = (uint)request.Columns,
            Padded = (uint)request.PaddedRows,
            RowStride = (uint)request.SourceColumns,
            SourceOffset = checked((uint)(sourceOffset + request.FirstColumn)),
            SourceType = sourceType,
            HasNorm = request.Norm is null ? 0u : 1u,
            NormOffset = checked((uint)normOffset),
        }), GroupCount.Line(request.PaddedRows / RowsAGroup));
}
