using System.Collections.Immutable;
using System.Globalization;
using Titok.Demo.Drawing;
using Titok.Demo.Input;

namespace Titok.Demo.Scene;

/// <summary>The wall of pictures that are born again and again.</summary>
internal sealed class WallStage : Stage
{
    private readonly ModelFacts _model;
    private readonly StreamSettings _settings;
    private readonly StorySource _stories;
    private readonly Remembered<State, OverlayContent> _description;

    /// <param name="model">What is generated.</param>
    /// <param name="settings">With which settings.</param>
    /// <param name="seed">Where seeds begin.</param>
    /// <param name="finished">Told of every birth that is over.</param>
    public WallStage(ModelFacts model, StreamSettings settings, ulong seed, Action<BirthOrder> finished)
    {
        (_model, _settings) = (model, settings);
        var random = new Random((int)(seed % int.MaxValue));
        Wall = new Wall(settings.Count, random.Next());
        _stories = new StorySource(model, settings, seed, random);
        Births = new BirthQueue(Wall, model, settings, _stories, finished);
        Tiles = [.. Wall.All.Select(picture => picture.Tile)];
        _description = new Remembered<State, OverlayContent>(Describe);
    }

    public Wall Wall { get; }

    /// <summary>What is born on it.</summary>
    public BirthQueue Births { get; }

    public override ImmutableArray<Tile> Tiles { get; }

    public override bool IsSelected(int tile) =>
        (tile == Wall.Selection || Births.IsWaitedFor(Wall.All[tile])) && Wall.Count > 1 && !Wall.IsFocused;

    public override TokenView Token(int index)
    {
        if (Wall.Selected.Story is not { } story)
            return new TokenView(Palette.MaskedToken, false);
        return new TokenView(
            story.Ids[index] == Story.Masked ? Palette.MaskedToken : Palette.Step(story.FixedIn[index], story.Settings.Steps), story.Locked[index]);
    }

    public override void Arrange(Layout layout) => Wall.Arrange(layout);

    public override void Advance(float seconds, double now)
    {
        base.Advance(seconds, now);
        Births.GrantWaiting();
    }

    public override OverlayContent Describe(OverlayContent content)
    {
        Story? story = Wall.Selected.Story;
        return _description.Of(new State(content, Births.Wish, Births.IsRecording, story, story?.Step ?? 0, story?.Fixed ?? 0, story?.LockedTokens ?? 0));
    }

    public override WorkOrder? NextOrder(double now) => Births.Next(now);

    public override bool MayOrder => Births.MayOrder;

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
            case DemoAction.Back when Births.Wish is not null:
                Births.ForgetWish();
                return true;
            case DemoAction.Back when Wall.IsFocused:
                Wall.IsFocused = false;
                return true;
            case DemoAction.StepOnce:
                _settings.IsPaused = true;
                Births.AllowStep();
                return true;
            case DemoAction.Reseed:
                _stories.Reseed();
                Births.Renew();
                return true;
            case DemoAction.LockAll or DemoAction.UnlockAll:
                if (Wall.Selected.Story is { } story)
                {
                    for (int i = 0; i < story.Locked.Length; i++)
                        story.Locked[i] = action == DemoAction.LockAll && story.Ids[i] != Story.Masked;
                }
                return true;
            case DemoAction.Regenerate:
                Births.Regenerate(Wall.Selected);
                return true;
            default:
                return false;
        }
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

    private OverlayContent Describe(State state)
    {
        OverlayContent content = state.Content with { Message = state.Content.Message ?? Waiting(state) };
        if (state.Story is not { } story)
            return content with { Title = "…", Subtitle = "not begun yet" };
        string step = story.IsDone ? $"{story.Settings.Steps} steps" : $"step {story.Step} of {story.Settings.Steps}";
        return content with
        {
            Title = _model.Label(story.Class),
            Subtitle = $"seed {story.Seed.ToString(CultureInfo.InvariantCulture)}  ·  {step}",
            StripCaption = state.Locked == _model.Tokens
                ? $"all {state.Locked} tokens locked  ·  ⇧L unlocks them"
                : state.Locked > 0 ? $"{state.Locked} of {_model.Tokens} tokens locked  ·  Enter regenerates the others"
                : $"{state.Fixed} of {_model.Tokens} tokens, by the step that fixed them",
        };
    }

    /// <summary>What is waited for, in words; null for nothing.</summary>
    private static string? Waiting(State state) => state.Wish is { } wish ? $"{wish.Message}  ·  Esc forgets it"
        : state.IsRecording ? "an image's steps are being recorded" : null;

    /// <summary>All that is written about.</summary>
    private readonly record struct State(OverlayContent Content, Wish? Wish, bool IsRecording, Story? Story, int Step, int Fixed, int Locked);
}
