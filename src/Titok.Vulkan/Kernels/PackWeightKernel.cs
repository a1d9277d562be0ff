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

    internal struct TapsPush
    {
        public uint Rows;
        public uint Channels;
        public uint Panels;
        public uint SourceOffset;
        public uint SourceType;
    }

    internal struct FoldPush
    {
        public uint Rows;
        public uint Inner;
        public uint Padded;
        public uint Tail;
        public uint SourceOffset;
        public uint SourceType;
        public uint NormOffset;
    }

    /// <summary>Type codes of the shader.</summary>
    public const uint SourceFloat32 = 0, SourceFloat16 = 1, SourceBFloat16 = 2;

    /// <summary>Elements an invocation: a panel's row.</summary>
    private const int RunLength = WeightRequest.PanelWidth;

    public const string FoldProgram = "fold_norm";

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

    /// <summary>Makes panels of a convolution's weight from sums of its taps; null where the layout is of the weights as they are.</summary>
    public static string? TapsProgram(WeightRequest request) => request.Layout switch
    {
        WeightLayout.PhasePanels => request.Type == DataType.Float16 ? "pack_phases.fp16" : "pack_phases.fp32",
        WeightLayout.WinogradPanels => "pack_winograd.fp32",
        _ => null,
    };

    /// <summary>For <see cref="TapsProgram"/>.</summary>
    public static (ImmutableArray<byte> PushConstants, GroupCount Groups) LaunchTaps(WeightRequest request, uint sourceType, long sourceOffset) =>
        (PushConstants.Of(new TapsPush
        {
            Rows = (uint)request.Rows,
            Channels = (uint)request.Columns,
            Panels = (uint)(request.PaddedRows / WeightRequest.PanelWidth),
            SourceOffset = checked((uint)sourceOffset),
            SourceType = sourceType,
        }), GroupCount.Cover(request.Count / RunLength, Elementwise.GroupSize));

    /// <summary>What stands behind the panels of a matrix with a norm folded in; offsets in elements of their buffers.</summary>
    public static (ImmutableArray<byte> PushConstants, GroupCount Groups) LaunchFold(
        WeightRequest request, uint sourceType, long sourceOffset, long normOffset) =>
        (PushConstants.Of(new FoldPush
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
