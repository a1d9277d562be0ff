using System.Runtime.InteropServices;
using System.Text;

namespace Titok.Vulkan.Gpu;

/// <summary>An array of NUL-terminated UTF-8 strings in native memory, as Vulkan's create-infos take them.</summary>
internal sealed unsafe class NativeStrings : IDisposable
{
    private readonly int _count;
    private byte** _pointers;

    public NativeStrings(IReadOnlyCollection<string> strings)
    {
        _count = strings.Count;
        _pointers = (byte**)NativeMemory.AllocZeroed((nuint)Math.Max(1, _count), (nuint)sizeof(byte*));
        int index = 0;
        foreach (string text in strings)
        {
            int length = Encoding.UTF8.GetByteCount(text);
            byte* copy = (byte*)NativeMemory.Alloc((nuint)length + 1);
            Encoding.UTF8.GetBytes(text, new Span<byte>(copy, length));
            copy[length] = 0;
            _pointers[index++] = copy;
        }
    }

    public byte** Pointers => _pointers;

    public uint Count => (uint)_count;

    public void Dispose()
    {
        if (_pointers == null)
            return;
        for (int i = 0; i < _count; i++)
            NativeMemory.Free(_pointers[i]);
        NativeMemory.Free(_pointers);
        _pointers = null;
    }

    /// <summary>Reads a NUL-terminated UTF-8 string.</summary>
    public static string Read(byte* text) => Marshal.PtrToStringUTF8((nint)text) ?? "";
}
