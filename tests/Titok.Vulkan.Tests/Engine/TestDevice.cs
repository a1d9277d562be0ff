namespace Titok.Vulkan.Tests.Engine;

/// <summary>A device through the public API, validated where the layers are installed.</summary>
internal static class TestDevice
{
    private static readonly System.Runtime.CompilerServices.ConditionalWeakTable<TitokDevice, List<string>> s_messages = [];

    /// <summary>Opens the device that TITOK_DEVICE names, or the best; skips the test where there is none.</summary>
    public static TitokDevice Open(bool validation = true)
    {
        var messages = new List<string>();
        try
        {
            TitokDevice device = TitokDevice.Create(new TitokDeviceOptions
            {
                Device = Environment.GetEnvironmentVariable("TITOK_DEVICE"),
                Validation = validation,
                ValidationMessage = messages.Add,
            });
            s_messages.Add(device, messages);
            return device;
        }
        catch (Exception e) when (e is NoVulkanLoaderException or NoDeviceException)
        {
            Assert.Skip($"no Vulkan device: {e.Message}");
            throw;
        }
    }

    public static void AssertNoMessages(TitokDevice device)
    {
        Assert.True(s_messages.TryGetValue(device, out List<string>? messages));
        Assert.True(messages.Count == 0, string.Join("\n", messages));
    }
}
