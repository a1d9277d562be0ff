using Titok.Vulkan.Engine;
using Titok.Vulkan.Gpu;
using Titok.Vulkan.Kernels;
using Titok.Vulkan.Tests.Gpu;
using Titok.Vulkan.Tests.Kernels;

namespace Titok.Vulkan.Tests.Engine;

/// <summary>The self-test that decides which ops go to the matrix units: it passes right kernels and drops wrong ones.</summary>
[Collection(GpuCollection.Name)]
public class MatrixSelfTestTests(GpuFixture gpu)
{
    private static readonly MatrixUnit s_published = new(16, 16, 16, 32, 48 << 10);

    public static TheoryData<int> Tiles => [.. Enumerable.Range(0, AllTiles(s_published).Count)];

    [Theory]
    [MemberData(nameof(Tiles))]
    public void ATileAgreesWithThePortableKernel(int index)
    {
        (GpuDevice device, MatrixUnit unit) = Require();
        Assert.True(MatrixSelfTest.LinearAgrees(device, unit, AllTiles(unit)[index]), AllTiles(unit)[index].ToString());
        gpu.AssertNoMessages();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void AConvolutionAgrees(bool upsample)
    {
        (GpuDevice device, MatrixUnit unit) = Require();
        Assert.True(MatrixSelfTest.ConvolutionAgrees(device, unit, upsample));
        gpu.AssertNoMessages();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(33)]
    [InlineData(150)]
    public void AttentionAgrees(int tokens)
    {
        (GpuDevice device, MatrixUnit unit) = Require();
        Assert.True(MatrixSelfTest.AttentionAgrees(device, unit, tokens));
        gpu.AssertNoMessages();
    }

    /// <summary>A driver that attends wrongly, played by a kernel with two bits of its code turned over.</summary>
    [Fact]
    public void AWrongKernelIsNoticed()
    {
        (_, MatrixUnit unit) = Require();
        using GpuInstance instance = GpuFixture.NewInstance();
        using var device = DeviceOpening.Open(instance, options: new GpuDeviceOptions
        {
            PipelineCacheFolder = "",
            ShaderSource = name => name == "attention_matrix.fp16" ? WithOtherLargest(EmbeddedShaders.Read(name)) : null,
        });
        Assert.False(MatrixSelfTest.AttentionAgrees(device, unit, 33));
        Assert.True(MatrixSelfTest.ConvolutionAgrees(device, unit, upsample: false));
    }

    [Fact]
    public void TilesFitTheMemoryOfAWorkgroup()
    {
        foreach (MatrixTile tile in AllTiles(s_published))
            Assert.True(tile.SharedMemoryInBytes(s_published) <= s_published.SharedMemoryInBytes, tile.ToString());
    }

    [Theory]
    [InlineData(66, 3072, 80)]
    [InlineData(33, 768, 48)]
    [InlineData(289, 4096, 64)]
    [InlineData(289 * 64, 4096, 128)]
    [InlineData(65536, 3, 128)]
    public void TheTileSuitsTheProduct(int rows, int columns, int tileRows) =>
        Assert.Equal(tileRows, MatrixTile.For(s_published, rows, columns).Rows(s_published));

    private static List<MatrixTile> AllTiles(MatrixUnit unit) => [.. MatrixTile.LargeTiles, .. MatrixTile.SmallTiles(unit)];

    private (GpuDevice Device, MatrixUnit Unit) Require()
    {
        GpuDevice device = gpu.Device;
        if (KernelForms.UnitOf(device.Physical) is not { } unit)
        {
            Assert.Skip($"{device.Physical.Name} has no matrix units that multiply fp16: VK_KHR_cooperative_matrix");
            throw new InvalidOperationException();
        }
        return (device, unit);
    }

    /// <summary>Exchanges the constant from which maxima start, −3e38, for 1: scores below it then weigh too little.</summary>
    private static byte[] WithOtherLargest(byte[] spirv)
    {
        byte[] lowest = BitConverter.GetBytes(-3.0e38f);
        int at = spirv.AsSpan().IndexOf(lowest);
        Assert.True(at >= 0, "the shader has no constant −3e38");
        BitConverter.GetBytes(1.0f).CopyTo(spirv, at);
        return spirv;
    }
}
