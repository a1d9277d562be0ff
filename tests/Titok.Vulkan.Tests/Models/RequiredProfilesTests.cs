using Titok.Vulkan.Tests.Gpu;

namespace Titok.Vulkan.Tests.Models;

/// <summary>What TITOK_REQUIRE_PROFILES names is there.</summary>
[Collection(GpuCollection.Name)]
public class RequiredProfilesTests(GpuFixture gpu)
{
    /// <summary>A misspelt name would require nothing.</summary>
    [Fact]
    public void EveryNameIsThatOfAProfile() => Assert.Empty(RequiredProfiles.Unknown());

    [Fact]
    public void TheDeviceRunsThem()
    {
        string[] required = [.. Profiles.AllNames.Where(RequiredProfiles.Has)];
        Assert.SkipWhen(required.Length == 0, "TITOK_REQUIRE_PROFILES requires none");
        foreach (string name in required)
            Profiles.Require(gpu.Device, name);
    }
}
