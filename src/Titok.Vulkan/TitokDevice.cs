using Microsoft.Extensions.Logging;
using Titok.Vulkan.Engine;
using Titok.Vulkan.Gpu;
using Titok.Vulkan.Graphs;
using Titok.Vulkan.Kernels;

namespace Titok.Vulkan;

/// <summary>A Vulkan device with everything that models need to run on it.</summary>
/// <remarks>
/// Models hold on to the device that they were loaded on: dispose of them first. All members may be called from any
/// thread. After a device loss every call throws <see cref="DeviceLostException"/>; disposing stays safe.
/// </remarks>
public sealed class TitokDevice : IDisposable
{
    private readonly GpuInstance _instance;

    private TitokDevice(GpuInstance instance, GpuDevice device, TitokDeviceInfo info) =>
        (_instance, Gpu, Info) = (instance, device, info);

    /// <summary>What the device is.</summary>
    public TitokDeviceInfo Info { get; }

    /// <summary>Bytes of device memory in use by models and requests.</summary>
    public long MemoryInUseInBytes => Gpu.Allocator.UsedInBytes;

    /// <summary>Messages of the validation layer so far.</summary>
    public int ValidationMessages => _instance.ValidationMessages.Count;

    /// <summary>
    /// A VkSemaphore of the timeline kind that counts the library's submissions; see <see cref="TitokSliceInfo.TimelineValue"/>.
    /// It may be waited for, on a queue or by the host, and must not be signalled.
    /// </summary>
    /// <exception cref="ObjectDisposedException">The device was disposed of, and the semaphore with it.</exception>
    public ulong TimelineSemaphore
    {
        get
        {
            ObjectDisposedException.ThrowIf(Gpu.IsDisposed, this);
            return Gpu.Timeline.Handle.Handle;
        }
    }

    /// <summary>Whether the device was lost; a new one has to be made then.</summary>
    public bool IsLost => Gpu.IsLost;

    /// <summary>Time spent building kernels so far; that of threads which built at once is added up.</summary>
    public TimeSpan KernelBuildTime => Gpu.PipelineBuildTime;

    internal GpuDevice Gpu { get; }

    /// <summary>Whether the Khronos validation layer is on: asked for (<see cref="TitokDeviceOptions.Validation"/>) and installed.</summary>
    public bool IsValidating => _instance.IsValidating;

    /// <summary>Vulkan objects that are ours and not destroyed yet.</summary>
    internal long LiveObjects => _instance.LiveObjects.Count;

    /// <summary>Every Vulkan device of this machine, usable or not.</summary>
    /// <exception cref="NoVulkanLoaderException">The Vulkan loader is not installed.</exception>
    public static IReadOnlyList<TitokDeviceInfo> List()
    {
        using GpuInstance instance = GpuInstance.Create();
        return [.. instance.PhysicalDevices.Select(Describe)];
    }

    /// <summary>Opens a device.</summary>
    /// <exception cref="NoVulkanLoaderException">The Vulkan loader is not installed.</exception>
    /// <exception cref="NoDeviceException">There is no device, or not the one asked for, or it lacks what can't be done without.</exception>
    /// <exception cref="ArgumentException">The cache folder's name has a NUL in it.</exception>
    public static TitokDevice Create(TitokDeviceOptions? options = null)
    {
        options ??= new TitokDeviceOptions();
        GpuInstance instance = GpuInstance.Create(new GpuInstanceOptions
        {
            Validation = options.Validation,
            GetInstanceProcAddr = options.GetInstanceProcAddr,
            OnMessage = options.ValidationMessage,
            Logger = options.Logger,
        });
        try
        {
            GpuPhysicalDevice physical = DeviceSelection.Choose(instance.PhysicalDevices, options.Device);
            GpuDevice device = DeviceOpening.Open(instance, physical, new GpuDeviceOptions { CacheFolder = options.CacheFolder });
            return new TitokDevice(instance, device, Describe(physical));
        }
        catch
        {
            instance.Dispose();
            throw;
        }
    }

    /// <summary>Uses a device of a host's, of which nothing is destroyed.</summary>
    /// <param name="host">The host's handles.</param>
    /// <param name="logger">
    /// Told what a person may want to know: among it what the device has and the host has not named in
    /// <see cref="TitokHostDevice.EnabledFeatures"/>, and, as a warning, names there that mean nothing.
    /// </param>
    /// <exception cref="ArgumentException">A handle is null, or the cache folder's name has a NUL in it.</exception>
    /// <exception cref="MissingFeatureException">The host has not enabled what can't be done without.</exception>
    public static TitokDevice Adopt(TitokHostDevice host, ILogger? logger = null)
    {
        ArgumentNullException.ThrowIfNull(host);
        GpuHost lent = host.ToHost();
        GpuInstance instance = GpuInstance.Adopt(lent, logger);
        try
        {
            if (logger?.IsEnabled(LogLevel.Warning) == true)
                HostFeatureReport.Write(lent, logger);
            GpuDevice device = DeviceOpening.Adopt(instance, lent, new GpuDeviceOptions { Logger = logger, CacheFolder = host.CacheFolder });
            return new TitokDevice(instance, device, Describe(device.Physical));
        }
        catch
        {
            instance.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Gpu.Dispose();
        _instance.Dispose();
    }

    /// <summary>The kernels for a precision on this device, which are tried the first time.</summary>
    /// <param name="precision">The precision.</param>
    /// <param name="progress">Told meanwhile that nothing is loaded yet.</param>
    /// <param name="cancellation">Looked at meanwhile.</param>
    internal KernelProfile ProfileFor(TitokPrecision precision, IProgress<double>? progress, CancellationToken cancellation)
    {
        GpuPhysicalDevice physical = Gpu.Physical;
        if (precision == TitokPrecision.Fp16 && !physical.Features.Storage16Bit)
            throw new MissingFeatureException("storageBuffer16BitAccess", $"{physical.Name} can't store 16-bit floats; fp32 works");
        KernelProfile profile = KernelForms.ProfileFor(Gpu, precision switch
        {
            TitokPrecision.Fp32 => DataType.Float32,
            TitokPrecision.Fp16 => DataType.Float16,
            _ => PreferredType(physical),
        }, new SearchOptions { Pause = Pause });
        if (Gpu.Logger?.IsEnabled(LogLevel.Information) == true)
            Gpu.Logger.LogInformation("{Device} is given {Kernels}", physical.Name, KernelReport.Describe(profile));
        return profile;

        void Pause()
        {
            progress?.Report(0);
            cancellation.ThrowIfCancellationRequested();
        }
    }

    // A CPU converts fp16 to compute with it, which costs more than the memory it saves.
    private static DataType PreferredType(GpuPhysicalDevice physical) =>
        physical.Type != TitokDeviceType.Cpu && physical.Features.Storage16Bit ? DataType.Float16 : DataType.Float32;

    private static string PreferredProfile(GpuPhysicalDevice physical)
    {
        if (physical.Type == TitokDeviceType.Cpu && KernelSupport.Supports(physical, KernelForm.CpuLanes))
            return "cpu";
        if (PreferredType(physical) == DataType.Float16 && KernelSupport.MatrixUnitsOf(physical) is not null)
            return "matrix";
        return PreferredType(physical) == DataType.Float16 ? "half" : "portable";
    }

    private static TitokDeviceInfo Describe(GpuPhysicalDevice physical) =>
        new(physical.Index,
            physical.Name,
            physical.Driver,
            physical.Type,
            physical.ApiVersionText,
            PreferredProfile(physical),
            physical.Features.Storage16Bit,
            physical.Limits.DeviceLocalMemoryInBytes,
            physical.WhyUnusable)
        {
            Uuid = Convert.ToHexStringLower(physical.Uuid),
            Luid = Convert.ToHexStringLower(physical.Luid),
            PciAddress = physical.PciAddress,
        };
}
