using Titok.Vulkan.Graphs;

namespace Titok.Vulkan.Engine;

/// <summary>
/// What each dispatch of a plan is expected to take: guessed from its size at first, then learned from slices that ran.
/// One is shared by all instances of a plan; any thread may ask and teach.
/// </summary>
internal sealed class PlanCosts
{
    /// <summary>Arithmetic that takes as long as moving a byte, and as launching a dispatch: as on most GPUs, within a few times.</summary>
    private const double OperationsPerByte = 10, OperationsPerLaunch = 1e6;

    private readonly double[] _operations;

    // 0 until a slice with the dispatch has run.
    private readonly double[] _milliseconds;
    private readonly bool[] _hasRun;

    public PlanCosts(DispatchRate rate, ExecutionPlan plan)
    {
        Rate = rate;
        _operations = [.. plan.Dispatches.Select(d => Operations(d.Call))];
        _milliseconds = new double[_operations.Length];
        _hasRun = new bool[_operations.Length];
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

    /// <summary>
    /// Notes that these dispatches have run. The first time of any of them teaches nothing: drivers compile then, or
    /// bring memory to where it is used.
    /// </summary>
    /// <returns>Whether all of them had run before.</returns>
    public bool NoteRun(int first, int count)
    {
        bool all = !_hasRun.AsSpan(first, count).Contains(false);
        _hasRun.AsSpan(first, count).Fill(true);
        return all;
    }

    /// <summary>Whether slices have told what a dispatch takes, so that it is not guessed.</summary>
    public bool IsLearned(int dispatch) => Volatile.Read(ref _milliseconds[dispatch]) > 0;

    /// <summary>Adds up what is expected of these dispatches, those apart for which it is a guess.</summary>
    public void Sum(int first, int count, ref double learned, ref double guessed)
    {
        for (int dispatch = first; dispatch < first + count; dispatch++)
        {
            if (IsLearned(dispatch))
                learned += this[dispatch];
            else
                guessed += this[dispatch];
        }
    }

    /// <summary>Learns that these dispatches took so many times what was guessed; those that are no guess are left alone.</summary>
    public void LearnFirst(int first, int count, double ratio)
    {
        for (int dispatch = first; dispatch < first + count; dispatch++)
        {
            if (!IsLearned(dispatch))
                Correct(dispatch, DispatchRate.FirstLesson(ratio));
        }
    }

    /// <summary>Learns that a slice with these dispatches took so many times what was expected.</summary>
    public void Learn(int first, int count, double ratio)
    {
        double factor = DispatchRate.Lesson(ratio);
        for (int dispatch = first; dispatch < first + count; dispatch++)
            Correct(dispatch, factor);
    }

    private void Correct(int dispatch, double factor) => Volatile.Write(ref _milliseconds[dispatch], Math.Max(this[dispatch] * factor, 1e-6));

    private static double Operations(KernelCall call) => OperationsPerLaunch + OperationsPerByte * call.Bytes + call.Operations;
}

/// <summary>How fast a device has shown itself to be, for plans that nothing is known of yet.</summary>
internal sealed class DispatchRate(TitokDeviceType type)
{
    private const int FirstLessons = 16;

    // Slower than nearly anything of its kind: the first slices are too short rather than too long. GPUs that are not cards of their own
    // begin with those of small boards.
    private double _millisecondsPerOperation = 1e3 / type switch
    {
        TitokDeviceType.Cpu => 2e9,
        TitokDeviceType.Discrete => 2e11,
        _ => 1e10,
    };
    private int _lessons;

    public double MillisecondsPerOperation => Volatile.Read(ref _millisecondsPerOperation);

    public void Learn(double ratio)
    {
        if (Volatile.Read(ref _lessons) >= FirstLessons)
            return;
        Interlocked.Increment(ref _lessons);
        Volatile.Write(ref _millisecondsPerOperation, MillisecondsPerOperation * Lesson(ratio));
    }

    /// <summary>Factor by which to correct a guess, given measured over guessed: all of it downwards, as guesses are high, and upwards as any lesson.</summary>
    public static double FirstLesson(double ratio) => ratio < 1 ? ratio : Lesson(ratio);

    /// <summary>
    /// Factor by which to correct an expectation, given measured over expected. Not all of it, as the slice's other
    /// dispatches may be to blame; and little upwards, since a machine has hiccups, and slows down more than it speeds up.
    /// </summary>
    public static double Lesson(double ratio) => ratio < 1 ? Math.Pow(Math.Max(ratio, 0.05), 0.7) : Math.Sqrt(Math.Min(ratio, 4));
}
