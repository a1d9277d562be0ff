using Titok.Vulkan.Gpu;

namespace Titok.Vulkan.Engine;

/// <summary>One plan and nothing else, to be submitted in slices. Its memory is somebody else's.</summary>
internal sealed class PlanJob(GpuDevice device, PlanInstance plan) : Job(device)
{
    public override void RequireFinite(int firstPicture = 0)
    {
    }

    protected override void Build(JobParts parts) => parts.Add(new JobPart(plan, null, 0));

    protected override bool FreeIdleMemory() => false;

    protected override void GiveBack(SliceTracker? slices)
    {
    }
}
