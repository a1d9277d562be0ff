using System.Runtime.InteropServices;
using System.Text;

namespace Titok.Demo.Graphics;

/// <summary>Names of layers and extensions in native memory, as Vulkan takes them.</summary>
internal sealed unsafe class NativeNames : IDisposable
{
    private readonly byte** _names;

    public NativeNames(IReadOnlyList<string> names)
    {
        Count = (uint)names.Count;
        _names = (byte**)NativeMemory.AllocZeroed((nuint)Math.Max(1, names.Count), (nuint)sizeof(byte*));
        for (int i = 0; i < names.Count; i++)
            _names[i] = (byte*)Marshal.StringToCoTaskMemUTF8(names[i]);
    }

    public uint Count { get; }

    public byte** Pointers => _names;

    /// <summary>A zero-terminated name.</summary>
    public static string Read(byte* name) => Encoding.UTF8.GetString(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(name));

    public void Dispose()
    {
        for (int i = 0; i < Count; i++)
            Marshal.FreeCoTaskMem((nint)_names[i]);
        NativeMemory.Free(_names);
    }
}
