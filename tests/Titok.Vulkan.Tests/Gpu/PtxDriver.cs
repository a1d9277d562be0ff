using System.Runtime.InteropServices;
using System.Text;
using Silk.NET.Vulkan;
using Titok.Vulkan.Gpu;

namespace Titok.Vulkan.Tests.Gpu;

/// <summary>
/// Stands between the library and a driver that need not take PTX: seems to be one of NVIDIA's Hopper GPUs, answers by itself for
/// VK_NVX_binary_import, and writes down what it is told and what is bound and dispatched in between. Nothing of what is launched runs.
/// </summary>
internal sealed unsafe class PtxDriver
{
    /// <summary>For good: who has a function's address does not keep it alive.</summary>
    private static readonly List<Delegate> s_kept = [];

    private readonly delegate* unmanaged[Cdecl]<nint, byte*, nint> _loader;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, nint> _functions = [];
    private readonly List<string> _commands = [];
    private readonly List<string> _modules = [];
    private readonly List<string> _names = [];
    private delegate* unmanaged[Cdecl]<nint, byte*, nint> _getDeviceProcAddr;

    public PtxDriver(nint getInstanceProcAddr)
    {
        _loader = (delegate* unmanaged[Cdecl]<nint, byte*, nint>)getInstanceProcAddr;
        Pointer = Keep(new GetProcAddr((instance, name) => Resolve(_loader(instance, name), NativeStrings.Read(name))));
        _functions["vkCreateCuModuleNVX"] = Keep(new CreateModule(OnCreateModule));
        _functions["vkCreateCuFunctionNVX"] = Keep(new CreateFunction(OnCreateFunction));
        _functions["vkDestroyCuModuleNVX"] = Keep(new Destroy((_, _, _) => Modules--));
        _functions["vkDestroyCuFunctionNVX"] = Keep(new Destroy((_, _, _) => Functions--));
        _functions["vkCmdCuLaunchKernelNVX"] = Keep(new Launch(OnLaunch));
    }

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate nint GetProcAddr(nint owner, byte* name);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate Result EnumerateExtensions(nint physicalDevice, byte* layer, uint* count, ExtensionProperties* properties);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate void GetProperties(nint physicalDevice, PhysicalDeviceProperties* properties);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate Result CreateDevice(nint physicalDevice, DeviceCreateInfo* info, nint allocator, nint* device);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate Result CreateModule(nint device, CuModuleCreateInfoNVX* info, nint allocator, ulong* module);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate Result CreateFunction(nint device, CuFunctionCreateInfoNVX* info, nint allocator, ulong* function);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate void Destroy(nint device, ulong handle, nint allocator);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate void Launch(nint commands, CuLaunchInfoNVX* info);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate void BindPipeline(nint commands, int point, ulong pipeline);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate void Dispatch(nint commands, uint x, uint y, uint z);

    /// <summary>vkGetInstanceProcAddr.</summary>
    public nint Pointer { get; }

    /// <summary>What it answers to the next that wants a module or a function made.</summary>
    public Result Answer { get; set; }

    /// <summary>What it answers to whoever wants a device made with the extension.</summary>
    public Result DeviceAnswer { get; set; }

    /// <summary>Modules that are there.</summary>
    public int Modules { get; private set; }

    /// <summary>Functions that are there.</summary>
    public int Functions { get; private set; }

    /// <summary>The texts of the modules that were made.</summary>
    public IReadOnlyList<string> Texts => _modules;

    /// <summary>"bind", "dispatch", or a launch with its parameters in hexadecimal digits.</summary>
    public IReadOnlyList<string> Commands => _commands;

    private nint Resolve(nint real, string name)
    {
        lock (_lock)
        {
            if (_functions.TryGetValue(name, out nint there))
                return there;
            Delegate? wrapper = real == 0 ? null : Wrapper(real, name);
            return wrapper is null ? real : _functions[name] = Keep(wrapper);
        }
    }

    private Delegate? Wrapper(nint real, string name)
    {
        switch (name)
        {
            case "vkGetDeviceProcAddr":
                _getDeviceProcAddr = (delegate* unmanaged[Cdecl]<nint, byte*, nint>)real;
                return new GetProcAddr((device, wanted) => Resolve(_getDeviceProcAddr(device, wanted), NativeStrings.Read(wanted)));
            case "vkEnumerateDeviceExtensionProperties":
                var enumerate = (delegate* unmanaged[Cdecl]<nint, byte*, uint*, ExtensionProperties*, Result>)real;
                return new EnumerateExtensions((physicalDevice, layer, count, properties) =>
                {
                    if (properties != null)
                        --*count;
                    Result result = enumerate(physicalDevice, layer, count, properties);
                    if (properties != null)
                        Encoding.UTF8.GetBytes(BinaryImport.Extension + '\0', new Span<byte>(properties[*count].ExtensionName, 256));
                    ++*count;
                    return result;
                });
            case "vkGetPhysicalDeviceProperties":
                var getProperties = (delegate* unmanaged[Cdecl]<nint, PhysicalDeviceProperties*, void>)real;
                return new GetProperties((physicalDevice, properties) =>
                {
                    getProperties(physicalDevice, properties);
                    (properties->VendorID, properties->DeviceID) = (0x10de, 0x2330);
                });
            case "vkCreateDevice":
                var create = (delegate* unmanaged[Cdecl]<nint, DeviceCreateInfo*, nint, nint*, Result>)real;
                return new CreateDevice((physicalDevice, info, allocator, device) =>
                {
                    var enabled = new List<nint>();
                    for (int i = 0; i < info->EnabledExtensionCount; i++)
                    {
                        if (NativeStrings.Read(info->PpEnabledExtensionNames[i]) != BinaryImport.Extension)
                            enabled.Add((nint)info->PpEnabledExtensionNames[i]);
                    }
                    if (enabled.Count < info->EnabledExtensionCount && DeviceAnswer != Result.Success)
                        return DeviceAnswer;
                    fixed (nint* names = enabled.ToArray())
                    {
                        DeviceCreateInfo without = *info;
                        without.EnabledExtensionCount = (uint)enabled.Count;
                        without.PpEnabledExtensionNames = (byte**)names;
                        return create(physicalDevice, &without, allocator, device);
                    }
                });
            case "vkCmdBindPipeline":
                var bind = (delegate* unmanaged[Cdecl]<nint, int, ulong, void>)real;
                return new BindPipeline((commands, point, pipeline) =>
                {
                    _commands.Add("bind");
                    bind(commands, point, pipeline);
                });
            case "vkCmdDispatch":
                var dispatch = (delegate* unmanaged[Cdecl]<nint, uint, uint, uint, void>)real;
                return new Dispatch((commands, x, y, z) =>
                {
                    _commands.Add("dispatch");
                    dispatch(commands, x, y, z);
                });
            default:
                return null;
        }
    }

    private Result OnCreateModule(nint device, CuModuleCreateInfoNVX* info, nint allocator, ulong* module)
    {
        lock (_lock)
        {
            if (Answer != Result.Success)
                return Answer;
            _modules.Add(Encoding.UTF8.GetString((byte*)info->PData, (int)info->DataSize));
            *module = (ulong)_modules.Count;
            Modules++;
            return Result.Success;
        }
    }

    private Result OnCreateFunction(nint device, CuFunctionCreateInfoNVX* info, nint allocator, ulong* function)
    {
        lock (_lock)
        {
            if (Answer != Result.Success)
                return Answer;
            _names.Add($"{info->Module.Handle}:{NativeStrings.Read(info->PName)}");
            *function = (ulong)_names.Count;
            Functions++;
            return Result.Success;
        }
    }

    private void OnLaunch(nint commands, CuLaunchInfoNVX* info)
    {
        var extras = (nint*)info->PExtras;
        bool isBuffer = info->ParamCount == 0 && info->PParams == null && info->ExtraCount == 5 && (extras[0], extras[2], extras[4]) == (1, 2, 0);
        ReadOnlySpan<byte> parameters = isBuffer ? new ReadOnlySpan<byte>((byte*)extras[1], (int)*(nuint*)extras[3]) : "no buffer"u8;
        _commands.Add($"{_names[(int)info->Function.Handle - 1]}, {info->GridDimX}×{info->GridDimY}×{info->GridDimZ} of {info->BlockDimX}×{info->BlockDimY}×{info->BlockDimZ}, "
            + $"{info->SharedMemBytes} bytes: {Convert.ToHexString(parameters)}");
    }

    private static nint Keep(Delegate function)
    {
        s_kept.Add(function);
        return Marshal.GetFunctionPointerForDelegate(function);
    }
}
