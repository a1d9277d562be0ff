namespace Titok.Vulkan.Native;

/// <summary>What a pointer that C has passed points at, under the name of its parameter.</summary>
internal readonly unsafe struct NativePointer<T>(T* address, string name)
    where T : unmanaged
{
    public bool IsNull => address == null;

    /// <summary>Throws where the pointer is null.</summary>
    public ref T Value
    {
        get
        {
            if (address == null)
                throw Arguments.Invalid($"{name} is null");
            return ref *address;
        }
    }

    /// <summary>A structure that begins with its size; throws where that is not the size that it has here.</summary>
    public ref T Structure
    {
        get
        {
            ref T structure = ref Value;
            uint size = *(uint*)address;
            if (size != sizeof(T))
                throw Arguments.Invalid($"{name}: structSize is {size}, and this library's structure has {sizeof(T)} bytes; set it with TITOK_INIT");
            return ref structure;
        }
    }
}

/// <summary>An array that C has passed, under the name of its parameter; null is fine for none.</summary>
internal readonly unsafe struct NativeArray<T>(T* elements, nuint count, string name)
    where T : unmanaged
{
    public bool IsNone => elements == null && count == 0;

    public T* Address => elements;

    public Span<T> All
    {
        get
        {
            if (count > int.MaxValue / (nuint)sizeof(T))
                throw Arguments.Invalid($"{name} of {count} elements is larger than anything that is taken");
            if (elements == null && count != 0)
                throw Arguments.Invalid($"{name} is null, and its count is {count}");
            if ((nuint)elements % (nuint)Math.Min(sizeof(T), 8) != 0)
                throw Arguments.Invalid($"{name} is not aligned to its elements");
            return new Span<T>(elements, (int)count);
        }
    }

    /// <summary>All of them, unless they are more or fewer than this.</summary>
    public Span<T> Exactly(long expected)
    {
        if ((long)Math.Min(count, long.MaxValue) != expected)
            throw Arguments.Invalid($"{name} has {count} elements; {expected} were expected");
        return All;
    }
}
