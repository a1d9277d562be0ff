using Titok.Demo.Making;

namespace Titok.Demo.Scene;

/// <summary>Work for the device that the scene asks for. The studio runs one after another, a slice a frame.</summary>
internal abstract class WorkOrder
{
    /// <summary>Pictures that it makes.</summary>
    public abstract int Pictures { get; }

    /// <summary>Whether it is no longer wanted.</summary>
    public bool IsCancelled { get; private set; }

    public void Cancel() => IsCancelled = true;

    /// <summary>A picture that is shown beside what it makes: its pixels, RGBA, and where they go.</summary>
    public virtual (byte[] Rgba, Tile Tile)? Shown => null;

    /// <summary>The job that does it.</summary>
    public abstract Preparation Prepare(JobPool jobs);

    /// <summary>Whether a step may begin now; a step is shown for a while before the next.</summary>
    /// <param name="step">From 0.</param>
    /// <param name="now">Seconds of the scene.</param>
    public virtual bool MayBegin(int step, double now) => true;

    /// <summary>The layer that a picture of it goes to, in the frame being recorded, with what the device has made of it so far.</summary>
    public abstract int Receive(int picture);

    /// <summary>Told of the ids after a step, once the device is done with it; where there are no steps, of all after step 0.</summary>
    public virtual void Observe(int step, ReadOnlySpan<int> ids)
    {
    }

    /// <summary>Told when all is done, or given up.</summary>
    public virtual void Finish(double now)
    {
    }
}
