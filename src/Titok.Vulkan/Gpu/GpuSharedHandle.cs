using Silk.NET.Vulkan;

namespace Titok.Vulkan.Gpu;

/// <summary>What Vulkan calls the types of handles, and what a device must have for them.</summary>
internal static unsafe class GpuSharedHandle
{
    /// <summary>What programs in any language call such a handle.</summary>
    public static string Name(TitokHandleType handleType) => handleType switch
    {
        TitokHandleType.OpaqueFileDescriptor => "opaque file descriptor",
        TitokHandleType.DmaBuf => "dma_buf",
        _ => "opaque NT handle",
    };

    public static ExternalMemoryHandleTypeFlags Memory(TitokHandleType handleType) => handleType switch
    {
        TitokHandleType.OpaqueFileDescriptor => ExternalMemoryHandleTypeFlags.OpaqueFDBit,
        TitokHandleType.DmaBuf => ExternalMemoryHandleTypeFlags.DmaBufBitExt,
        _ => ExternalMemoryHandleTypeFlags.OpaqueWin32Bit,
    };

    public static ExternalSemaphoreHandleTypeFlags Semaphore(TitokHandleType handleType) => handleType == TitokHandleType.OpaqueWin32
        ? ExternalSemaphoreHandleTypeFlags.OpaqueWin32Bit
        : ExternalSemaphoreHandleTypeFlags.OpaqueFDBit;

    /// <summary>Why buffers can't be exported; null where they can.</summary>
    public static string? WhyNoBuffers(GpuDevice device, TitokHandleType handleType)
    {
        string[] extensions = handleType switch
        {
            TitokHandleType.OpaqueFileDescriptor => ["VK_KHR_external_memory_fd"],
            TitokHandleType.DmaBuf => ["VK_KHR_external_memory_fd", "VK_EXT_external_memory_dma_buf"],
            _ => ["VK_KHR_external_memory_win32"],
        };
        if (extensions.FirstOrDefault(e => !device.Physical.Extensions.Contains(e)) is { } missing)
            return missing;
        var info = new PhysicalDeviceExternalBufferInfo
        {
            SType = StructureType.PhysicalDeviceExternalBufferInfo,
            Usage = GpuSharedBuffer.Usage,
            HandleType = Memory(handleType),
        };
        var properties = new ExternalBufferProperties { SType = StructureType.ExternalBufferProperties };
        device.Vk.GetPhysicalDeviceExternalBufferProperties(device.Physical.Handle, &info, &properties);
        return properties.ExternalMemoryProperties.ExternalMemoryFeatures.HasFlag(ExternalMemoryFeatureFlags.ExportableBit)
            ? null
            : "VK_EXTERNAL_MEMORY_FEATURE_EXPORTABLE_BIT for buffers";
    }

    /// <summary>Why semaphores can't be exported; null where they can.</summary>
    public static string? WhyNoSemaphores(GpuDevice device, TitokHandleType handleType, bool isTimeline)
    {
        string extension = handleType == TitokHandleType.OpaqueWin32 ? "VK_KHR_external_semaphore_win32" : "VK_KHR_external_semaphore_fd";
        if (!device.Physical.Extensions.Contains(extension))
            return extension;
        var type = new SemaphoreTypeCreateInfo { SType = StructureType.SemaphoreTypeCreateInfo, SemaphoreType = isTimeline ? SemaphoreType.Timeline : SemaphoreType.Binary };
        var info = new PhysicalDeviceExternalSemaphoreInfo { SType = StructureType.PhysicalDeviceExternalSemaphoreInfo, PNext = &type, HandleType = Semaphore(handleType) };
        var properties = new ExternalSemaphoreProperties { SType = StructureType.ExternalSemaphoreProperties };
        device.Vk.GetPhysicalDeviceExternalSemaphoreProperties(device.Physical.Handle, &info, &properties);
        return properties.ExternalSemaphoreFeatures.HasFlag(ExternalSemaphoreFeatureFlags.ExportableBit)
            ? null
            : $"VK_EXTERNAL_SEMAPHORE_FEATURE_EXPORTABLE_BIT for {(isTimeline ? "timeline" : "binary")} semaphores";
    }
}
