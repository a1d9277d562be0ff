using System.Diagnostics.CodeAnalysis;

namespace Titok.Vulkan.Tests.Models;

/// <summary>
/// What TITOK_REQUIRE_PROFILES names, with commas between: kernels that must not drop out of a run unnoticed. Whole families (fma) or
/// one storage type of them (portable-fp32). Tests that cannot run those fail; they skip themselves with any others.
/// </summary>
internal static class RequiredProfiles
{
    private static readonly string[] s_named =
        (Environment.GetEnvironmentVariable("TITOK_REQUIRE_PROFILES") ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <summary>Whether a profile, or its family, is named.</summary>
    public static bool Has(string profile) => s_named.Contains(profile) || s_named.Contains(FamilyOf(profile));

    /// <summary>Ends a test whose profile the device cannot run.</summary>
    [DoesNotReturn]
    public static void Lack(string profile, string why)
    {
        if (Has(profile))
            Assert.Fail($"TITOK_REQUIRE_PROFILES names {profile}, and {why}");
        Assert.Skip(why);
    }

    /// <summary>A name that no profile has would require nothing.</summary>
    public static IEnumerable<string> Unknown() =>
        s_named.Where(name => !Profiles.AllNames.Any(profile => profile == name || FamilyOf(profile) == name));

    private static string FamilyOf(string profile) => profile.Split('-')[0];
}
