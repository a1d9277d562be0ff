using System.Runtime.InteropServices;
using Silk.NET.Vulkan;
using Titok.Vulkan.Gpu;

namespace Titok.Vulkan.Tests.Embedding;

/// <summary>
/// Stands between the library and the driver: counts the calls that can fail, makes one of them fail, and keeps account
/// of what is created and destroyed. One layer serves one instance at a time.
/// </summary>
/// <remarks>
/// Every wrapper takes and passes on eight words, as many as the longest of these functions has. By the calling
/// conventions of x64 and arm64 the words that a function does not have do no harm.
/// </remarks>
internal sealed unsafe class FaultLayer
{
    private readonly delegate* unmanaged[Cdecl]<nint, byte*, nint> _loader;
    private readonly Lock _lock = new();
    private readonly Dictionary<nint, nint> _wrappers = [];
    private readonly List<Delegate> _kept = [];
    private readonly Dictionary<string, int> _calls = [];
    private readonly Dictionary<string, int> _alive = [];
    private readonly HashSet<string> _resolved = [];
    private readonly GetProcAddr _getInstanceProcAddr;
    private delegate* unmanaged[Cdecl]<nint, byte*, nint> _getDeviceProcAddr;
    private nint _device;
    private delegate* unmanaged[Cdecl]<nint, int> _deviceWaitIdle;
    private (string Function, int Call, Result Result)? _fault;

    public FaultLayer()
    {
        _loader = (delegate* unmanaged[Cdecl]<nint, byte*, nint>)VulkanFunctions.LoadGetInstanceProcAddr();
        _getInstanceProcAddr = (instance, name) => Resolve(_loader(instance, name), NativeStrings.Read(name));
        Pointer = Marshal.GetFunctionPointerForDelegate(_getInstanceProcAddr);
    }

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate nint GetProcAddr(nint owner, byte* name);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate nint Call(nint a, nint b, nint c, nint d, nint e, nint f, nint g, nint h);

    /// <summary>What each function that the library calls and that can fail may answer, other than success.</summary>
    public static IReadOnlyDictionary<string, Result[]> Faults { get; } = new Dictionary<string, Result[]>
    {
        ["vkEnumerateInstanceVersion"] = [Result.ErrorOutOfHostMemory],
        ["vkCreateInstance"] = [Result.ErrorOutOfHostMemory, Result.ErrorInitializationFailed, Result.ErrorIncompatibleDriver, Result.ErrorExtensionNotPresent],
        ["vkEnumerateInstanceExtensionProperties"] = [Result.ErrorOutOfHostMemory],
        ["vkEnumeratePhysicalDevices"] = [Result.ErrorOutOfHostMemory, Result.ErrorInitializationFailed],
        ["vkEnumerateDeviceExtensionProperties"] = [Result.ErrorOutOfHostMemory],
        ["vkCreateDevice"] = [Result.ErrorOutOfDeviceMemory, Result.ErrorInitializationFailed, Result.ErrorDeviceLost, Result.ErrorTooManyObjects, Result.ErrorFeatureNotPresent],
        ["vkCreateSemaphore"] = [Result.ErrorOutOfHostMemory],
        ["vkCreatePipelineCache"] = [Result.ErrorOutOfHostMemory],
        ["vkGetPipelineCacheData"] = [Result.ErrorOutOfHostMemory, Result.Incomplete],
        ["vkCreateBuffer"] = [Result.ErrorOutOfDeviceMemory],
        ["vkAllocateMemory"] = [Result.ErrorOutOfDeviceMemory, Result.ErrorOutOfHostMemory, Result.ErrorTooManyObjects],
        ["vkBindBufferMemory"] = [Result.ErrorOutOfDeviceMemory],
        ["vkMapMemory"] = [Result.ErrorMemoryMapFailed],
        ["vkCreateShaderModule"] = [Result.ErrorOutOfHostMemory],
        ["vkCreateDescriptorSetLayout"] = [Result.ErrorOutOfHostMemory],
        ["vkCreatePipelineLayout"] = [Result.ErrorOutOfHostMemory],
        ["vkCreateComputePipelines"] = [Result.ErrorOutOfDeviceMemory],
        ["vkCreateDescriptorPool"] = [Result.ErrorOutOfDeviceMemory],
        ["vkAllocateDescriptorSets"] = [Result.ErrorOutOfPoolMemory, Result.ErrorFragmentedPool],
        ["vkResetDescriptorPool"] = [Result.ErrorOutOfDeviceMemory],
        ["vkCreateCommandPool"] = [Result.ErrorOutOfHostMemory],
        ["vkResetCommandPool"] = [Result.ErrorOutOfDeviceMemory],
        ["vkAllocateCommandBuffers"] = [Result.ErrorOutOfHostMemory],
        ["vkBeginCommandBuffer"] = [Result.ErrorOutOfDeviceMemory],
        ["vkEndCommandBuffer"] = [Result.ErrorOutOfHostMemory],
        ["vkCreateQueryPool"] = [Result.ErrorOutOfDeviceMemory],
        ["vkGetQueryPoolResults"] = [Result.ErrorDeviceLost, Result.NotReady],
        ["vkQueueSubmit"] = [Result.ErrorDeviceLost, Result.ErrorOutOfDeviceMemory],
        ["vkWaitSemaphores"] = [Result.ErrorDeviceLost, Result.ErrorOutOfHostMemory, Result.Timeout],
        ["vkGetSemaphoreCounterValue"] = [Result.ErrorDeviceLost],
    };

    /// <summary>Those that can fail as well, but are called on some devices only, so that their failure can't be tested on every one.</summary>
    public static IReadOnlySet<string> OfSomeDevices { get; } = new HashSet<string>
    {
        "vkGetPhysicalDeviceCooperativeMatrixPropertiesKHR",
        // GpuFunctionTests has them fail on a mock driver.
        "vkCreateCuModuleNVX", "vkCreateCuFunctionNVX",
    };

    /// <summary>vkGetInstanceProcAddr.</summary>
    public nint Pointer { get; }

    /// <summary>Whether the call that was to fail has failed.</summary>
    public bool HasFailed { get; private set; }

    /// <summary>What is created and not destroyed: functions with counts, or nothing.</summary>
    public string Alive
    {
        get
        {
            lock (_lock)
                return string.Join(", ", _alive.Where(a => a.Value != 0).Select(a => $"{a.Value} × {a.Key}"));
        }
    }

    /// <summary>Every function that the library has asked for and was given, which it does before it calls one.</summary>
    public string[] Resolved
    {
        get
        {
            lock (_lock)
                return [.. _resolved.Order(StringComparer.Ordinal)];
        }
    }

    /// <summary>Starts counting anew, and sets the call that fails: the n-th of a function, from 0.</summary>
    public void Arm((string Function, int Call, Result Result)? fault)
    {
        lock (_lock)
        {
            (_fault, HasFailed) = (fault, false);
            _calls.Clear();
            _alive.Clear();
        }
    }

    /// <summary>Lets the next call of a function fail, or one after so many more, and goes on counting.</summary>
    public void FailNext(string function, Result result, int after = 0)
    {
        lock (_lock)
            (_fault, HasFailed) = ((function, _calls.GetValueOrDefault(function) + after, result), false);
    }

    public int CallsOf(string function)
    {
        lock (_lock)
            return _calls.GetValueOrDefault(function);
    }

    private nint Resolve(nint real, string name)
    {
        if (real == 0)
            return 0;
        lock (_lock)
            _resolved.Add(name);
        if (name == "vkGetDeviceProcAddr")
        {
            _getDeviceProcAddr = (delegate* unmanaged[Cdecl]<nint, byte*, nint>)real;
            return Keep(0, new GetProcAddr((device, wanted) => Resolve(_getDeviceProcAddr(device, wanted), NativeStrings.Read(wanted))));
        }
        if (name == "vkDeviceWaitIdle")
            _deviceWaitIdle = (delegate* unmanaged[Cdecl]<nint, int>)real;
        string? thing = Thing(name);
        if (!Faults.ContainsKey(name) && thing is null)
            return real;
        var call = (delegate* unmanaged[Cdecl]<nint, nint, nint, nint, nint, nint, nint, nint, nint>)real;
        return Keep(real, new Call((a, b, c, d, e, f, g, h) =>
        {
            if (Fails(name) is { } result)
                return (int)result;
            nint answer = call(a, b, c, d, e, f, g, h);
            if (thing is not null)
                Account(name, thing, (int)answer, destroyed: name == "vkDestroyDevice" || name == "vkDestroyInstance" ? a : b);
            if (name == "vkCreateDevice" && (int)answer == 0)
            {
                _device = *(nint*)d;
                _deviceWaitIdle = (delegate* unmanaged[Cdecl]<nint, int>)Real("vkDeviceWaitIdle");
            }
            return answer;
        }));
    }

    private nint Real(string name)
    {
        using var text = new NativeStrings([name]);
        return _getDeviceProcAddr != null ? _getDeviceProcAddr(_device, text.Pointers[0]) : 0;
    }

    private Result? Fails(string name)
    {
        lock (_lock)
        {
            if (!Faults.ContainsKey(name))
                return null;
            int call = _calls.GetValueOrDefault(name);
            _calls[name] = call + 1;
            if (_fault is not { } fault || fault.Function != name || fault.Call != call)
                return null;
            HasFailed = true;
            // A device that is really lost works on nothing any more; this one would go on behind the library's back.
            if (_deviceWaitIdle != null && _device != 0 && name.StartsWith("vk", StringComparison.Ordinal) && !name.Contains("Instance", StringComparison.Ordinal) && name != "vkCreateDevice")
                _deviceWaitIdle(_device);
            return fault.Result;
        }
    }

    private void Account(string name, string thing, int answer, nint destroyed)
    {
        lock (_lock)
        {
            bool makes = name.StartsWith("vkCreate", StringComparison.Ordinal) || name == "vkAllocateMemory";
            if (makes ? answer == 0 : destroyed != 0)
                _alive[thing] = _alive.GetValueOrDefault(thing) + (makes ? 1 : -1);
            if (name == "vkDestroyDevice")
                _device = 0;
        }
    }

    private nint Keep(nint real, Delegate wrapper)
    {
        lock (_lock)
        {
            if (real != 0 && _wrappers.TryGetValue(real, out nint there))
                return there;
            nint pointer = Marshal.GetFunctionPointerForDelegate(wrapper);
            _kept.Add(wrapper);
            if (real != 0)
                _wrappers[real] = pointer;
            return pointer;
        }
    }

    /// <summary>What a function makes or destroys by itself; null where pools do.</summary>
    private static string? Thing(string name) => name switch
    {
        "vkAllocateMemory" or "vkFreeMemory" => "DeviceMemory",
        "vkCreateComputePipelines" or "vkCreateGraphicsPipelines" or "vkDestroyPipeline" => "Pipeline",
        _ when name.StartsWith("vkCreate", StringComparison.Ordinal) => name["vkCreate".Length..],
        _ when name.StartsWith("vkDestroy", StringComparison.Ordinal) => name["vkDestroy".Length..],
        _ => null,
    };
}
