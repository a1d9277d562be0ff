using Silk.NET.Vulkan;
using Titok.Vulkan.Gpu;

namespace Titok.Vulkan.Tests.Gpu;

public class DeviceSelectionTests
{
    private static readonly GpuPhysicalDevice[] Devices =
    [
        Device(0, "llvmpipe (LLVM 15.0.6)", TitokDeviceType.Cpu),
        Device(1, "Intel(R) Graphics", TitokDeviceType.Integrated),
        Device(2, "GeForce GT 710", TitokDeviceType.Discrete, "no Vulkan 1.2"),
        Device(3, "Radeon RX 7900", TitokDeviceType.Discrete),
        Device(4, "Radeon RX 7900", TitokDeviceType.Discrete) with
        {
            Uuid = Convert.FromHexString("00112233445566778899aabbccddeeff"),
            Luid = Convert.FromHexString("0102030405060708"),
            PciAddress = "0000:0a:00.0",
        },
        Device(5, "virtio", TitokDeviceType.Virtual),
    ];

    [Theory]
    [InlineData(null, 3)]
    [InlineData("", 3)]
    [InlineData("0", 0)]
    [InlineData(" 4 ", 4)]
    [InlineData("radeon", 3)]
    [InlineData("LLVMPIPE", 0)]
    [InlineData("graphics", 1)]
    [InlineData("uuid:00112233-4455-6677-8899-AABBCCDDEEFF", 4)]
    [InlineData("UUID:00112233445566778899aabbccddeeff", 4)]
    [InlineData("luid:0102030405060708", 4)]
    [InlineData("pci:0000:0A:00.0", 4)]
    public void ChoosesByIndexNameIdentityOrRank(string? wanted, int index) =>
        Assert.Equal(index, DeviceSelection.Choose(Devices, wanted).Index);

    [Theory]
    [InlineData("6")]
    [InlineData("-1")]
    [InlineData("99999999999999")]
    [InlineData("voodoo")]
    [InlineData("uuid:")]
    [InlineData("luid:0000000000000000")]
    [InlineData("pci:0000:0b:00.0")]
    public void WhatIsNotThereIsAnsweredWithWhatIs(string wanted)
    {
        NoDeviceException error = Assert.Throws<NoDeviceException>(() => DeviceSelection.Choose(Devices, wanted));
        Assert.Contains(wanted, error.Message, StringComparison.Ordinal);
        Assert.Contains("1: Intel(R) Graphics", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Theory]
    [InlineData("2")]
    [InlineData("GeForce")]
    public void AnUnusableDeviceSaysWhy(string wanted) =>
        Assert.Contains("no Vulkan 1.2", Assert.Throws<NoDeviceException>(() => DeviceSelection.Choose(Devices, wanted)).Message, StringComparison.Ordinal);

    [Fact]
    public void NoDeviceAtAllSaysWhatToInstall()
    {
        Assert.Equal(VulkanResult.NoDriverMessage, Assert.Throws<NoDeviceException>(() => DeviceSelection.Choose([])).Message);
        Assert.Contains("apt-get install libvulkan1 mesa-vulkan-drivers", VulkanResult.NoDriverWith(_ => null), StringComparison.Ordinal);
        Assert.EndsWith("by VK_DRIVER_FILES=''", VulkanResult.NoDriverWith(name => name == "VK_DRIVER_FILES" ? "" : null), StringComparison.Ordinal);
        Assert.Contains("GT 710 (unusable: no Vulkan 1.2)", Assert.Throws<NoDeviceException>(() => DeviceSelection.Choose(Devices[2..3])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void NoLoaderSaysWhatToInstall()
    {
        NoVulkanLoaderException error = Assert.Throws<NoVulkanLoaderException>(
            () => GpuInstance.Create(new GpuInstanceOptions { LoaderLibraries = ["libthere-is-no-such-library.so.1"] }));
        Assert.Contains("install", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void WhatADeviceLacksIsNamed()
    {
        GpuPhysicalDevice good = Device(0, "good", TitokDeviceType.Discrete) with
        {
            QueueFamily = 0,
            Features = new GpuFeatures { TimelineSemaphore = true },
            Limits = new GpuLimits { MaxComputeWorkGroupInvocations = 1024, MaxStorageBuffersPerStage = 16 },
        };
        Assert.Null(GpuRequirement.WhyUnusable(good));
        Assert.Equal("it lacks Vulkan 1.2", GpuRequirement.WhyUnusable(good with { ApiVersion = 0x00401083 }));
        Assert.Equal("it lacks timelineSemaphore", GpuRequirement.WhyUnusable(good with { Features = new GpuFeatures() }));
        Assert.Equal("it lacks a compute queue", GpuRequirement.WhyUnusable(good with { QueueFamily = -1 }));
        Assert.Equal(
            "it lacks maxComputeWorkGroupInvocations of 256",
            GpuRequirement.WhyUnusable(good with { Limits = good.Limits with { MaxComputeWorkGroupInvocations = 128 } }));
        Assert.Equal(
            "it lacks MoltenVK 1.3 (where that is the driver)",
            GpuRequirement.WhyUnusable(good with { DriverId = DriverId.Moltenvk, DriverVersion = 10211 }));
        Assert.Null(GpuRequirement.WhyUnusable(good with { DriverId = DriverId.Moltenvk, DriverVersion = 10300 }));
        Assert.Null(GpuRequirement.WhyUnusable(good with { DriverId = DriverId.MesaLlvmpipe, DriverVersion = 1 }));
    }

    private static GpuPhysicalDevice Device(int index, string name, TitokDeviceType type, string? whyUnusable = null) => new()
    {
        Index = index,
        Name = name,
        Driver = "driver",
        Type = type,
        ApiVersion = 0x00402000,
        Limits = new GpuLimits(),
        Features = new GpuFeatures(),
        WhyUnusable = whyUnusable,
    };
}
