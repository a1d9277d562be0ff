using System.Globalization;
using Titok.Demo.Drawing;
using Titok.Demo.Input;

namespace Titok.Demo.Scene;

/// <summary>The wall of pictures that are born again and again.</summary>
internal sealed class WallStage : Stage
{
    private readonly ModelFacts _model;
    private readonly StreamSettings _settings;
    private readonly int[] _drift;
    private readonly Action<BirthOrder> _finished;
    private readonly List<(WallPicture Picture, BirthOrder Order)> _wanted = [];
    private ulong _nextSeed;
    private int _nextClass;
    private BirthOrder? _running;
    private Wish? _wish;
    private int _stepsAllowed;

    /// <param name="model">What is generated.</param>
    /// <param name="settings">With which settings.</param>
    /// <param name="seed">Where seeds begin.</param>
    /// <param name="finished">Told of every birth that is over.</param>
    public WallStage(ModelFacts model, StreamSettings settings, ulong seed, Action<BirthOrder> finished)
    {
        (_model, _settings, _nextSeed, _finished) = (model, settings, seed, finished);
        var random = new Random((int)(seed % int.MaxValue));
        Wall = new Wall(settings.Count, random.Next());
        _drift = [.. Enumerable.Range(0, model.Classes)];
        random.Shuffle(_drift);
    }

    public Wall Wall { get; }

    /// <summary>Most pictures that are born together, however large the wall is.</summary>
    public int MaxAtOnce { get; set; } = 1;

    /// <summary>Pictures that are born together on the wall as it is.</summary>
    public int BornTogether => Math.Clamp((Wall.Count + 3) / 4, 1, MaxAtOnce);

    public override IEnumerable<(Tile, bool)> Tiles =>
        Wall.All.Select((picture, i) => (picture.Tile, (i == Wall.Selection || IsWishedFor(picture)) && Wall.Count > 1 && !Wall.IsFocused));

    public override IReadOnlyList<TokenView> Tokens => Wall.Selected.Story is not { } story
        ? [.. Enumerable.Repeat(new TokenView(Palette.MaskedToken, false), _model.Tokens)]
        : [.. story.Ids.Select((id, i) => new TokenView(
            id == Story.Masked ? Palette.MaskedToken : Palette.Step(story.FixedIn[i], story.Settings.Steps), story.Locked[i]))];

    public override void Arrange(Layout layout) => Wall.Arrange(layout);

    public override void Advance(float seconds, double now)
    {
        foreach (WallPicture picture in Wall.All)
            picture.Tile.Advance(seconds);
        if (_wish is not { } wish)
            return;
        if (wish.Pictures.Except(Wall.Shown).Any())
            _wish = null;
        else
            Grant(wish);
    }

    public override OverlayContent Describe(OverlayContent content)
    {
        content = content with { Message = content.Message ?? (_wish is { } wish ? $"{wish.Message}  ·  Esc forgets it" : null) };
        if (Wall.Selected.Story is not { } story)
            return content with { Title = "…", Subtitle = "not begun yet" };
        int locked = story.Locked.Count(l => l);
        string step = story.IsDone ? $"{story.Settings.Steps} steps" : $"step {story.Step} of {story.Settings.Steps}";
        return content with
        {
            Title = _model.Label(story.Class),
            Subtitle = $"seed {story.Seed.ToString(CultureInfo.InvariantCulture)}  ·  {step}",
            StripCaption = locked == _model.Tokens
                ? $"all {locked} tokens locked  ·  ⇧L unlocks them"
                : locked > 0 ? $"{locked} of {_model.Tokens} tokens locked  ·  Enter regenerates the others"
                : $"{story.Ids.Count(id => id != Story.Masked)} of {_model.Tokens} tokens, by the step that fixed them",
        };
    }

    public override WorkOrder? NextOrder(double now)
    {
        if (_wanted.Count != 0)
        {
            _running = _wanted[0].Order;
            _wanted.RemoveAt(0);
            return _running;
        }
        if (_wish?.Unborn(now) is { } unborn)
            return _running = Order([unborn], unborn.Story is { } given ? [Again(given)] : [Anew()]);
        if (_settings.IsPaused && _stepsAllowed == 0)
            return null;
        IReadOnlyList<WallPicture> pictures = Wall.Next(BornTogether, now, IsWishedFor);
        return pictures.Count == 0 ? null : _running = Order(pictures, [.. pictures.Select(_ => Anew())]);
    }

    public override bool MayOrder =>
        _wanted.Count != 0 || _wish is not null || ((!_settings.IsPaused || _stepsAllowed != 0) && Wall.HasFree(BornTogether, IsWishedFor));

    /// <summary>Whether a birth may go on to a step. A pause holds up neither one that is under way nor what somebody waits for.</summary>
    public bool MayAdvance(BirthOrder order, int step) =>
        order.HasBegun(step) || !_settings.IsPaused || _stepsAllowed > 0 || _wish is not null || IsRecording;

    /// <summary>Whether a file that somebody asked for waits for pictures.</summary>
    public bool OwesFile => _wish is { Saves: true } || IsRecording;

    /// <summary>A step is begun: one that was asked for while paused is used up.</summary>
    public void StepBegun() => _stepsAllowed = Math.Max(0, _stepsAllowed - 1);

    /// <summary>Fulfils a wish, at once or as soon as its pictures are done; it takes the place of one that still waits.</summary>
    public void Grant(Wish wish)
    {
        _wish = wish.CanBeFulfilled ? null : wish;
        if (_wish is null)
            wish.Fulfil();
    }

    /// <summary>Begins a picture again, the same or with other seeds, on its own.</summary>
    /// <param name="picture">Which.</param>
    /// <param name="story">What to ask for.</param>
    /// <param name="arrived">Told of each step's picture.</param>
    public void Want(WallPicture picture, Story story, Action<int, int>? arrived = null)
    {
        if (picture.IsBeingBorn)
            _running?.Cancel();
        _wanted.RemoveAll(w => w.Picture == picture);
        _wanted.Add((picture, Order([picture], [story], arrived)));
    }

    public override bool Apply(DemoAction action)
    {
        switch (action)
        {
            case DemoAction.Left or DemoAction.Right:
                Wall.Move(action == DemoAction.Left ? -1 : 1, 0);
                return true;
            case DemoAction.Up or DemoAction.Down:
                Wall.Move(0, action == DemoAction.Up ? -1 : 1);
                return true;
            case DemoAction.Focus:
                Wall.IsFocused = !Wall.IsFocused;
                return true;
            case DemoAction.Back when _wish is not null:
                _wish = null;
                return true;
            case DemoAction.Back when Wall.IsFocused:
                Wall.IsFocused = false;
                return true;
            case DemoAction.StepOnce:
                _settings.IsPaused = true;
                _stepsAllowed = 1;
                return true;
            case DemoAction.Reseed:
                // Far from the seeds used so far, and the same after the same keys.
                _nextSeed = unchecked(_nextSeed * 6364136223846793005 + 1442695040888963407) >> 32;
                Renew();
                return true;
            case DemoAction.LockAll or DemoAction.UnlockAll:
                if (Wall.Selected.Story is { } story)
                {
                    for (int i = 0; i < story.Locked.Length; i++)
                        story.Locked[i] = action == DemoAction.LockAll && story.Ids[i] != Story.Masked;
                }
                return true;
            case DemoAction.Regenerate:
                // With all of its tokens locked it would be the same again.
                if (Wall.Selected.Story is { } before && before.Locked.Contains(false))
                    Want(Wall.Selected, Again(before));
                return true;
            default:
                return false;
        }
    }

    /// <summary>Begins everything anew, as after a change of settings. What is recorded has settings of its own.</summary>
    public void Renew()
    {
        if (_running is { IsRecorded: false })
            _running.Cancel();
        Wall.Release();
    }

    /// <summary>Forgets all pictures, whose device is gone, and the work on them; what somebody waits for begins again.</summary>
    public void Forget()
    {
        _running = null;
        _wanted.Clear();
        Wall.Forget();
    }

    public override void PressToken(int token, bool isDrag)
    {
        if (!isDrag && Wall.Selected.Story is { } story && story.Ids[token] != Story.Masked)
            story.Locked[token] = !story.Locked[token];
    }

    public override void PressPicture(float x, float y, bool isDouble)
    {
        if (Wall.Find(x, y) is not { } index)
            return;
        Wall.Select(index);
        if (isDouble)
            Wall.IsFocused = !Wall.IsFocused;
    }

    private bool IsRecording => _running is { IsRecorded: true, IsOver: false } || _wanted.Any(w => w.Order.IsRecorded);

    private bool IsWishedFor(WallPicture picture) => _wish?.Pictures.Contains(picture) == true;

    /// <summary>The next class's picture.</summary>
    private Story Anew() => new(
        _settings.OnlyClass ?? _drift[_nextClass++ % _drift.Length], _nextSeed++, _settings.Preset, [.. Enumerable.Repeat(Story.Masked, _model.Tokens)]);

    /// <summary>The same class with another seed, and with the tokens that are locked.</summary>
    private Story Again(Story before) => new(before.Class, _nextSeed++, _settings.Preset, before.Kept());

    private BirthOrder Order(IReadOnlyList<WallPicture> pictures, IReadOnlyList<Story> stories, Action<int, int>? arrived = null) =>
        new(pictures, stories, _settings, _model.CodebookSize, _finished) { Arrived = arrived };
}
