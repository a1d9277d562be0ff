using System.Diagnostics;
using System.Text;
using Silk.NET.Vulkan;

namespace Titok.Vulkan.Gpu;

/// <summary>
/// Functions of modules in PTX, which NVIDIA's drivers take by VK_NVX_binary_import and launch from command buffers among
/// the dispatches of pipelines. Barriers order the two alike.
/// </summary>
/// <remarks>The extension's functions are called by pointers of ours, so that no package is needed for them.</remarks>
internal sealed unsafe class BinaryImport : IDisposable
{
    public const string Extension = "VK_NVX_binary_import";

    private const string CreateModule = "vkCreateCuModuleNVX", CreateFunction = "vkCreateCuFunctionNVX";

    /// <summary>What says in a launch's list of extras which pointer comes next.</summary>
    private const nint ParameterBuffer = 1, ParameterBufferSize = 2, End = 0;

    private readonly GpuDevice _device;
    private readonly Func<string, byte[]> _source;
    private readonly BuildClock _clock;
    private readonly BuiltOnce<string, CuModuleNVX> _modules;
    private readonly BuiltOnce<FunctionKey, GpuFunction> _functions;
    private readonly delegate* unmanaged<Device, CuModuleCreateInfoNVX*, AllocationCallbacks*, CuModuleNVX*, Result> _createModule;
    private readonly delegate* unmanaged<Device, CuFunctionCreateInfoNVX*, AllocationCallbacks*, CuFunctionNVX*, Result> _createFunction;
    private readonly delegate* unmanaged<Device, CuModuleNVX, AllocationCallbacks*, void> _destroyModule;
    private readonly delegate* unmanaged<Device, CuFunctionNVX, AllocationCallbacks*, void> _destroyFunction;
    private readonly delegate* unmanaged<CommandBuffer, CuLaunchInfoNVX*, void> _launch;

    /// <param name="device">One that has <see cref="GpuFeatures.BinaryImport"/>.</param>
    /// <param name="source">The text of a module by the name of its file.</param>
    /// <param name="clock">Where the time is added that the driver takes.</param>
    public BinaryImport(GpuDevice device, Func<string, byte[]> source, BuildClock clock)
    {
        _device = device;
        _source = source;
        _clock = clock;
        _modules = new BuiltOnce<string, CuModuleNVX>(BuildModule);
        _functions = new BuiltOnce<FunctionKey, GpuFunction>(BuildFunction);
        nint Address(string name) => device.Functions.GetProcAddress(name);
        _createModule = (delegate* unmanaged<Device, CuModuleCreateInfoNVX*, AllocationCallbacks*, CuModuleNVX*, Result>)Address(CreateModule);
        _createFunction = (delegate* unmanaged<Device, CuFunctionCreateInfoNVX*, AllocationCallbacks*, CuFunctionNVX*, Result>)Address(CreateFunction);
        _destroyModule = (delegate* unmanaged<Device, CuModuleNVX, AllocationCallbacks*, void>)Address("vkDestroyCuModuleNVX");
        _destroyFunction = (delegate* unmanaged<Device, CuFunctionNVX, AllocationCallbacks*, void>)Address("vkDestroyCuFunctionNVX");
        _launch = (delegate* unmanaged<CommandBuffer, CuLaunchInfoNVX*, void>)Address("vkCmdCuLaunchKernelNVX");
    }

    private readonly record struct FunctionKey(string Name, int Threads, int SharedMemory, int Bindings, int Parameters);

    /// <summary>
    /// Whether a device takes the modules that there are, which are for NVIDIA's Hopper GPUs: H100, H200 and the like. On others the
    /// extension is of no use, and there are machines where no device can be made with it.
    /// </summary>
    /// <param name="vendor">PCI vendor ID.</param>
    /// <param name="device">PCI device ID.</param>
    public static bool Takes(uint vendor, uint device) => vendor == GpuVendor.Nvidia && (device & 0xff00) == 0x2300;

    /// <inheritdoc cref="GpuDevice.GetFunction"/>
    public GpuFunction Get(string name, int threads, int sharedMemoryInBytes, int bindingCount, int parameterSizeInBytes)
    {
        if (sharedMemoryInBytes > KernelLimits.MaxLaunchSharedMemoryInBytes)
            throw new ArgumentException($"'{name}' asks for {sharedMemoryInBytes} bytes of shared memory; a launch may have {KernelLimits.MaxLaunchSharedMemoryInBytes}.");
        return _functions.Get(new FunctionKey(name, threads, sharedMemoryInBytes, bindingCount, parameterSizeInBytes));
    }

    /// <summary>Puts a launch into a command buffer, which keeps a copy of the parameters.</summary>
    public void Launch(CommandBuffer commands, GpuFunction function, ReadOnlySpan<byte> parameters, uint groupsX, uint groupsY, uint groupsZ)
    {
        nuint size = (nuint)parameters.Length;
        fixed (byte* values = parameters)
        {
            // As one buffer, in the words of CUDA's cuLaunchKernel; Vulkan's documents have none for it.
            void** extras = stackalloc void*[] { (void*)ParameterBuffer, values, (void*)ParameterBufferSize, &size, (void*)End };
            var info = new CuLaunchInfoNVX
            {
                SType = StructureType.CULaunchInfoNvx,
                Function = function.Handle,
                GridDimX = groupsX,
                GridDimY = groupsY,
                GridDimZ = groupsZ,
                BlockDimX = (uint)function.Threads,
                BlockDimY = 1,
                BlockDimZ = 1,
                SharedMemBytes = (uint)function.SharedMemoryInBytes,
                ExtraCount = 5,
                PExtras = extras,
            };
            _launch(commands, &info);
        }
    }

    public void Dispose()
    {
        foreach (GpuFunction function in _functions.Values)
        {
            _destroyFunction(_device.Handle, function.Handle, null);
            _device.LiveObjects.Remove();
        }
        foreach (CuModuleNVX module in _modules.Values)
        {
            _destroyModule(_device.Handle, module, null);
            _device.LiveObjects.Remove();
        }
        _functions.Clear();
        _modules.Clear();
    }

    private CuModuleNVX BuildModule(string name)
    {
        // What reads PTX goes by the NUL at its end, whatever size it is told.
        byte[] terminated = [.. _source(name + ".ptx"), 0];
        fixed (byte* text = terminated)
        {
            var info = new CuModuleCreateInfoNVX
            {
                SType = StructureType.CUModuleCreateInfoNvx,
                DataSize = (nuint)terminated.Length,
                PData = text,
            };
            CuModuleNVX module;
            long start = Stopwatch.GetTimestamp();
            _device.Check(_createModule(_device.Handle, &info, null, &module), CreateModule);
            _clock.AddSince(start);
            _device.LiveObjects.Add();
            _device.DebugNames.Name(ObjectType.CUModuleNvx, module.Handle, name);
            return module;
        }
    }

    private GpuFunction BuildFunction(FunctionKey key)
    {
        int dot = key.Name.LastIndexOf('.');
        if (dot < 0)
            throw new ArgumentException($"'{key.Name}' is not the name of a module and of a function in it.");
        CuModuleNVX module = _modules.Get(key.Name[..dot]);
        fixed (byte* name = Encoding.UTF8.GetBytes(key.Name[(dot + 1)..] + '\0'))
        {
            var info = new CuFunctionCreateInfoNVX
            {
                SType = StructureType.CUFunctionCreateInfoNvx,
                Module = module,
                PName = name,
            };
            CuFunctionNVX function;
            long start = Stopwatch.GetTimestamp();
            _device.Check(_createFunction(_device.Handle, &info, null, &function), CreateFunction);
            _clock.AddSince(start);
            _device.LiveObjects.Add();
            _device.DebugNames.Name(ObjectType.CUFunctionNvx, function.Handle, key.Name);
            return new GpuFunction(_device, this, key.Name, function, key.Threads, key.SharedMemory, key.Bindings, key.Parameters);
        }
    }
}
