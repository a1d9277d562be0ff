using System.Runtime.CompilerServices;
using Silk.NET.Vulkan;
using Titok.Vulkan;

namespace Titok.Demo.Graphics;

/// <summary>Turns a VkResult that is a failure into an error.</summary>
internal static class VulkanCall
{
    public static void Check(Result result, [CallerArgumentExpression(nameof(result))] string call = "")
    {
        if (result >= Result.Success)
            return;
        int from = call.IndexOf('.', StringComparison.Ordinal) + 1, to = call.IndexOf('(', StringComparison.Ordinal);
        string name = to > from ? call[from..to] : call;
        throw result switch
        {
            Result.ErrorDeviceLost => new DeviceLostException($"the GPU was lost ({name})"),
            Result.ErrorOutOfDeviceMemory or Result.ErrorOutOfHostMemory => new DemoException($"there is not enough memory for the window ({name})"),
            Result.ErrorIncompatibleDriver => new DemoException("no Vulkan driver is installed; titok doctor says how to mend that"),
            _ => new DemoException($"Vulkan's {name} failed: {result}"),
        };
    }
}
