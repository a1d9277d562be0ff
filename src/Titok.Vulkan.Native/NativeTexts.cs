using System.Runtime.InteropServices;

namespace Titok.Vulkan.Native;

/// <summary>Texts as NUL-terminated UTF-8 in native memory, for C code to look at.</summary>
internal sealed unsafe class NativeTexts : IDisposable
{
    private byte** _pointers;

    public NativeTexts(IReadOnlyList<string> texts)
    {
        Count = texts.Count;
        _pointers = (byte**)NativeMemory.AllocZeroed((nuint)Math.Max(1, Count), (nuint)sizeof(byte*));
        for (int index = 0; index < Count; index++)
            _pointers[index] = (byte*)Marshal.StringToCoTaskMemUTF8(texts[index]);
    }

    public int Count { get; }

    public byte** Pointers => _pointers;

    public void Dispose()
    {
        if (_pointers == null)
            return;
        for (int index = 0; index < Count; index++)
            Marshal.FreeCoTaskMem((nint)_pointers[index]);
        NativeMemory.Free(_pointers);
        _pointers = null;
    }

    /// <summary>Copies a text into a field of fixed size, cut off where it is too long.</summary>
    public static void Copy(string text, byte* field, int sizeInBytes)
    {
        var room = new Span<byte>(field, sizeInBytes);
        room.Clear();
        System.Text.Encoding.UTF8.GetEncoder().Convert(text, room[..^1], flush: true, out _, out _, out _);
    }
}
