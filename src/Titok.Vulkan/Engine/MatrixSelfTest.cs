using System.Runtime.InteropServices;
using Titok.Vulkan.Gpu;
using Titok.Vulkan.Graphs;
using Titok.Vulkan.Kernels;

namespace Titok.Vulkan.Engine;

/// <summary>
/// Holds the matrix kernels of a device against its portable ones on random numbers, every tile with ragged ends, and
/// measures which large tile is fastest. An op that is wrong, or that the driver refuses, goes to the portable kernel.
/// </summary>
internal static class MatrixSelfTest
{
    /// <summary>
    /// Relative length of the difference that is still right. Both sides add up the same fp16 products in fp32 and round
    /// the result to fp16, which costs up to 2^-11 where they round apart.
    /// </summary>
    private const double Bound = 1e-3;

    /// <summary>The product that large tiles are measured on, and how often.</summary>
    private const int MeasuredRows = 4096, MeasuredInner = 1024, MeasuredColumns = 2048, MeasuredRuns = 4;

    public static KernelChoice Run(GpuDevice device, MatrixUnit unit)
    {
        bool[] rightTiles = [.. MatrixTile.LargeTiles.Select(tile => Holds(device, () => LinearAgrees(device, unit, tile)))];
        bool linear = MatrixTile.SmallTiles(unit).All(tile => Holds(device, () => LinearAgrees(device, unit, tile)));
        bool convolution = Holds(device, () => ConvolutionAgrees(device, unit, upsample: false) && ConvolutionAgrees(device, unit, upsample: true));
        bool attention = Holds(device, () => AttentionAgrees(device, unit, 33) && AttentionAgrees(device, unit, 150));
        if (!linear || !rightTiles.Contains(true))
            return new KernelChoice(KernelForm.Portable);
        int fastest = rightTiles.Select((right, index) => (right, index)).Where(t => t.right)
            .MinBy(t => MeasureInSeconds(device, unit, MatrixTile.LargeTiles[t.index])).index;
        return new KernelChoice(KernelForm.Matrix, linear, convolution, attention, fastest);
    }

    /// <summary>A driver may also refuse to build a kernel, which is no reason to fail; a lost device is.</summary>
    private static bool Holds(GpuDevice device, Func<bool> test)
    {
        try
        {
            return test();
        }
        catch (TitokException) when (!device.IsLost)
        {
            return false;
        }
    }

    /// <summary>Every form reads weights in the same panels, so that random panels do.</summary>
    internal static bool LinearAgrees(GpuDevice device, MatrixUnit unit, MatrixTile tile)
    {
        int rows = 2 * tile.Rows(unit) - 3, inner = 2 * unit.K * tile.SlabFragments + 8, columns = 2 * tile.Columns(unit) - 8;
        return Agrees(device, unit with { LargeTile = tile }, (graph, unitTile) =>
        {
            Tensor x = graph.External("x", DataType.Float16, rows, inner);
            Tensor weight = graph.External("weight", DataType.Float16, 2 * tile.Columns(unit), inner);
            Tensor bias = graph.External("bias", DataType.Float32, columns);
            Tensor residual = graph.External("residual", DataType.Float16, rows, columns);
            Tensor y = graph.External("y", DataType.Float16, rows, columns);
            return LinearKernel.Create(graph.Profile, x, weight, bias, residual, y, Activation.Gelu, graph.Profile.Unit is null ? null : tile);
        });
    }

    internal static bool ConvolutionAgrees(GpuDevice device, MatrixUnit unit, bool upsample) => Agrees(device, unit, (graph, _) =>
    {
        const int Size = 10, Channels = 40, OutChannels = 24;
        int size = upsample ? 2 * Size : Size;
        Tensor x = graph.External("x", DataType.Float16, 1, Size, Size, Channels);
        Tensor weight = graph.External("weight", DataType.Float16, 32, upsample ? 16 : 9, Channels);
        Tensor bias = graph.External("bias", DataType.Float32, OutChannels);
        Tensor residual = graph.External("residual", DataType.Float16, 1, size, size, OutChannels);
        Tensor y = graph.External("y", DataType.Float16, 1, size, size, OutChannels);
        return Conv3x3Kernel.Create(graph.Profile, x, weight, bias, residual, y, upsample, null);
    });

    internal static bool AttentionAgrees(GpuDevice device, MatrixUnit unit, int tokens) => Agrees(device, unit, (graph, _) =>
    {
        const int Heads = 2, HeadDim = 64;
        Tensor qkv = graph.External("qkv", DataType.Float16, 2, tokens, 3 * Heads * HeadDim);
        Tensor y = graph.External("y", DataType.Float16, 2, tokens, Heads * HeadDim);
        return AttentionKernel.Create(graph.Profile, qkv, y, Heads);
    });

    private static bool Agrees(GpuDevice device, MatrixUnit unit, Func<Graph, MatrixUnit, KernelCall> create)
    {
        Half[] portable = Compute(device, unit, new KernelProfile(KernelForm.Portable, DataType.Float16), create);
        Half[] matrix = Compute(device, unit, new KernelProfile(KernelForm.Matrix, DataType.Float16) { Unit = unit }, create);
        double error = 0, norm = 0;
        for (int i = 0; i < portable.Length; i++)
        {
            double expected = (double)portable[i], difference = (double)matrix[i] - expected;
            error += difference * difference;
            norm += expected * expected;
        }
        // Also false where a number is not one.
        return norm > 0 && Math.Sqrt(error / norm) <= Bound;
    }

    private static Half[] Compute(GpuDevice device, MatrixUnit unit, KernelProfile profile, Func<Graph, MatrixUnit, KernelCall> create)
    {
        KernelCall call = create(new Graph("self-test", profile), unit);
        var random = new Random(1);
        var contents = new Dictionary<Value, byte[]>();
        foreach (Value value in call.Bindings.Where(b => b.Access == Access.Read).Select(b => b.Tensor.Value).Distinct().OrderBy(v => v.Id))
            contents.Add(value, RandomBytes(value, random));
        using var run = new ScratchRun(device, [call], contents);
        run.Run();
        return run.ReadHalves(call.Bindings.First(b => b.Access == Access.Write).Tensor);
    }

    private static byte[] RandomBytes(Value value, Random random)
    {
        float[] floats = [.. Enumerable.Range(0, (int)(value.SizeInBytes / value.Type.SizeInBytes())).Select(_ => random.NextSingle() - 0.5f)];
        return value.Type == DataType.Float16
            ? MemoryMarshal.AsBytes(Array.ConvertAll(floats, f => (Half)f).AsSpan()).ToArray()
            : MemoryMarshal.AsBytes(floats.AsSpan()).ToArray();
    }

    private static double MeasureInSeconds(GpuDevice device, MatrixUnit unit, MatrixTile tile)
    {
        var graph = new Graph("tile", new KernelProfile(KernelForm.Matrix, DataType.Float16) { Unit = unit });
        Tensor x = graph.External("x", DataType.Float16, MeasuredRows, MeasuredInner);
        Tensor weight = graph.External("weight", DataType.Float16, MeasuredColumns, MeasuredInner);
        Tensor y = graph.External("y", DataType.Float16, MeasuredRows, MeasuredColumns);
        KernelCall call = LinearKernel.Create(graph.Profile, x, weight, null, null, y, Activation.None, tile);
        using var run = new ScratchRun(device, [.. Enumerable.Repeat(call, 16)]);
        run.Run();
        return Enumerable.Range(0, MeasuredRuns).Min(_ => run.Run());
    }
}
