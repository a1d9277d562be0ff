using Titok.Demo.Making;
using Titok.Vulkan;

namespace Titok.Demo.Scene;

/// <summary>Some pictures of the wall born together.</summary>
internal sealed class BirthOrder : WorkOrder
{
    private readonly IReadOnlyList<WallPicture> _pictures;
    private readonly IReadOnlyList<Story> _stories;
    private readonly StreamSettings _settings;
    private readonly int _codebookSize;
    private readonly Action<BirthOrder> _finished;
    private readonly GenerationRequest _request;
    private double _lastStep = double.NegativeInfinity;
    private int _begun = -1;
    private Action<int, int>? _arrived;

    /// <param name="pictures">Where they appear.</param>
    /// <param name="stories">What is asked for; picture i has the first one's seed + i, and all the same settings.</param>
    /// <param name="settings">How fast, as it is when it matters.</param>
    /// <param name="codebookSize">Stands for a masked token.</param>
    /// <param name="finished">Told when they are done.</param>
    public BirthOrder(
        IReadOnlyList<WallPicture> pictures, IReadOnlyList<Story> stories, StreamSettings settings, int codebookSize, Action<BirthOrder> finished)
    {
        (_pictures, _stories, _settings, _codebookSize, _finished) = (pictures, stories, settings, codebookSize, finished);
        for (int i = 0; i < pictures.Count; i++)
        {
            (pictures[i].Story, pictures[i].IsBeingBorn) = (stories[i], true);
            pictures[i].Tile.SettledTarget = stories[i].Settled;
        }
        _request = new GenerationRequest
        {
            Classes = [.. stories.Select(s => s.Class)],
            Seed = stories[0].Seed,
            Settings = stories[0].Settings,
            KnownTokens = stories.Any(s => s.Known.Any(id => id != Story.Masked)) ? [.. stories.SelectMany(s => s.Known)] : null,
        };
    }

    public override int Pictures => _pictures.Count;

    /// <summary>Whether every step came to its end.</summary>
    public bool IsComplete => _stories.All(s => s.IsDone);

    /// <summary>Whether its pictures are wanted as they arrive.</summary>
    public bool IsRecorded => Record is not null;

    /// <summary>
    /// Called when the first picture arrives; gives what is to be told of each that does: which of the order's, and the layer it
    /// is in. Null where they are not recorded.
    /// </summary>
    public Func<Story, Action<int, int>>? Record { get; init; }

    /// <summary>Whether a picture of the wall is one of its.</summary>
    public bool Makes(WallPicture picture) => _pictures.Contains(picture);

    /// <summary>The same order from the start, as where its device is gone.</summary>
    public BirthOrder Again() => new(_pictures, [.. _stories.Select(s => s.Again())], _settings, _codebookSize, _finished) { Record = Record };

    public override Preparation Prepare(JobPool jobs) => jobs.Generate(_request);

    /// <summary>Whether a step is under way. One that is goes on to its picture.</summary>
    public bool HasBegun(int step) => step == _begun;

    public override bool MayBegin(int step, double now)
    {
        if (HasBegun(step))
            return true;
        if (now < _lastStep + _settings.StepInterval.TotalSeconds - 1e-6)
            return false;
        (_begun, _lastStep) = (step, now);
        return true;
    }

    public override int Receive(int picture)
    {
        Tile tile = _pictures[picture].Tile;
        tile.BlendInSeconds = Math.Clamp((float)_settings.StepInterval.TotalSeconds, 0.08f, 0.35f);
        int layer = tile.Receive();
        if (Record is not null)
            (_arrived ??= Record(_stories[0]))(picture, layer);
        return layer;
    }

    public override void Observe(int step, ReadOnlySpan<int> ids)
    {
        int tokens = ids.Length / _pictures.Count;
        for (int i = 0; i < _pictures.Count; i++)
        {
            _stories[i].Observe(step, ids.Slice(i * tokens, tokens), _codebookSize);
            if (IsOurs(i))
                _pictures[i].Tile.SettledTarget = _stories[i].Settled;
        }
    }

    public override void Finish(double now)
    {
        for (int i = 0; i < _pictures.Count; i++)
        {
            if (!IsOurs(i))
                continue;
            // One that was given up has no end to look at.
            double stay = _stories[i].IsDone ? _settings.Stay.TotalSeconds : 0;
            (_pictures[i].IsBeingBorn, _pictures[i].FreeAt) = (false, now + stay);
        }
        _finished(this);
    }

    /// <summary>Whether no other birth has been begun in this place since.</summary>
    private bool IsOurs(int picture) => _pictures[picture].Story == _stories[picture];
}
