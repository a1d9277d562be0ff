namespace Titok.Vulkan.Engine;

/// <summary>The progress of one of several parts, told as that of all of them.</summary>
/// <param name="all">Told the share of all, 0 to 1.</param>
/// <param name="done">Share of all that is done before this part.</param>
/// <param name="share">This part's share of all.</param>
internal sealed class PartProgress(IProgress<double> all, double done, double share) : IProgress<double>
{
    public void Report(double value) => all.Report(done + (share * value));
}
