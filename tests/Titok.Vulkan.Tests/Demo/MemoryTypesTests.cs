using Silk.NET.Vulkan;
using Titok.Demo.Graphics;

namespace Titok.Vulkan.Tests.Demo;

/// <summary>Which memory the window takes, and which instead where that is full.</summary>
public sealed class MemoryTypesTests
{
    private const MemoryPropertyFlags Device = MemoryPropertyFlags.DeviceLocalBit;
    private const MemoryPropertyFlags Mapped = MemoryPropertyFlags.HostVisibleBit | MemoryPropertyFlags.HostCoherentBit;
    private const MemoryPropertyFlags Cached = MemoryPropertyFlags.HostCachedBit;

    /// <summary>As graphics cards have them: their own memory, the machine's, a window into their own, and what wants a feature.</summary>
    private static readonly MemoryPropertyFlags[] s_card =
        [Device, Mapped, Mapped | Cached, Device | Mapped, Device | Mapped | MemoryPropertyFlags.DeviceCoherentBitAmd];

    [Theory]
    [InlineData(0, Device, new uint[] { 0, 3, 1, 2 })]
    [InlineData(Mapped, Device, new uint[] { 3, 1, 2 })]
    [InlineData(Mapped, Cached, new uint[] { 2, 1, 3 })]
    public void WhereAHeapIsFullTheNextTypeIsTried(MemoryPropertyFlags required, MemoryPropertyFlags preferred, uint[] tried)
    {
        for (int full = 0; full < tried.Length; full++)
            AssertTried(Result.Success, tried[..(full + 1)], ~0u, required, preferred, failing: tried[..full]);
        AssertTried(Result.ErrorOutOfDeviceMemory, tried, ~0u, required, preferred, failing: tried);
    }

    [Fact]
    public void OnlyTypesOfTheResourceAreTried() => AssertTried(Result.Success, [1], 0b10110, Mapped, Device, failing: []);

    [Fact]
    public void AnotherFailureIsNotTriedAgain() =>
        AssertTried(Result.ErrorDeviceLost, [3], ~0u, Mapped, Device, failing: [3], Result.ErrorDeviceLost);

    [Fact]
    public void NoTypeAtAllIsNoMemory() => AssertTried(Result.ErrorOutOfDeviceMemory, [], 0b10000, Mapped, Device, failing: []);

    /// <summary>Allocates on the card, where some types fail.</summary>
    private static void AssertTried(
        Result expected, uint[] types, uint allowed, MemoryPropertyFlags required, MemoryPropertyFlags preferred, uint[] failing,
        Result failure = Result.ErrorOutOfDeviceMemory)
    {
        var properties = new PhysicalDeviceMemoryProperties { MemoryTypeCount = (uint)s_card.Length };
        for (int type = 0; type < s_card.Length; type++)
            properties.MemoryTypes[type].PropertyFlags = s_card[type];
        var tried = new List<uint>();
        Assert.Equal(expected, new MemoryTypes(properties).Allocate(allowed, required, preferred, type =>
        {
            tried.Add(type);
            return failing.Contains(type) ? failure : Result.Success;
        }));
        Assert.Equal(types, tried);
    }
}
