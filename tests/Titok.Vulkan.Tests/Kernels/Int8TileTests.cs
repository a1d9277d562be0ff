using System.Runtime.InteropServices;
using Titok.Vulkan.Engine;
using Titok.Vulkan.Graphs;
using Titok.Vulkan.Kernels;
using Titok.Vulkan.Tests.Gpu;
using Titok.Vulkan.Tests.Models;

namespace Titok.Vulkan.Tests.Kernels;

/// <summary>
/// The kernels for int8 weights that multiply in blocks, in every tile, with ragged ends, on panels that are packed here: tiles differ
/// in how their invocations share a panel's bytes among them. Every other one with its k in two parts.
/// </summary>
[Collection(GpuCollection.Name)]
public class Int8TileTests(GpuFixture gpu)
{
    private static readonly GemmUnit s_published = new(16, 16, 16, 32, 48 << 10);

    /// <summary>What Vulkan's larger devices have in place of matrix units, at the least.</summary>
    private static readonly GemmUnit s_multiplyAdds = GemmUnit.OfMultiplyAdds(32 << 10, 1024);

    public static TheoryData<string, int, int> Tiles =>
    [
        .. Enumerable.Range(0, AllTiles(s_published).Count).Select(index => ("matrix-fp16", index, 1 + index % 2)),
        .. Enumerable.Range(0, AllTiles(s_multiplyAdds).Count).Where(index => Fits(AllTiles(s_multiplyAdds)[index], s_multiplyAdds)).Select(index => ("fma-fp16", index, 1 + index % 2)),
    ];

    [Theory]
    [MemberData(nameof(Tiles))]
    public void ATileAgreesWithTheOracle(string profileName, int index, int parts)
    {
        KernelProfile profile = Profiles.Require(gpu.Device, profileName);
        if (profile.Form == KernelForm.MultiplyAdd)
        {
            if (gpu.Device.Physical.Limits.MaxComputeWorkGroupInvocations < 1024)
                Assert.Skip($"a workgroup has no more than {gpu.Device.Physical.Limits.MaxComputeWorkGroupInvocations} invocations");
            profile = profile with { Unit = s_multiplyAdds };
        }
        GemmUnit unit = profile.Unit!;
        GemmTile tile = AllTiles(unit)[index];
        if (!Fits(tile, unit))
            Assert.Skip($"{tile} has no room in {unit.SharedMemoryInBytes} bytes");
        int rows = 2 * tile.Rows(unit) - 3, inner = 4 * tile.Inner(unit) + 8, columns = 2 * tile.Columns(unit) - 8, padded = 2 * tile.Columns(unit);
        var random = new Random(index);
        Half[] x = Halves(rows * inner), residual = Halves(rows * columns);
        float[] bias = [.. Enumerable.Range(0, columns).Select(_ => random.NextSingle() - 0.5f)];
        sbyte[] weight = [.. Enumerable.Range(0, columns * inner).Select(_ => (sbyte)random.Next(-127, 128))];
        float[] scales = [.. Enumerable.Range(0, columns).Select(_ => random.NextSingle() / 127)];

        var graph = new Graph("tile", profile);
        Tensor input = graph.External("x", DataType.Float16, rows, inner), panels = graph.External("weight", DataType.Int8, padded, inner + sizeof(float));
        Tensor added = graph.External("residual", DataType.Float16, rows, columns), biases = graph.External("bias", DataType.Float32, columns);
        Tensor y = graph.External("y", DataType.Float16, rows, columns);
        GemmVariant variant = GemmVariant.ForLinear(profile, rows, inner, columns, DataType.Int8, new TilePlan(tile, parts));
        KernelCall call = LinearKernel.CreateTiled(
            profile, variant, input, panels, new GemmEpilogue(biases, Activation.Gelu, added), y, default, graph.PartsOf("linear", variant, rows, columns));
        Assert.EndsWith("_int8", call.Program);
        var contents = new Dictionary<Value, byte[]>
        {
            [input.Value] = MemoryMarshal.AsBytes(x.AsSpan()).ToArray(),
            [added.Value] = MemoryMarshal.AsBytes(residual.AsSpan()).ToArray(),
            [biases.Value] = MemoryMarshal.AsBytes(bias.AsSpan()).ToArray(),
            [panels.Value] = Packed(weight, scales, columns, padded, inner),
        };
        using var run = new ScratchRun(gpu.Device, [call], contents);
        run.Run();

        float[] dequantized = [.. weight.Select((q, i) => q * scales[i / inner])];
        float[] expected = Reference.Linear.Apply(
            Array.ConvertAll(x, h => (float)h), dequantized, bias, Array.ConvertAll(residual, h => (float)h), rows, inner, columns, Reference.Linear.Gelu);
        Agreement.Assert($"{tile}, {parts} parts", expected, run.Read(y), Agreement.Bound(DataType.Float16));
        gpu.AssertNoMessages();

        Half[] Halves(int count) => [.. Enumerable.Range(0, count).Select(_ => (Half)(random.NextSingle() - 0.5f))];
    }

    /// <summary>Panels of a word for two columns of two k, [N/16, K/2, 8, 2, 2], and the scales.</summary>
    private static byte[] Packed(sbyte[] weight, float[] scales, int columns, int padded, int inner)
    {
        byte[] bytes = new byte[padded * (inner + sizeof(float))];
        for (int n = 0; n < columns; n++)
        {
            for (int k = 0; k < inner; k++)
                bytes[n / 16 * 16 * inner + k / 2 * 32 + n % 16 / 2 * 4 + k % 2 * 2 + n % 2] = (byte)weight[n * inner + k];
        }
        scales.CopyTo(MemoryMarshal.Cast<byte, float>(bytes.AsSpan(padded * inner)));
        return bytes;
    }

    private static bool Fits(GemmTile tile, GemmUnit unit) => tile.Fits(unit.For(1, DataType.Int8));

    private static List<GemmTile> AllTiles(GemmUnit unit) => [.. GemmTiles.All(unit)];
}
