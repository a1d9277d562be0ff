namespace Titok.Vulkan.Native;

/// <summary>
/// The objects that C code holds handles of. A handle is a number that is never used twice, so that one that was
/// destroyed, or never was one, is told from one that is good.
/// </summary>
internal static class HandleTable
{
    // Not an address, and odd-looking in a debugger.
    private const long First = 0x7174_0001;

    private static readonly Lock s_lock = new();
    private static readonly Dictionary<nint, Entry> s_entries = [];
    private static long s_next = First;

    private sealed class Entry(IDisposable value, nint parent)
    {
        public IDisposable Value => value;

        public nint Parent => parent;

        public int Children { get; set; }
    }

    /// <summary>Makes a handle of something that was made from the object of another handle (0 for none).</summary>
    public static nint Add(IDisposable value, nint parent = 0)
    {
        lock (s_lock)
        {
            if (parent != 0 && !s_entries.ContainsKey(parent))
            {
                value.Dispose();
                throw new NativeException(NativeResult.InvalidHandle, "What it was made from has been destroyed meanwhile.");
            }
            if (parent != 0)
                s_entries[parent].Children++;
            nint handle = (nint)(s_next += 2);
            s_entries.Add(handle, new Entry(value, parent));
            return handle;
        }
    }

    public static T Get<T>(nint handle)
        where T : class
    {
        lock (s_lock)
        {
            return Find(handle).Value as T
                ?? throw new NativeException(NativeResult.InvalidHandle, $"The handle is not one of a {Name(typeof(T))}.");
        }
    }

    /// <summary>Forgets a handle and hands over its object, which nothing alive was made from.</summary>
    public static T Remove<T>(nint handle)
        where T : class
    {
        lock (s_lock)
        {
            Entry entry = Find(handle);
            if (entry.Value is not T value)
                throw new NativeException(NativeResult.InvalidHandle, $"The handle is not one of a {Name(typeof(T))}.");
            if (entry.Children > 0)
                throw new NativeException(NativeResult.InUse, $"The {Name(typeof(T))} can't be destroyed: {entry.Children} that were made from it are alive.");
            s_entries.Remove(handle);
            if (entry.Parent != 0)
                s_entries[entry.Parent].Children--;
            return value;
        }
    }

    private static Entry Find(nint handle)
    {
        if (handle == 0)
            throw new NativeException(NativeResult.InvalidHandle, "The handle is null.");
        return s_entries.TryGetValue(handle, out Entry? entry)
            ? entry
            : throw new NativeException(NativeResult.InvalidHandle, "The handle was destroyed, or never was one.");
    }

    private static string Name(Type type) => type.Name.Replace("Native", "", StringComparison.Ordinal).ToLowerInvariant();
}
