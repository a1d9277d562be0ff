using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Silk.NET.Core;
using Silk.NET.Vulkan;

namespace Titok.Demo.Graphics;

/// <summary>Counts what the Vulkan validation layers say, and passes it on to stderr.</summary>
internal sealed unsafe class ValidationWatch : IDisposable
{
    public const string Layer = "VK_LAYER_KHRONOS_validation", DebugUtils = "VK_EXT_debug_utils";

    private GCHandle _self;
    private int _count;

    public ValidationWatch() => _self = GCHandle.Alloc(this);

    /// <summary>Messages so far.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Whether this process is to be watched.</summary>
    /// <remarks>By the same values as the library's own devices.</remarks>
    public static bool IsWanted => Environment.GetEnvironmentVariable("TITOK_VALIDATION") is { Length: > 0 } value && value != "0";

    /// <summary>What watches an instance from its creation to its end, and between them once attached.</summary>
    public DebugUtilsMessengerCreateInfoEXT CreateInfo() => new()
    {
        SType = StructureType.DebugUtilsMessengerCreateInfoExt,
        MessageSeverity = DebugUtilsMessageSeverityFlagsEXT.WarningBitExt | DebugUtilsMessageSeverityFlagsEXT.ErrorBitExt,
        MessageType = DebugUtilsMessageTypeFlagsEXT.ValidationBitExt | DebugUtilsMessageTypeFlagsEXT.PerformanceBitExt,
        PfnUserCallback = new PfnDebugUtilsMessengerCallbackEXT(&OnMessage),
        PUserData = (void*)GCHandle.ToIntPtr(_self),
    };

    public DebugUtilsMessengerEXT Attach(VulkanLoader functions, Instance instance)
    {
        var create = (delegate* unmanaged<nint, DebugUtilsMessengerCreateInfoEXT*, void*, DebugUtilsMessengerEXT*, Result>)
            functions.GetProcAddress("vkCreateDebugUtilsMessengerEXT");
        DebugUtilsMessengerCreateInfoEXT info = CreateInfo();
        DebugUtilsMessengerEXT messenger;
        VulkanCall.Check(create(instance.Handle, &info, null, &messenger));
        return messenger;
    }

    public static void Detach(VulkanLoader functions, Instance instance, DebugUtilsMessengerEXT messenger)
    {
        var destroy = (delegate* unmanaged<nint, DebugUtilsMessengerEXT, void*, void>)functions.GetProcAddress("vkDestroyDebugUtilsMessengerEXT");
        destroy(instance.Handle, messenger, null);
    }

    public void Dispose() => _self.Free();

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static Bool32 OnMessage(
        DebugUtilsMessageSeverityFlagsEXT severity, DebugUtilsMessageTypeFlagsEXT type, DebugUtilsMessengerCallbackDataEXT* data, void* self)
    {
        Interlocked.Increment(ref ((ValidationWatch)GCHandle.FromIntPtr((nint)self).Target!)._count);
        Console.Error.WriteLine($"validation: {NativeNames.Read(data->PMessage)}");
        return false;
    }
}
