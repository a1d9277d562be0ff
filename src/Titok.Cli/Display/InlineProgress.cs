namespace Titok.Cli.Display;

/// <summary>Hands on what is reported, on the thread that reports it; <see cref="Progress{T}"/> does so later, on another.</summary>
internal sealed class InlineProgress<T>(Action<T> tell) : IProgress<T>
{
    public void Report(T value) => tell(value);
}
