namespace Titok.Cli.Options;

/// <summary>How many pictures one command takes or makes.</summary>
internal static class PictureCount
{
    /// <summary>Nobody waits for so many at once.</summary>
    private const int Most = 10_000;

    /// <summary>Refuses more before any work is done for them.</summary>
    /// <param name="count">Pictures that were asked for.</param>
    /// <param name="size">S: all of them are one array [N, 3, S, S].</param>
    public static void Require(long count, int size)
    {
        int most = Math.Min(Most, Array.MaxLength / (3 * size * size));
        if (count > most)
            throw new UsageException($"{count} images are too many at once; at most {most} of {size}×{size} are taken");
    }
}
