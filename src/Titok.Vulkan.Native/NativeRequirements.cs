namespace Titok.Vulkan.Native;

/// <summary>What a host enables when it makes its device.</summary>
internal sealed unsafe class NativeRequirements(TitokRequirements requirements, nint physicalDevice) : IDisposable
{
    private readonly NativeTexts _extensions = new(requirements.DeviceExtensions), _enabled = new(requirements.Enabled);

    public TitokRequirements Value => requirements;

    /// <summary>The VkPhysicalDevice that they are of.</summary>
    public nint PhysicalDevice => physicalDevice;

    public NativeTexts Extensions => _extensions;

    public NativeTexts Enabled => _enabled;

    public void Dispose()
    {
        _extensions.Dispose();
        _enabled.Dispose();
        requirements.Dispose();
    }
}
