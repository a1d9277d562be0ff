namespace Titok.Vulkan.Engine;

/// <summary>The parts of a job in order, and what is expected of stretches of them.</summary>
internal sealed class JobParts
{
    private readonly List<JobPart> _parts = [];

    public int Count => _parts.Count;

    public JobPart this[int part] => _parts[part];

    public void Add(JobPart part) => _parts.Add(part);

    public void Clear() => _parts.Clear();

    /// <summary>Steps of the sampling loop that are done at a position.</summary>
    public int StepsAt(JobPosition position) => position.Part == 0 ? 0 : _parts[position.Part - 1].StepsAfter;

    /// <summary>How often the output is written before a position.</summary>
    public int OutputsAt(JobPosition position)
    {
        int written = 0;
        for (int part = 0; part < position.Part; part++)
            written += _parts[part].WritesOutput ? 1 : 0;
        return written;
    }

    /// <summary>Where in a part work up to a position ends.</summary>
    public int EndIn(int part, JobPosition end) => part == end.Part ? end.Dispatch : _parts[part].Length;

    /// <summary>What a slice from a position holds.</summary>
    public SliceExtent Extent(JobPosition from, SliceBudget budget)
    {
        int dispatches = 0, firstSteps = StepsAt(from);
        double milliseconds = 0;
        bool isLearned = true;
        JobPosition at = from;
        while (at.Part < _parts.Count)
        {
            JobPart part = _parts[at.Part];
            if (part.StepsAfter - firstSteps > budget.Steps)
                break;
            if (part.Plan is { } plan)
            {
                double cost = plan.Costs[at.Dispatch];
                if (dispatches > 0 && (milliseconds + cost > budget.Milliseconds || dispatches >= budget.Dispatches))
                    break;
                dispatches++;
                milliseconds += cost;
                isLearned &= plan.Costs.IsLearned(at.Dispatch);
            }
            at = at.Dispatch + 1 == part.Length ? new JobPosition(at.Part + 1, 0) : at with { Dispatch = at.Dispatch + 1 };
            if (budget.EndsAtOutput && part.WritesOutput)
                break;
        }
        return new SliceExtent(at, dispatches, isLearned ? milliseconds : double.NaN);
    }

    /// <summary>Expected milliseconds of a stretch.</summary>
    public double Cost(JobPosition from, JobPosition to)
    {
        double cost = 0;
        for (JobPosition at = from; at.CompareTo(to) < 0; at = new JobPosition(at.Part + 1, 0))
        {
            if (_parts[at.Part].Plan is not { } plan)
                continue;
            for (int dispatch = at.Dispatch; dispatch < EndIn(at.Part, to); dispatch++)
                cost += plan.Costs[dispatch];
        }
        return cost;
    }

    /// <summary>Learns that a stretch has run and took so many milliseconds.</summary>
    public void Learn(JobPosition from, JobPosition to, double milliseconds)
    {
        bool hadRun = true;
        double learned = 0, guessed = 0;
        DispatchRate? rate = null;
        for (JobPosition at = from; at.CompareTo(to) < 0; at = new JobPosition(at.Part + 1, 0))
        {
            if (_parts[at.Part].Plan?.Costs is not { } costs)
                continue;
            hadRun &= costs.NoteRun(at.Dispatch, EndIn(at.Part, to) - at.Dispatch);
            costs.Sum(at.Dispatch, EndIn(at.Part, to) - at.Dispatch, ref learned, ref guessed);
            rate = costs.Rate;
        }
        if (!hadRun || rate is null)
            return;
        // A guess may be far off: as long as there are any, they are to blame for all of the difference.
        double ofGuessed = Math.Max(milliseconds - learned, milliseconds / 16) / guessed;
        for (JobPosition at = from; at.CompareTo(to) < 0; at = new JobPosition(at.Part + 1, 0))
        {
            if (_parts[at.Part].Plan?.Costs is not { } costs)
                continue;
            if (guessed > 0)
                costs.LearnFirst(at.Dispatch, EndIn(at.Part, to) - at.Dispatch, ofGuessed);
            else
                costs.Learn(at.Dispatch, EndIn(at.Part, to) - at.Dispatch, milliseconds / learned);
        }
        if (guessed > 0)
            rate.Learn(ofGuessed);
    }
}
