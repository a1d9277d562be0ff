using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using Silk.NET.Core;
using Silk.NET.Vulkan;

namespace Titok.Vulkan.Gpu;

/// <summary>Collects the warnings and errors of Vulkan's layers and loader for one instance.</summary>
internal sealed unsafe class ValidationMessages(Action<string>? onMessage, ILogger? logger) : IDisposable
{
    private const int MaxKept = 200;

    private readonly List<string> _texts = [];
    private GCHandle _self;
    private DebugUtilsMessengerEXT _messenger;
    private int _count;

    /// <summary>How many there were, also those past the ones kept.</summary>
    public int Count => Volatile.Read(ref _count);

    public IReadOnlyList<string> Texts
    {
        get
        {
            lock (_texts)
                return _texts.ToArray();
        }
    }

    public void Clear()
    {
        lock (_texts)
        {
            _texts.Clear();
            _count = 0;
        }
    }

    /// <summary>What to chain into VkInstanceCreateInfo, so that instance creation and destruction are watched too.</summary>
    public DebugUtilsMessengerCreateInfoEXT CreateInfo()
    {
        if (!_self.IsAllocated)
            _self = GCHandle.Alloc(this);
        return new DebugUtilsMessengerCreateInfoEXT
        {
            SType = StructureType.DebugUtilsMessengerCreateInfoExt,
            MessageSeverity = DebugUtilsMessageSeverityFlagsEXT.WarningBitExt | DebugUtilsMessageSeverityFlagsEXT.ErrorBitExt,
            // The general type is the loader's talk about other vendors' driver files; it says nothing about this program.
            MessageType = DebugUtilsMessageTypeFlagsEXT.ValidationBitExt | DebugUtilsMessageTypeFlagsEXT.PerformanceBitExt,
            PfnUserCallback = new PfnDebugUtilsMessengerCallbackEXT(&OnMessage),
            PUserData = (void*)GCHandle.ToIntPtr(_self),
        };
    }

    public void Attach(VulkanFunctions functions, Instance instance)
    {
        var create = (delegate* unmanaged<nint, DebugUtilsMessengerCreateInfoEXT*, void*, DebugUtilsMessengerEXT*, Result>)
            functions.GetProcAddress("vkCreateDebugUtilsMessengerEXT");
        DebugUtilsMessengerCreateInfoEXT info = CreateInfo();
        DebugUtilsMessengerEXT messenger;
        VulkanResult.Check(create(instance.Handle, &info, null, &messenger), "vkCreateDebugUtilsMessengerEXT");
        _messenger = messenger;
    }

    /// <summary>Ends the messenger; call before the instance is destroyed, and <see cref="Dispose"/> after.</summary>
    public void Detach(VulkanFunctions functions, Instance instance)
    {
        if (_messenger.Handle == 0)
            return;
        var destroy = (delegate* unmanaged<nint, DebugUtilsMessengerEXT, void*, void>)
            functions.GetProcAddress("vkDestroyDebugUtilsMessengerEXT");
        destroy(instance.Handle, _messenger, null);
        _messenger = default;
    }

    public void Dispose()
    {
        if (_self.IsAllocated)
            _self.Free();
    }

    private void Receive(string text, bool isError)
    {
        lock (_texts)
        {
            _count++;
            if (_texts.Count < MaxKept)
                _texts.Add(text);
        }
        if (logger is not null)
            logger.Log(isError ? LogLevel.Error : LogLevel.Warning, "Vulkan: {Message}", text);
        onMessage?.Invoke(text);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static Bool32 OnMessage(
        DebugUtilsMessageSeverityFlagsEXT severity, DebugUtilsMessageTypeFlagsEXT type,
        DebugUtilsMessengerCallbackDataEXT* data, void* userData)
    {
        try
        {
            var messages = (ValidationMessages)GCHandle.FromIntPtr((nint)userData).Target!;
            // Newer layers leave the message's id out of its text.
            string id = NativeStrings.Read(data->PMessageIdName), text = NativeStrings.Read(data->PMessage);
            messages.Receive(text.Contains(id, StringComparison.Ordinal) ? text : $"{id}: {text}", severity.HasFlag(DebugUtilsMessageSeverityFlagsEXT.ErrorBitExt));
        }
        catch (Exception)
        {
            // An exception must not unwind through the driver that called.
        }
        return false;
    }
}
