namespace Titok.Vulkan.Gpu;

/// <summary>A host's semaphore to wait for or to signal: at a value, or plainly where it is a binary one.</summary>
/// <param name="Handle">The VkSemaphore.</param>
/// <param name="Value">Its value, if it is a timeline semaphore; otherwise of no meaning.</param>
internal readonly record struct GpuSemaphorePoint(ulong Handle, ulong Value);
