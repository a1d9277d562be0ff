using System.Reflection;
using Titok.Vulkan.Kernels;

namespace Titok.Vulkan.Tests.Kernels;

/// <summary>The SPIR-V binaries, and modules in PTX, that the library carries.</summary>
internal static class EmbeddedShaders
{
    private static readonly Assembly s_library = typeof(KernelProfile).Assembly;

    /// <summary>Names of binaries without their ending, such as "linear.fp16".</summary>
    public static IEnumerable<string> Names { get; } = WithoutEnding(".spv");

    /// <summary>Names of modules without theirs.</summary>
    public static IEnumerable<string> ModuleNames { get; } = WithoutEnding(".ptx");

    public static byte[] Read(string name) => ReadResource(name + ".spv");

    /// <summary>A module in PTX.</summary>
    public static byte[] ReadModule(string name) => ReadResource(name + ".ptx");

    private static string[] WithoutEnding(string ending) =>
    [
        .. s_library.GetManifestResourceNames().Where(name => name.EndsWith(ending, StringComparison.Ordinal))
            .Select(name => name[..^ending.Length]).Order(StringComparer.Ordinal),
    ];

    private static byte[] ReadResource(string name)
    {
        using Stream stream = s_library.GetManifestResourceStream(name)!;
        byte[] bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
