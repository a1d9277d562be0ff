using System.Reflection;
using Titok.Vulkan.Gpu;

// One device for all tests that want one, and no two of them at once: the machine has few cores, and a validation
// message must belong to the test that caused it.
[assembly: AssemblyFixture(typeof(Titok.Vulkan.Tests.Gpu.GpuFixture))]

namespace Titok.Vulkan.Tests.Gpu;

/// <summary>
/// The device that GPU tests share, with validation on where the layer is installed. TITOK_DEVICE chooses another than
/// the best one. Use: take <see cref="GpuFixture"/> as a constructor argument, mark the class
/// <c>[Collection(GpuCollection.Name)]</c>, begin with <c>GpuDevice device = fixture.Device;</c> (skips with the reason
/// where there is none) and end with <c>fixture.AssertNoMessages();</c>.
/// </summary>
public sealed class GpuFixture : IDisposable
{
    private readonly Lock _lock = new();
    private GpuInstance? _instance;
    private GpuDevice? _device;
    private string? _whyNot;

    /// <summary>The shared device; skips the test where there is no Vulkan device.</summary>
    internal GpuDevice Device
    {
        get
        {
            lock (_lock)
            {
                if (_device is null && _whyNot is null)
                    Make();
                if (_device is null)
                    Assert.Skip($"no Vulkan device: {_whyNot}");
                return _device;
            }
        }
    }

    internal GpuInstance Instance
    {
        get
        {
            _ = Device;
            return _instance!;
        }
    }

    /// <summary>Fails when the layers have said anything since the last call.</summary>
    public void AssertNoMessages()
    {
        if (_instance is null)
            return;
        AssertNoMessages(_instance);
        _instance.ValidationMessages.Clear();
    }

    internal static void AssertNoMessages(GpuInstance instance)
    {
        if (!instance.IsValidating)
        {
            TestContext.Current.TestOutputHelper?.WriteLine($"validation not checked: {GpuInstance.ValidationLayer} is not installed");
            return;
        }
        Assert.True(instance.ValidationMessages.Count == 0, string.Join("\n", instance.ValidationMessages.Texts));
    }

    /// <summary>An instance of the test's own, with validation where installed; skips where Vulkan is not there.</summary>
    internal static GpuInstance NewInstance()
    {
        try
        {
            GpuInstance instance = GpuInstance.Create(new GpuInstanceOptions { Validation = true });
            if (instance.PhysicalDevices.Any(d => d.WhyUnusable is null))
                return instance;
            instance.Dispose();
            Assert.Skip("no Vulkan device: no driver offers one that can be used");
        }
        catch (Exception e) when (e is NoVulkanLoaderException or NoDeviceException)
        {
            Assert.Skip($"no Vulkan device: {e.Message}");
        }
        throw new InvalidOperationException();
    }

    internal static GpuDevice NewDevice(GpuInstance instance, GpuDeviceOptions? options = null) => DeviceOpening.Open(
        instance,
        DeviceSelection.Choose(instance.PhysicalDevices, Environment.GetEnvironmentVariable("TITOK_DEVICE")),
        (options ?? new GpuDeviceOptions { CacheFolder = "" }) with { ShaderSource = TestShader });

    /// <summary>The shaders that only tests have, by their names.</summary>
    internal static byte[]? TestShader(string name)
    {
        using Stream? stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(name + ".spv");
        if (stream is null)
            return null;
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    public void Dispose()
    {
        _device?.Dispose();
        _instance?.Dispose();
    }

    private void Make()
    {
        try
        {
            _instance = GpuInstance.Create(new GpuInstanceOptions { Validation = true });
            _device = NewDevice(_instance);
        }
        catch (Exception e) when (e is NoVulkanLoaderException or NoDeviceException or MissingFeatureException)
        {
            _whyNot = e.Message;
        }
    }
}

/// <summary>Tests that use the GPU run one after another.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class GpuCollection
{
    public const string Name = "gpu";
}
