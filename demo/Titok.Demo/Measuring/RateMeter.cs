namespace Titok.Demo.Measuring;

/// <summary>How many of something come a second, over the last few seconds; where they are rare, over the last few of them.</summary>
internal sealed class RateMeter
{
    private const double WindowInSeconds = 4, LongestWindowInSeconds = 60;
    private const int FewestInWindow = 4;
    private readonly Queue<(double Time, long Count)> _seen = new();

    /// <summary>Takes note of a count and gives the rate.</summary>
    public double Rate(double now, long count)
    {
        _seen.Enqueue((now, count));
        while (_seen.Count > 2 && now - _seen.Peek().Time > (count - _seen.Peek().Count > FewestInWindow ? WindowInSeconds : LongestWindowInSeconds))
            _seen.Dequeue();
        (double since, long before) = _seen.Peek();
        return now - since < 0.25 ? 0 : (count - before) / (now - since);
    }
}
