using Titok.Vulkan.Gpu;
using Titok.Vulkan.Graphs;
using Titok.Vulkan.Kernels;

namespace Titok.Vulkan.Engine;

/// <summary>
/// Holds the warpgroup kernels against others on random numbers with ragged ends, and then measures them. What is wrong, what the
/// driver refuses, and what is slower stays with the matrix kernels.
/// </summary>
internal static class WarpgroupSelfTest
{
    /// <summary>Whether linear layers and convolutions go to them; null where there was no memory to find out.</summary>
    /// <param name="device">To test.</param>
    /// <param name="unit">Its matrix units, which are right.</param>
    /// <param name="measurement">On the device.</param>
    /// <param name="linearTile">The fastest tile for linear layers, where it was found.</param>
    /// <param name="convolutionTile">That for convolutions, where they go to the matrix units and it was found.</param>
    public static (bool? Linear, bool? Convolution) Run(
        GpuDevice device, MatrixUnit unit, KernelMeasurement measurement, MatrixTile? linearTile, MatrixTile? convolutionTile)
    {
        if (!KernelForms.MayUseWarpgroups(device.Physical, unit))
            return (false, false);
        try
        {
            // One refusal stands for all: they are one module.
            if (!KernelCallRecording.TryBuildPrograms(device, Linears(unit).Concat(Convolutions(unit)).SelectMany(c => c.Calls)))
                return (false, false);
            return (
                linearTile is not null && SelfTestCase.Hold(device, Linears(unit)) ? measurement.IsLinearFasterByWarpgroups(linearTile) : false,
                convolutionTile is not null && SelfTestCase.Hold(device, Convolutions(unit)) ? measurement.IsConvolutionFasterByWarpgroups(convolutionTile) : false);
        }
        catch (OutOfDeviceMemoryException)
        {
            return (null, null);
        }
    }

    internal static bool Agrees(GpuDevice device, MatrixUnit unit) => Linears(unit).Concat(Convolutions(unit)).All(c => c.Agrees(device));

    /// <summary>Rows, k and columns of the linear layers: a k of more slabs than are on their way at a time.</summary>
    internal static (int Rows, int Inner, int Columns) LinearSize { get; } = (2 * WarpgroupBlock.Rows - 3, 384, 2 * WarpgroupBlock.Columns);

    private static SelfTestCase[] Linears(MatrixUnit unit) =>
    [
        Linear(unit, DataType.Float16, GemmVariant.ForWarpgroups("linear")), Linear(unit, DataType.Float32, GemmVariant.ForWarpgroups("linear")),
        NormedLinear(unit, ByTile(unit, MatrixTile.LargeTiles[0]), GemmVariant.ForWarpgroups("linear")),
    ];

    private static SelfTestCase[] Convolutions(MatrixUnit unit) =>
    [
        Convolution(unit, upsample: false, (_, _, _) => GemmVariant.ForWarpgroups("conv3x3")),
        Convolution(unit, upsample: true, (_, _, _) => GemmVariant.ForWarpgroups("conv3x3")),
    ];

    /// <summary>The linear layers by a tile of the matrix kernels.</summary>
    internal static GemmVariant ByTile(MatrixUnit unit, MatrixTile tile) =>
        GemmVariant.ForLinear(Profile(unit), LinearSize.Rows, LinearSize.Inner, LinearSize.Columns, DataType.Float16, new TilePlan(tile, 1));

    internal static SelfTestCase Linear(MatrixUnit unit, DataType output, GemmVariant variant) => MatrixSelfTest.Of(unit, graph =>
    {
        (int rows, int inner, int columns) = LinearSize;
        Tensor x = graph.External("x", DataType.Float16, rows, inner), weight = graph.External("weight", DataType.Float16, columns, inner);
        Tensor y = graph.External("y", output, rows, columns);
        var epilogue = new GemmEpilogue(
            graph.External("bias", DataType.Float32, columns), Activation.Gelu, graph.External("residual", DataType.Float16, rows, columns));
        if (graph.Profile.Unit is null)
            return [LinearKernel.Create(graph.Profile, x, weight, epilogue, y)];
        MatrixUnit? fragments = GemmVariant.LinearFragments(graph.Profile, inner, weight.Type);
        return MatrixSelfTest.WithWeight(graph, weight, fragments, w =>
            [LinearKernel.CreateMatrix(graph.Profile, variant, x, w, epilogue, y, columns, default)]);
    });

    /// <summary>
    /// With all that can be done to the norms of input and residual. The portable kernels fold no norms, so that the matrix kernels are
    /// what is trusted; both take the weight as it lies.
    /// </summary>
    internal static SelfTestCase NormedLinear(MatrixUnit unit, GemmVariant expected, GemmVariant actual)
    {
        (int rows, int inner, int columns) = LinearSize;
        return new SelfTestCase(Calls(expected), Calls(actual)) { FoldedPanels = columns * inner };

        KernelCall[] Calls(GemmVariant variant)
        {
            var graph = new Graph("self-test", Profile(unit));
            Tensor x = graph.External("x", DataType.Float16, rows, inner), y = graph.External("y", DataType.Float16, rows, columns);
            Tensor weight = graph.External(SelfTestCase.FoldedWeight, DataType.Float16, columns, inner + 4);
            var epilogue = new GemmEpilogue(null, Activation.Gelu, graph.External("residual", DataType.Float16, rows, columns));
            var norms = new LinearNorms(
                graph.External("statistics", DataType.Float32, rows, 2), StatisticsAreGiven: true, Epsilon: 0,
                graph.External("residual statistics", DataType.Float32, rows, 2), graph.External("residual norm", DataType.Float32, 2, columns));
            return [LinearKernel.CreateMatrix(graph.Profile, variant, x, weight, epilogue, y, columns, norms)];
        }
    }

    /// <summary>Two pictures, of which a block of pixels has parts.</summary>
    internal static SelfTestCase Convolution(MatrixUnit unit, bool upsample, Func<Graph, Tensor, Shape, GemmVariant> variant) =>
        MatrixSelfTest.Convolution(unit, pictures: 2, channels: 128, outChannels: 2 * WarpgroupBlock.Columns, upsample, (graph, x, shape) =>
            graph.Profile.Unit is null ? Conv3x3Kernel.Variant(graph.Profile, x, shape, upsample) : variant(graph, x, shape));

    private static KernelProfile Profile(MatrixUnit unit) => new(KernelForm.Matrix, DataType.Float16) { Unit = unit };
}
