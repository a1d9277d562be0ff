using Microsoft.Extensions.Logging;

namespace Titok.Vulkan.Gpu;

/// <summary>
/// Tells a host what its device has and the library does without, because the host has not named it. Vulkan has no query for what
/// a device was made with, so a name that is missing or misspelt would only be seen by slower kernels.
/// </summary>
internal static class HostFeatureReport
{
    public static void Write(GpuHost host, ILogger logger)
    {
        using var wishes = new GpuWishes(host.GetInstanceProcAddr, host.Instance, host.PhysicalDevice, _ => true, []);
        List<string> unnamed = [.. wishes.Enabled.Where(name => !host.Enabled.Contains(name))];
        if (wishes.Device.Features.MatrixReductions && host.ApiVersion < GpuFeature.MatrixReductions.Version)
            unnamed.Add("Vulkan 1.3");
        if (unnamed.Count > 0)
            logger.LogInformation("{Device} has {Features}, which is not used: the host does not say that it has enabled it", wishes.Device.Name, string.Join(", ", unnamed));

        // A host may give the list of all its extensions; of features it is asked for those of the requirements alone.
        IEnumerable<string> known = GpuRequirement.All.Select(requirement => requirement.Name);
        string[] unknown = [.. host.Enabled.Except(known).Except(wishes.Device.Extensions)];
        if (unknown.Length > 0)
            logger.LogWarning("The host says that it has enabled {Features}: no requirement of the library has this name", string.Join(", ", unknown));
    }
}
