namespace Titok.Vulkan;

/// <summary>A host's semaphore to wait for, or to signal.</summary>
/// <param name="Handle">The VkSemaphore.</param>
/// <param name="Value">The value to wait for or to signal, for a timeline semaphore; a binary one has none.</param>
public readonly record struct TitokSemaphore(ulong Handle, ulong Value = 0);
