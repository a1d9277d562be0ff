using System.Runtime.InteropServices;
using Titok.Vulkan.Checkpoints;

namespace Titok.Vulkan.Tests.Checkpoints;

/// <summary>Which weights can be kept, in vectors and behind them.</summary>
public class WeightRangeTests
{
    [Theory]
    [InlineData(65519.99f, true, false)]
    [InlineData(65520f, true, true)]
    [InlineData(-65520f, true, true)]
    [InlineData(1e38f, false, false)]
    [InlineData(float.NaN, false, true)]
    [InlineData(float.NegativeInfinity, false, true)]
    [InlineData(float.NaN, true, true)]
    public void ASingleIsFoundWhereItStands(float value, bool toHalf, bool isOutside)
    {
        for (int at = 0; at < 37; at++)
        {
            float[] numbers = [.. Enumerable.Range(0, 37).Select(i => i == at ? value : -65504f)];
            Assert.Equal(isOutside ? at : -1, WeightRange.FirstOutside(MemoryMarshal.AsBytes(numbers.AsSpan()), TensorType.F32, toHalf));
            if (toHalf)
                Assert.Equal(isOutside, !Half.IsFinite((Half)value));
        }
    }

    [Theory]
    [InlineData(0x7bff, -1)]
    [InlineData(0xfbff, -1)]
    [InlineData(0x7c00, 20)]
    [InlineData(0xfe00, 20)]
    public void AHalfIsFound(int bits, int index)
    {
        ushort[] numbers = new ushort[37];
        numbers[20] = (ushort)bits;
        Assert.Equal(index, WeightRange.FirstOutside(MemoryMarshal.AsBytes(numbers.AsSpan()), TensorType.F16, toHalf: false));
        Assert.Equal(index, WeightRange.FirstOutside(MemoryMarshal.AsBytes(numbers.AsSpan()), TensorType.F16, toHalf: true));
    }

    [Theory]
    [InlineData(0x477f, true, -1)]
    [InlineData(0x4780, true, 36)]
    [InlineData(0x7f7f, false, -1)]
    [InlineData(0xff80, false, 36)]
    public void ABrainFloatIsFound(int bits, bool toHalf, int index)
    {
        ushort[] numbers = new ushort[37];
        numbers[36] = (ushort)bits;
        Assert.Equal(index, WeightRange.FirstOutside(MemoryMarshal.AsBytes(numbers.AsSpan()), TensorType.BF16, toHalf));
    }
}
