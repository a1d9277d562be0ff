namespace Titok.Vulkan;

/// <summary>What <see cref="TitokBenchmark"/> measured.</summary>
public sealed record TitokBenchmarkResult
{
    /// <summary>Pictures a run.</summary>
    public required int Batch { get; init; }

    /// <summary>Wall-clock milliseconds of the very first run, which builds the kernels; a warm-up unless there was none.</summary>
    public required double FirstMilliseconds { get; init; }

    /// <summary>Wall-clock milliseconds of each run, from the request to the pictures in host memory.</summary>
    public required IReadOnlyList<double> TotalMilliseconds { get; init; }

    /// <summary>
    /// Milliseconds of each stage in each run: "generator" by wall clock, all its steps together; "transformer decoder",
    /// "pixel decoder" and "other" by the device's timestamps; "encoder" likewise, which is not part of the total.
    /// </summary>
    public required IReadOnlyDictionary<string, IReadOnlyList<double>> StagesMilliseconds { get; init; }

    /// <summary>Wall-clock milliseconds of encoding as many pictures, from host memory to tokens in host memory.</summary>
    public required IReadOnlyList<double> EncodeMilliseconds { get; init; }

    /// <summary>The middle run's total.</summary>
    public double MedianMilliseconds => Median(TotalMilliseconds);

    /// <summary>The middle of some figures; of an even number the mean of the two in the middle.</summary>
    /// <exception cref="ArgumentException">There are none.</exception>
    public static double Median(IReadOnlyList<double> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        if (values.Count == 0)
            throw new ArgumentException("There are no figures to have a middle.", nameof(values));
        double[] sorted = [.. values.Order()];
        int middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
