namespace Titok.Demo.Scene;

/// <summary>What is born on the wall next: what somebody asks for, and then its pictures in turn.</summary>
/// <param name="wall">Where pictures are born.</param>
/// <param name="model">What is generated.</param>
/// <param name="settings">With which settings.</param>
/// <param name="stories">What the pictures are to be.</param>
/// <param name="finished">Told of every birth that is over.</param>
internal sealed class BirthQueue(Wall wall, ModelFacts model, StreamSettings settings, StorySource stories, Action<BirthOrder> finished)
{
    private readonly List<BirthOrder> _wanted = [];
    private readonly List<BirthOrder> _recordings = [];
    private BirthOrder? _running;
    private int _stepsAllowed;

    /// <summary>Most pictures that are born together, however large the wall is.</summary>
    public int MaxAtOnce { get; set; } = 1;

    /// <summary>Pictures that are born together on the wall as it is.</summary>
    public int BornTogether => Math.Clamp((wall.Count + 3) / 4, 1, MaxAtOnce);

    /// <summary>What waits for pictures; null for nothing.</summary>
    public Wish? Wish { get; private set; }

    /// <summary>Whether a birth that is recorded is not over.</summary>
    public bool IsRecording => _recordings.Count != 0;

    /// <summary>Whether a file that somebody asked for waits for pictures.</summary>
    public bool OwesFile => Wish is { Saves: true } || IsRecording;

    /// <summary>Whether a birth is going to be ordered though nobody does anything.</summary>
    public bool MayOrder =>
        _wanted.Count != 0 || Wish is not null || ((!settings.IsPaused || _stepsAllowed != 0) && wall.HasFree(BornTogether, double.PositiveInfinity, WaitedFor));

    private IReadOnlyList<WallPicture> WaitedFor => Wish?.Pictures ?? [];

    /// <summary>What the device is to do next; null for nothing yet.</summary>
    public BirthOrder? Next(double now)
    {
        if (_wanted.Count != 0)
        {
            _running = _wanted[0];
            _wanted.RemoveAt(0);
            return _running;
        }
        if (Wish?.Unborn(now) is { } unborn)
            return _running = Order([unborn], [unborn.Story is { } given ? stories.After(given) : stories.Next()]);
        if ((settings.IsPaused && _stepsAllowed == 0) || !wall.HasFree(BornTogether, now, WaitedFor))
            return null;
        IReadOnlyList<WallPicture> pictures = wall.Next(BornTogether, now, WaitedFor);
        return _running = Order(pictures, [.. pictures.Select(_ => stories.Next())]);
    }

    /// <summary>Whether a birth may go on to a step. A pause holds up neither one that is under way nor what somebody waits for.</summary>
    public bool MayAdvance(BirthOrder order, int step) =>
        order.HasBegun(step) || !settings.IsPaused || _stepsAllowed > 0 || Wish is not null || IsRecording;

    /// <summary>Lets one more step begin while paused.</summary>
    public void AllowStep() => _stepsAllowed = 1;

    /// <summary>A step is begun: one that was asked for while paused is used up.</summary>
    public void StepBegun() => _stepsAllowed = Math.Max(0, _stepsAllowed - 1);

    public bool IsWaitedFor(WallPicture picture) => WaitedFor.Contains(picture);

    /// <summary>Fulfils a wish, at once or as soon as its pictures are done; it takes the place of one that still waits.</summary>
    public void Grant(Wish wish)
    {
        Wish = wish.CanBeFulfilled ? null : wish;
        if (Wish is null)
            wish.Fulfil();
    }

    /// <summary>Fulfils the wish that waits, if it can be by now.</summary>
    public void GrantWaiting()
    {
        if (Wish is not { } wish)
            return;
        if (!wish.Pictures.All(wall.Shows))
            ForgetWish();
        else
            Grant(wish);
    }

    public void ForgetWish() => Wish = null;

    /// <summary>Begins a picture again with another seed, on its own; the tokens that are locked stay. One that is recorded comes to its end first.</summary>
    public void Regenerate(WallPicture picture)
    {
        // With all of its tokens locked it would be the same again.
        if (picture.Story is not { } before || !before.Locked.Contains(false))
            return;
        if (_recordings.Exists(order => order.Makes(picture)))
            Grant(new Wish([picture], "the image is regenerated as soon as its steps are recorded", () => Regenerate(picture), Saves: false));
        else
            Want(picture, stories.After(before));
    }

    /// <summary>Begins a picture again, the same, and has it recorded.</summary>
    /// <param name="picture">Which.</param>
    /// <param name="record">Called when the first step's picture arrives; gives what is to be told of each.</param>
    public void Record(WallPicture picture, Func<Story, Action<int, int>> record) => Want(picture, picture.Story!.Again(), record);

    /// <summary>Begins everything anew, as after a change of settings. What is recorded has settings of its own.</summary>
    public void Renew()
    {
        if (_running is { IsRecorded: false })
            _running.Cancel();
        wall.Release();
    }

    /// <summary>Forgets all pictures, whose device is gone, and the work on them; what somebody waits for begins again, the same.</summary>
    public void Forget()
    {
        BirthOrder[] recordings = [.. _recordings];
        (WallPicture Picture, Story Story)[] begun = [.. WaitedFor
            .Where(picture => picture.Story is not null && !recordings.Any(order => order.Makes(picture))).Select(picture => (picture, picture.Story!))];
        _running = null;
        _wanted.Clear();
        _recordings.Clear();
        wall.Forget();
        foreach (BirthOrder recording in recordings)
            Want(recording.Again());
        foreach ((WallPicture picture, Story story) in begun)
            Want(Order([picture], [story.Again()]));
    }

    private void Want(WallPicture picture, Story story, Func<Story, Action<int, int>>? record = null)
    {
        if (_running?.Makes(picture) == true)
            _running.Cancel();
        _wanted.RemoveAll(order => order.Makes(picture));
        Want(Order([picture], [story], record));
    }

    private void Want(BirthOrder order)
    {
        _wanted.Add(order);
        if (order.IsRecorded)
            _recordings.Add(order);
    }

    private BirthOrder Order(IReadOnlyList<WallPicture> pictures, IReadOnlyList<Story> toBe, Func<Story, Action<int, int>>? record = null) =>
        new(pictures, toBe, settings, model.CodebookSize, Finished) { Record = record };

    private void Finished(BirthOrder order)
    {
        _recordings.Remove(order);
        finished(order);
    }
}
