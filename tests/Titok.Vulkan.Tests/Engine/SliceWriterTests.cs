using Titok.Vulkan.Engine;
using Titok.Vulkan.Gpu;
using Titok.Vulkan.Graphs;
using Titok.Vulkan.Kernels;
using Titok.Vulkan.Tests.Embedding;
using Titok.Vulkan.Tests.Gpu;

namespace Titok.Vulkan.Tests.Engine;

/// <summary>
/// The order in which slices are recorded: whatever the driver does without barriers, they are between what is recorded by one
/// slice or part and the next, and the host sees what a slice has written.
/// </summary>
[Collection(GpuCollection.Name)]
public class SliceWriterTests
{
    private const string Barrier = "barrier", Dispatch = "dispatch", Copy = "copy", ToHost = "to host";

    /// <summary>Two dispatches of which the second reads what the first has written.</summary>
    private static readonly string[] s_plan = [Dispatch, Barrier, Dispatch];

    [Fact]
    public void ASliceIsBetweenBarriersAndSoAreItsParts()
    {
        var layer = new CommandLayer();
        Run(layer, job =>
        {
            Submit(job, SliceBudget.OfDispatches(100));
            // A recording begins with a barrier of its own.
            Assert.Equal([Barrier, Barrier, Copy, Barrier, .. s_plan, Barrier, .. s_plan, Barrier, Copy, ToHost], layer.Recorded);
        });
    }

    [Fact]
    public void ASliceGoesOnWhereThePreviousOneEnds()
    {
        var layer = new CommandLayer();
        Run(layer, job =>
        {
            Submit(job, SliceBudget.OfDispatches(3));
            Assert.Equal([Barrier, Barrier, Copy, Barrier, .. s_plan, Barrier, Dispatch, ToHost], layer.Recorded);
            layer.Recorded.Clear();
            Submit(job, SliceBudget.OfDispatches(3));
            // The second, and the one between the dispatches.
            Assert.Equal([Barrier, Barrier, Barrier, Dispatch, Barrier, Copy, ToHost], layer.Recorded);
        });
    }

    /// <summary>What is replayed was recorded once, between barriers too, so that only commands are recorded.</summary>
    [Fact]
    public void CommandsBetweenReplayedPlansAreBetweenBarriers()
    {
        var layer = new CommandLayer();
        Run(layer, job =>
        {
            Submit(job, SliceBudget.Everything);
            Assert.Equal([Barrier, Barrier, Copy, ToHost, Barrier, Barrier, Copy, ToHost], layer.Recorded);
        });
    }

    [Fact]
    public void APlanIsRecordedBetweenBarriers()
    {
        var layer = new CommandLayer();
        Run(layer, _ => { }, () => Assert.Equal([Barrier, .. s_plan, ToHost], layer.Recorded));
    }

    private static void Submit(Job job, SliceBudget budget)
    {
        Assert.True(job.Submit(budget).Dispatches > 0);
        job.Wait(null, TestContext.Current.CancellationToken);
    }

    /// <param name="layer">Notes what is recorded.</param>
    /// <param name="use">Given a job that copies what the plan reads, runs it twice, and copies what it has made.</param>
    /// <param name="made">Called when the plan is made, if there is anything to say of that.</param>
    private static void Run(CommandLayer layer, Action<Job> use, Action? made = null)
    {
        GpuFixture.NewInstance().Dispose();
        using GpuInstance instance = GpuInstance.Create(new GpuInstanceOptions { GetInstanceProcAddr = layer.Pointer });
        using GpuDevice device = GpuFixture.NewDevice(instance);
        var graph = new Graph("plan", new KernelProfile(KernelForm.Portable, DataType.Float32));
        Tensor x = graph.External("x", DataType.Float32, 4, 64);
        graph.Stage("y", graph.Softmax("second", graph.Softmax("first", x)));
        ExecutionPlan compiled = graph.Compile(keepStages: true);
        Assert.Equal([false, true], compiled.Dispatches.Select(d => d.BarrierBefore));
        using GpuBuffer buffer = device.CreateBuffer(x.SizeInBytes, GpuMemoryKind.Device, "x"), copy = device.CreateBuffer(x.SizeInBytes, GpuMemoryKind.Device, "copy");
        layer.Recorded.Clear();
        using var plan = new PlanInstance(device, compiled, null, new Dictionary<string, GpuBufferRange> { ["x"] = buffer.Whole });
        made?.Invoke();
        layer.Recorded.Clear();
        using var job = new Parts(
            device,
            [new(null, commands => commands.Copy(copy.Whole, buffer.Whole), 0), new(plan, null, 0), new(plan, null, 0), new(null, commands => commands.Copy(plan.StageRange("y"), copy.Whole), 0)]);
        use(job);
    }

    /// <summary>A job of these parts; their memory is somebody else's.</summary>
    private sealed class Parts(GpuDevice device, JobPart[] list) : Job(device)
    {
        public override void RequireFinite(int firstPicture = 0)
        {
        }

        protected override void Build(JobParts parts)
        {
            foreach (JobPart part in list)
                parts.Add(part);
        }

        protected override bool FreeIdleMemory() => false;

        protected override void GiveBack(SliceTracker? slices)
        {
        }
    }
}
