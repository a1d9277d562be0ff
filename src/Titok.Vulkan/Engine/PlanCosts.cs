using Titok.Vulkan.Gpu;
using Titok.Vulkan.Graphs;

namespace Titok.Vulkan.Engine;

/// <summary>
/// What each dispatch of a plan is expected to take: guessed from its size at first, then learned from slices that ran.
/// One is shared by all instances of a plan; any thread may ask and teach.
/// </summary>
internal sealed class PlanCosts
{
    /// <summary>Most that one measurement changes a cost by, so that a hiccup of the machine does not stick.</summary>
    private const double MostChange = 4;

    /// <summary>Arithmetic that takes as long as moving a byte, and as launching a dispatch: as on most GPUs, within a few times.</summary>
    private const double OperationsPerByte = 10, OperationsPerLaunch = 1e6;

    private readonly double[] _operations;

    // 0 until a slice with the dispatch has run.
    private readonly double[] _milliseconds;

    public PlanCosts(DispatchRate rate, ExecutionPlan plan)
    {
        Rate = rate;
        _operations = [.. plan.Dispatches.Select(d => Operations(d.Call))];
        _milliseconds = new double[_operations.Length];
    }

    /// <summary>What a dispatch that nothing is known of is judged by.</summary>
    public DispatchRate Rate { get; }

    /// <summary>Expected milliseconds of a dispatch.</summary>
    public double this[int dispatch]
    {
        get
        {
            double learned = Volatile.Read(ref _milliseconds[dispatch]);
            return learned > 0 ? learned : _operations[dispatch] * Rate.MillisecondsPerOperation;
        }
    }

    /// <summary>Learns that a slice with these dispatches took so many times what was expected.</summary>
    public void Learn(int first, int count, double ratio)
    {
        // Half of the change, as the slice's other dispatches may be to blame.
        double factor = Math.Sqrt(Math.Clamp(ratio, 1 / MostChange, MostChange));
        for (int dispatch = first; dispatch < first + count; dispatch++)
            Volatile.Write(ref _milliseconds[dispatch], Math.Max(this[dispatch] * factor, 1e-6));
    }

    private static double Operations(KernelCall call)
    {
        KernelWork work = KernelWork.Of(call);
        return OperationsPerLaunch + OperationsPerByte * work.Bytes + work.Operations;
    }
}

/// <summary>How fast a device has shown itself to be, for plans that nothing is known of yet.</summary>
internal sealed class DispatchRate(GpuDeviceType type)
{
    private const int FirstLessons = 16;

    // Slower than anything of its kind: the first slices are too short rather than too long.
    private double _millisecondsPerOperation = 1e3 / (type == GpuDeviceType.Cpu ? 2e9 : 2e11);
    private int _lessons;

    public double MillisecondsPerOperation => Volatile.Read(ref _millisecondsPerOperation);

    public void Learn(double ratio)
    {
        if (Volatile.Read(ref _lessons) >= FirstLessons)
            return;
        Interlocked.Increment(ref _lessons);
        Volatile.Write(ref _millisecondsPerOperation, MillisecondsPerOperation * Math.Clamp(ratio, 0.25, 4));
    }
}
