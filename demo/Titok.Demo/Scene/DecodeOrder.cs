using Titok.Demo.Making;

namespace Titok.Demo.Scene;

/// <summary>A picture of some tokens.</summary>
internal sealed class DecodeOrder(int[] ids, Tile tile, Action finished) : WorkOrder
{
    public override int Pictures => 1;

    public override Preparation Prepare(JobPool jobs) => jobs.Decode(ids);

    public override int Receive(int picture) => tile.Receive();

    public override void Finish(double now) => finished();
}
