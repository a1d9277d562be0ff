namespace Titok.Demo.Making;

/// <summary>What things take of late, for the panel.</summary>
internal sealed class StageTimes
{
    private const double Weight = 0.2;

    /// <summary>Milliseconds of the device for a step of a birth, its picture decoded.</summary>
    public double Step { get; private set; }

    /// <param name="milliseconds">NaN, which changes nothing, where nobody knows yet.</param>
    public void AddStep(double milliseconds)
    {
        if (!double.IsNaN(milliseconds))
            Step = Step == 0 ? milliseconds : Step + Weight * (milliseconds - Step);
    }
}
