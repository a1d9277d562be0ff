namespace Titok.Cli.Commands;

/// <summary>Hands the share of work that is done to a display, on the thread that reports it.</summary>
internal sealed class ShareProgress(Action<double> tell) : IProgress<double>
{
    public void Report(double value) => tell(value);
}

