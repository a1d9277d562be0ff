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

    private sealed class Entry(IDisposable value, Entry? parent)
    {
        public IDisposable Value => value;

        public Entry? Parent => parent;

        /// <summary>Objects that were made from it and are not gone yet.</summary>
        public int Children { get; set; }

        /// <summary>Calls on it that are going on.</summary>
        public int Calls { get; set; }
    }

    /// <summary>Makes a handle of something that was made from the object of another handle (0 for none), which is held.</summary>
    public static nint Add(IDisposable value, nint parent = 0)
    {
        lock (s_lock)
        {
            Entry? from = parent == 0 ? null : s_entries[parent];
            nint handle = (nint)(s_next += 2);
            s_entries.Add(handle, new Entry(value, from));
            from?.Children += 1;
            return handle;
        }
    }

    public static T Get<T>(nint handle)
        where T : class
    {
        lock (s_lock)
            return Object<T>(Find<T>(handle));
    }

    /// <summary>Keeps the object of a handle for a call: it can't be destroyed before the call is over.</summary>
    public static Held<T> Hold<T>(nint handle)
        where T : class
    {
        lock (s_lock)
        {
            Entry entry = Find<T>(handle);
            T value = Object<T>(entry);
            entry.Calls++;
            return new Held<T>(value, handle);
        }
    }

    /// <summary>Forgets a handle and destroys its object, which nothing alive was made from and no call is on.</summary>
    public static void Destroy<T>(nint handle)
        where T : class, IDisposable
    {
        Entry entry = Remove<T>(handle);
        try
        {
            entry.Value.Dispose();
        }
        finally
        {
            // Not before: until it is gone it uses what it was made from.
            lock (s_lock)
                entry.Parent?.Children -= 1;
        }
    }

    private static Entry Remove<T>(nint handle)
        where T : class
    {
        lock (s_lock)
        {
            Entry entry = Find<T>(handle);
            _ = Object<T>(entry);
            if (entry.Children > 0)
                throw new NativeException(NativeResult.InUse, $"The {Name(typeof(T))} can't be destroyed before {Children(entry)} made from it.");
            if (entry.Calls > 0)
                throw new NativeException(NativeResult.InUse, $"The {Name(typeof(T))} can't be destroyed: a call on it is going on.");
            s_entries.Remove(handle);
            return entry;
        }
    }

    /// <summary>What is alive of what was made from something, for a message: "1 pipeline and 2 shared buffers".</summary>
    private static string Children(Entry parent)
    {
        IEnumerable<string> alive = s_entries.Values
            .Where(entry => entry.Parent == parent)
            .CountBy(entry => Name(entry.Value.GetType()))
            .Select(kind => kind.Value == 1 ? $"1 {kind.Key}" : $"{kind.Value} {kind.Key}s");
        // Without a handle: another thread is just destroying it.
        return string.Join(" and ", alive.DefaultIfEmpty("what is just being destroyed"));
    }

    private static void LetGo(nint handle)
    {
        lock (s_lock)
            s_entries[handle].Calls--;
    }

    private static Entry Find<T>(nint handle)
    {
        if (handle == 0)
            throw new NativeException(NativeResult.InvalidHandle, $"The handle of a {Name(typeof(T))} is null.");
        return s_entries.TryGetValue(handle, out Entry? entry)
            ? entry
            : throw new NativeException(NativeResult.InvalidHandle, $"The handle of a {Name(typeof(T))} was destroyed, or never was one.");
    }

    private static T Object<T>(Entry entry)
        where T : class =>
        entry.Value as T ?? throw new NativeException(NativeResult.InvalidHandle, $"The handle is not one of a {Name(typeof(T))}.");

    /// <summary>What a message calls a type's objects: "shared buffer" for TitokSharedBuffer.</summary>
    private static string Name(Type type)
    {
        string name = type.Name.Replace("Native", "", StringComparison.Ordinal).Replace("Titok", "", StringComparison.Ordinal);
        return string.Concat(name.Select((letter, index) => index > 0 && char.IsUpper(letter) ? $" {letter}" : $"{letter}")).ToLowerInvariant();
    }

    /// <summary>An object that a call is on.</summary>
    public readonly ref struct Held<T>(T value, nint handle) : IDisposable
        where T : class
    {
        public T Value => value;

        public void Dispose() => LetGo(handle);
    }
}
