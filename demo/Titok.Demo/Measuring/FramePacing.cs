using System.Diagnostics;

namespace Titok.Demo.Measuring;

/// <summary>How evenly frames come: a histogram of the times between them, which takes no more memory the longer it runs.</summary>
internal sealed class FramePacing
{
    private const double BucketInMilliseconds = 0.1;
    private const int Buckets = 20_000;

    private readonly long[] _histogram = new long[Buckets + 1];
    private long _last;
    private double _smoothed;

    /// <summary>Frames so far, the first not counted.</summary>
    public long Frames { get; private set; }

    /// <summary>Longest time between two frames.</summary>
    public double LongestInMilliseconds { get; private set; }

    /// <summary>All times together.</summary>
    public double TotalInMilliseconds { get; private set; }

    /// <summary>The time between frames of late.</summary>
    public double RecentInMilliseconds => _smoothed;

    /// <summary>A frame was sent off.</summary>
    public void Tick()
    {
        long now = Stopwatch.GetTimestamp();
        if (_last != 0)
            Add(Stopwatch.GetElapsedTime(_last, now).TotalMilliseconds);
        _last = now;
    }

    /// <summary>The next frame is the first again, as after a pause in which none were wanted.</summary>
    public void Pause() => _last = 0;

    public void Add(double milliseconds)
    {
        Frames++;
        TotalInMilliseconds += milliseconds;
        LongestInMilliseconds = Math.Max(LongestInMilliseconds, milliseconds);
        _histogram[(int)Math.Min(Buckets, milliseconds / BucketInMilliseconds)]++;
        _smoothed = _smoothed == 0 ? milliseconds : _smoothed + 0.05 * (milliseconds - _smoothed);
    }

    /// <summary>The time that this share of frames did not exceed.</summary>
    public double Percentile(double share)
    {
        long wanted = (long)Math.Ceiling(share * Frames), seen = 0;
        for (int bucket = 0; bucket <= Buckets; bucket++)
        {
            seen += _histogram[bucket];
            if (seen >= wanted && seen > 0)
                return (bucket + 1) * BucketInMilliseconds;
        }
        return 0;
    }

    /// <summary>The share of frames that came within a time of the one before; null where there were none.</summary>
    public double? ShareWithin(double milliseconds)
    {
        long within = 0;
        for (int bucket = 0; bucket <= Buckets && (bucket + 1) * BucketInMilliseconds <= milliseconds + 1e-9; bucket++)
            within += _histogram[bucket];
        return Frames == 0 ? null : (double)within / Frames;
    }
}
