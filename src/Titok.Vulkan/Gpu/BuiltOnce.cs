using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace Titok.Vulkan.Gpu;

/// <summary>Builds things on first use and keeps them; any thread may ask, and of several that ask at once for the same, one builds it.</summary>
/// <remarks>The attribute is one that Lazy has, though nothing here is made by a constructor of its own.</remarks>
internal sealed class BuiltOnce<TKey, [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicParameterlessConstructor)] T>(Func<TKey, T> build)
    where TKey : notnull
{
    private readonly ConcurrentDictionary<TKey, Lazy<T>> _built = new();

    /// <summary>Those that there are.</summary>
    public IEnumerable<T> Values => _built.Values.Where(lazy => lazy.IsValueCreated).Select(lazy => lazy.Value);

    public T Get(TKey key)
    {
        Lazy<T> lazy = _built.GetOrAdd(key, k => new Lazy<T>(() => build(k)));
        try
        {
            return lazy.Value;
        }
        catch
        {
            // A Lazy remembers its exception; the next one who asks should get a fresh try.
            _built.TryRemove(new KeyValuePair<TKey, Lazy<T>>(key, lazy));
            throw;
        }
    }

    public void Clear() => _built.Clear();
}
