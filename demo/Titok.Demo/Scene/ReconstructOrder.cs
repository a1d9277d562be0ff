using Titok.Demo.Making;
using Titok.Pictures;

namespace Titok.Demo.Scene;

/// <summary>The tokens of a picture, and the picture of the tokens.</summary>
/// <param name="planar">The picture [3, S, S] in 0..1.</param>
/// <param name="size">S.</param>
/// <param name="original">Where it is shown.</param>
/// <param name="reconstructed">Where the picture of its tokens is.</param>
/// <param name="observed">Told of its tokens.</param>
internal sealed class ReconstructOrder(float[] planar, int size, Tile original, Tile reconstructed, Action<int[]> observed) : WorkOrder
{
    public override int Pictures => 1;

    public override (byte[] Rgba, Tile Tile)? Shown => (PictureFile.ToRgba(planar, size, size), original);

    public override Preparation Prepare(JobPool jobs) => jobs.Reconstruct(planar);

    public override void Observe(int step, ReadOnlySpan<int> ids) => observed(ids.ToArray());

    public override int Receive(int picture)
    {
        reconstructed.SettledTarget = 1;
        return reconstructed.Receive();
    }
}
