using System.Collections.Immutable;
using Titok.Vulkan.Graphs;

namespace Titok.Vulkan.Kernels;

/// <summary>Makes panels of a 3×3 convolution's weight from sums of its taps: those of phases, or of a transform's points.</summary>
internal static class PackTapsKernel
{
    internal struct Push
    {
        public uint Rows;
        public uint Channels;
        public uint Panels;
        public uint SourceOffset;
        public uint SourceType;
    }

    /// <summary>The shader for a request's layout; null where that is of the weights as they are.</summary>
    public static string? Program(WeightRequest request) => request.Layout switch
    {
        WeightLayout.PhasePanels => request.Type == DataType.Float16 ? "pack_phases.fp16" : "pack_phases.fp32",
        WeightLayout.WinogradPanels => "pack_winograd.fp32",
        _ => null,
    };

    /// <summary>For <see cref="Program"/>.</summary>
    public static (ImmutableArray<byte> PushConstants, GroupCount Groups) Launch(WeightRequest request, uint sourceType, long sourceOffset) =>
        (PushConstants.Of(new Push
        {
            Rows = (uint)request.Rows,
            Channels = (uint)request.Columns,
            Panels = (uint)(request.PaddedRows / WeightRequest.PanelWidth),
            SourceOffset = checked((uint)sourceOffset),
            SourceType = sourceType,
        }), GroupCount.Cover(request.Count / PackWeightKernel.RunLength, Elementwise.GroupSize));
}
