namespace Titok.Demo.Scene;

/// <summary>What is made again only where what it is made of has changed: most frames say what the one before said.</summary>
/// <param name="make">Makes it.</param>
internal sealed class Remembered<TSource, TValue>(Func<TSource, TValue> make)
    where TValue : class
{
    private TSource? _source;
    private TValue? _value;

    public TValue Of(TSource source)
    {
        if (_value is null || !EqualityComparer<TSource>.Default.Equals(source, _source))
            (_source, _value) = (source, make(source));
        return _value;
    }
}
