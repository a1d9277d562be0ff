using Titok.Vulkan.Gpu;

namespace Titok.Vulkan.Tests.Gpu;

[Collection(GpuCollection.Name)]
public class ValidationTests
{
    [Fact]
    public void AMissingBarrierIsReported()
    {
        using GpuInstance instance = GpuFixture.NewInstance();
        if (!instance.IsValidating)
            Assert.Skip($"{GpuInstance.ValidationLayer} is not installed");
        RecordHazard(instance);
        // Otherwise "no message" in every other test would prove nothing about barriers.
        Assert.Contains(instance.ValidationMessages.Texts, text => text.Contains("SYNC-HAZARD", StringComparison.Ordinal));
    }

    /// <summary>
    /// Tests that need a device skip themselves where there is none, and no message is heard where there is no layer: whoever
    /// runs them to see them pass says with TITOK_REQUIRE_DRIVER on which driver.
    /// </summary>
    [Fact]
    public void TheRequiredDriverIsThereAndIsWatched()
    {
        string? driver = Environment.GetEnvironmentVariable("TITOK_REQUIRE_DRIVER");
        Assert.SkipWhen(string.IsNullOrEmpty(driver), "TITOK_REQUIRE_DRIVER requires none");
        using GpuInstance instance = GpuInstance.Create(new GpuInstanceOptions { Validation = true });
        using GpuDevice device = GpuFixture.NewDevice(instance);
        Assert.Contains(driver, device.Physical.Driver, StringComparison.OrdinalIgnoreCase);
        Assert.True(instance.IsValidating, $"{GpuInstance.ValidationLayer} is not installed");
    }

    [Fact]
    public void MessagesReachWhoAskedForThem()
    {
        var heard = new List<string>();
        GpuInstance? made = null;
        try
        {
            made = GpuInstance.Create(new GpuInstanceOptions { Validation = true, OnMessage = heard.Add });
        }
        catch (Exception e) when (e is NoVulkanLoaderException or NoDeviceException)
        {
            Assert.Skip($"no Vulkan device: {e.Message}");
        }
        using GpuInstance instance = made;
        if (!instance.IsValidating || instance.PhysicalDevices.Count == 0)
            Assert.Skip($"{GpuInstance.ValidationLayer} is not installed");
        RecordHazard(instance);
        Assert.Single(heard);
        Assert.Equal(1, instance.ValidationMessages.Count);
        instance.ValidationMessages.Clear();
        Assert.Empty(instance.ValidationMessages.Texts);
    }

    /// <summary>Two writes to the same bytes with no barrier in between.</summary>
    private static void RecordHazard(GpuInstance instance)
    {
        using GpuDevice device = GpuFixture.NewDevice(instance);
        using GpuBuffer x = device.CreateBuffer(4096, GpuMemoryKind.Device, "unguarded");
        using GpuRecording recording = device.CreateRecording("hazard");
        recording.Begin();
        recording.Fill(x.Whole, 1);
        recording.Fill(x.Whole, 2);
        recording.End();
    }
}
