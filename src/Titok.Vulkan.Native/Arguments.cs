using System.Runtime.InteropServices;

namespace Titok.Vulkan.Native;

/// <summary>Looks at what C code has passed before anything is done with it.</summary>
internal static unsafe class Arguments
{
    /// <summary>Throws for a null pointer.</summary>
    public static void NotNull(void* pointer, string name)
    {
        if (pointer == null)
            throw Invalid($"{name} is null");
    }

    /// <summary>Throws unless a structure is there and of this library's size, or of an older and smaller one that still holds what is needed.</summary>
    public static void Structure(uint* structure, int size, string name)
    {
        NotNull(structure, name);
        if (*structure != size)
            throw Invalid($"{name}: structSize is {*structure}, and this library's structure has {size} bytes; set it with TITOK_INIT");
    }

    /// <summary>An array of this many elements; null is fine for none.</summary>
    public static Span<T> Array<T>(T* elements, nuint count, string name)
        where T : unmanaged
    {
        if (count > int.MaxValue / (nuint)sizeof(T))
            throw Invalid($"{name} of {count} elements is larger than anything that is taken");
        if (elements == null && count != 0)
            throw Invalid($"{name} is null, and its count is {count}");
        if ((nuint)elements % (nuint)Math.Min(sizeof(T), 8) != 0)
            throw Invalid($"{name} is not aligned to its elements");
        return new Span<T>(elements, (int)count);
    }

    /// <summary>An array of exactly this many elements.</summary>
    public static Span<T> Array<T>(T* elements, nuint count, long expected, string name)
        where T : unmanaged
    {
        if ((long)Math.Min(count, long.MaxValue) != expected)
            throw Invalid($"{name} has {count} elements; {expected} were expected");
        return Array(elements, count, name);
    }

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

    /// <summary>UTF-8 text; null for none.</summary>
    public static string? Text(byte* text) => Marshal.PtrToStringUTF8((nint)text);

    public static NativeException Invalid(string message) => new(NativeResult.InvalidArgument, message + ".");
}
