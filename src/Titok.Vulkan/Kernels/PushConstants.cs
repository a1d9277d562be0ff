using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace Titok.Vulkan.Kernels;

/// <summary>Turns a kernel's push-constant struct (4-byte scalars in the shader's order) into bytes.</summary>
internal static class PushConstants
{
    public static ImmutableArray<byte> Of<T>(in T push)
        where T : unmanaged =>
        [.. MemoryMarshal.AsBytes(MemoryMarshal.CreateReadOnlySpan(in push, 1))];
}
