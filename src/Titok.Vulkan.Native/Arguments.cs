using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Titok.Vulkan.Native;

/// <summary>Looks at what C code has passed before anything is done with it.</summary>
internal static unsafe class Arguments
{
    private const uint MaxTexts = 256;

    public static NativePointer<T> Pointer<T>(T* address, [CallerArgumentExpression(nameof(address))] string name = "")
        where T : unmanaged => new(address, name);

    public static NativeArray<T> Array<T>(T* elements, nuint count, [CallerArgumentExpression(nameof(elements))] string name = "")
        where T : unmanaged => new(elements, count, name);

    /// <summary>A count of pictures.</summary>
    public static int Pictures(uint pictures)
    {
        if (pictures is 0 or > 1 << 16)
            throw Invalid($"{pictures} pictures; 1 to 65536 are taken");
        return (int)pictures;
    }

    /// <summary>A value of an enumeration that the interface has.</summary>
    public static T Known<T>(int value, string name)
        where T : struct, Enum
    {
        var known = (T)Enum.ToObject(typeof(T), value);
        if (!Enum.IsDefined(known))
            throw Invalid($"{name} has no value {value}");
        return known;
    }

    public static int Small(uint value, string name)
    {
        if (value > 1 << 20)
            throw Invalid($"{name} is {value}; at most {1 << 20} is taken");
        return (int)value;
    }

    /// <summary>The VkImageLayout that an image is left in; 0, which is none, stands for VK_IMAGE_LAYOUT_SHADER_READ_ONLY_OPTIMAL.</summary>
    public static int Layout(int layout) => layout == 0 ? 5 : layout;

    /// <summary>An offset in a buffer. One past all buffers stays so, and is refused as an odd number.</summary>
    public static long Offset(ulong offsetInBytes) => (long)Math.Min(offsetInBytes, long.MaxValue);

    /// <summary>UTF-8 text; null for none.</summary>
    public static string? Text(byte* text) => Marshal.PtrToStringUTF8((nint)text);

    /// <summary>UTF-8 texts, none of which is null.</summary>
    public static IReadOnlyList<string> Texts(byte** texts, uint count, string name, string countName)
    {
        if (count > MaxTexts)
            throw Invalid($"{countName} is {count}; at most {MaxTexts} is taken");
        if (count > 0 && texts == null)
            throw Invalid($"{name} is null");
        var read = new string[count];
        for (int index = 0; index < count; index++)
            read[index] = Text(texts[index]) ?? throw Invalid($"{name}[{index}] is null");
        return read;
    }

    public static NativeException Invalid(string message) => new(NativeResult.InvalidArgument, message + ".");
}
