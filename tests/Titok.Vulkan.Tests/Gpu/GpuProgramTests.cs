using Titok.Vulkan.Gpu;

namespace Titok.Vulkan.Tests.Gpu;

[Collection(GpuCollection.Name)]
public class GpuProgramTests(GpuFixture fixture)
{
    [Fact]
    public void TheSameProgramIsBuiltOnce()
    {
        GpuDevice device = fixture.Device;
        var programs = new GpuProgram[16];
        Parallel.For(0, programs.Length, i => programs[i] = device.GetProgram("test_scale_add", [77], 2, 8));
        Assert.All(programs, program => Assert.Same(programs[0], program));
        Assert.NotSame(programs[0], device.GetProgram("test_scale_add", [78], 2, 8));
        Assert.NotSame(programs[0], device.GetProgram("test_scale_add", [], 2, 8));
        fixture.AssertNoMessages();
    }

    [Fact]
    public void AShaderThatNeedsAFeatureWeDontEnableIsRefused()
    {
        MissingFeatureException error = Assert.Throws<MissingFeatureException>(() => fixture.Device.GetProgram("test_float64", [], 1, 0));
        Assert.Equal("shaderFloat64", error.Feature);
        fixture.AssertNoMessages();
    }

    [Fact]
    public void AnUnknownShaderIsNamed()
    {
        InvalidOperationException error = Assert.Throws<InvalidOperationException>(() => fixture.Device.GetProgram("no_such_shader", [], 1, 0));
        Assert.Contains("no_such_shader", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void TooManyPushConstantsAreRefused() =>
        Assert.Throws<MissingFeatureException>(() => fixture.Device.GetProgram("test_scale_add", [1], 2, 1 << 20));

    [Theory]
    [InlineData(new byte[] { })]
    [InlineData(new byte[] { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20 })]
    [InlineData(new byte[] { 3, 2, 35, 7, 0, 5, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 17, 0, 0, 0 })]
    [InlineData(new byte[] { 3, 2, 35, 7, 0, 5, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 17, 0, 9, 0 })]
    public void BytesThatAreNoShaderAreRefused(byte[] bytes) =>
        Assert.Throws<InvalidDataException>(() => SpirvModule.Load(bytes, "broken", fixture.Device.Physical));
}
