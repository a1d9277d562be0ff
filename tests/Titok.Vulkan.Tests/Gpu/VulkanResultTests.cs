using Silk.NET.Vulkan;
using Titok.Vulkan.Gpu;

namespace Titok.Vulkan.Tests.Gpu;

/// <summary>Drivers' errors as the library tells them.</summary>
public sealed class VulkanResultTests
{
    [Theory]
    [InlineData(-13, "VK_ERROR_UNKNOWN")]
    [InlineData(-11, "VK_ERROR_FORMAT_NOT_SUPPORTED")]
    [InlineData(-1000072003, "VK_ERROR_INVALID_EXTERNAL_HANDLE")]
    [InlineData(-1000001004, "VK_ERROR_OUT_OF_DATE_KHR")]
    [InlineData(-77, "VkResult -77")]
    public void ResultsHaveTheNamesThatVulkanGivesThem(int result, string name) =>
        Assert.Equal($"The Vulkan call vkDo failed: {name}.", VulkanResult.ToException((Result)result, "vkDo").Message);

    [Theory]
    [InlineData(Result.ErrorDeviceLost, typeof(DeviceLostException))]
    [InlineData(Result.ErrorOutOfDeviceMemory, typeof(OutOfDeviceMemoryException))]
    [InlineData(Result.ErrorTooManyObjects, typeof(OutOfDeviceMemoryException))]
    [InlineData(Result.ErrorExtensionNotPresent, typeof(MissingFeatureException))]
    [InlineData(Result.ErrorIncompatibleDriver, typeof(NoDeviceException))]
    public void ErrorsHaveTheirTypes(Result result, Type type) => Assert.IsType(type, VulkanResult.ToException(result, "vkDo"));
}
