using System.Collections.Immutable;
using Titok.Vulkan.Graphs;

namespace Titok.Vulkan.Kernels;

/// <summary>
/// Converts a tensor as it lies in a file to the type and layout that kernels read. Element (d0, d1, d2, d3) of the
/// output is element offset + Σ dᵢ·strideᵢ of the source; columns d0·step + d3 from the limit on are zero.
/// </summary>
internal static class PackWeightKernel
{
    internal struct Push
    {
        public uint Count;
        public uint Dim1;
        public uint Dim2;
        public uint Dim3;
        public uint Stride0;
        public uint Stride1;
        public uint Stride2;
        public uint Stride3;
        public uint SourceOffset;
        public uint ColumnLimit;
        public uint ColumnStep;
        public uint SourceType;
        public uint HasScale;
        public uint ScaleOffset;
    }

    /// <summary>Type codes of this shader and of the others that read a file's tensors.</summary>
    public const uint SourceFloat32 = 0, SourceFloat16 = 1, SourceBFloat16 = 2;

    /// <summary>Elements an invocation: a panel's row.</summary>
    internal const int RunLength = WeightRequest.PanelWidth;

    public static string Program(DataType output) => output == DataType.Float16 ? "pack_weight.fp16" : "pack_weight.fp32";

    public static (ImmutableArray<byte> PushConstants, GroupCount Groups) Launch(
        WeightRequest request, uint sourceType, long sourceOffset, long? scaleOffset = null)
    {
        uint rows = (uint)request.Rows, columns = (uint)request.Columns, rowStride = (uint)request.SourceColumns;
        uint offset = checked((uint)(sourceOffset + request.FirstColumn));
        const uint panel = WeightRequest.PanelWidth;
        Push push = request.Layout switch
        {
            WeightLayout.Plain => new Push { Dim1 = 1, Dim2 = 1, Dim3 = columns, Stride3 = 1 },
            WeightLayout.Panels => new Push
            {
                Dim1 = columns,
                Dim2 = 1,
                Dim3 = panel,
                Stride0 = panel * rowStride,
                Stride1 = 1,
                Stride3 = rowStride,
                ColumnLimit = rows,
                ColumnStep = panel,
            },
            WeightLayout.TransposedPanels => new Push
            {
                Dim1 = columns,
                Dim2 = 1,
                Dim3 = panel,
                Stride0 = panel,
                Stride1 = rows,
                Stride3 = 1,
                ColumnLimit = rows,
                ColumnStep = panel,
            },
            WeightLayout.ConvolutionPanels => new Push
            {
                Dim1 = 9,
                Dim2 = columns,
                Dim3 = panel,
                Stride0 = panel * columns * 9,
                Stride1 = 1,
                Stride2 = 9,
                Stride3 = columns * 9,
                ColumnLimit = rows,
                ColumnStep = panel,
            },
            _ => throw new ArgumentOutOfRangeException(nameof(request)),
        };
        // Without what stands behind the panels.
        long count = request.Norm is null ? request.Count : request.PaddedRows * request.Columns;
        push.Count = checked((uint)count);
        push.SourceOffset = offset;
        push.SourceType = sourceType;
        push.HasScale = scaleOffset is null ? 0u : 1u;
        push.ScaleOffset = checked((uint)(scaleOffset ?? 0));
        return (PushConstants.Of(push), GroupCount.Cover(count, Elementwise.GroupSize * RunLength));
    }
}
