using Titok.Demo.Drawing;
using Titok.Demo.Input;
using Titok.Demo.Windowing;

namespace Titok.Demo.Scene;

/// <summary>Leads the scene: decides what is on stage, and says what is to be painted, written and made.</summary>
internal sealed class Director
{
    /// <summary>Places in the picture store: the wall's, then one for a morph and two for a picture brought along.</summary>
    public const int Slots = Wall.MaxPictures + 3;

    private const int MorphSlot = Wall.MaxPictures, BroughtSlot = Wall.MaxPictures + 1;
    private const double MessageInSeconds = 5;

    private readonly ISceneHost _host;
    private readonly WallStage _wallStage;
    private readonly Controls _controls;
    private readonly ScenePainter _painter = new();
    private readonly Remembered<(OverlayContent Numbers, IReadOnlyList<Chip> Chips, string? Message, bool ShowsHelp, SearchView? Search), OverlayContent> _description =
        new(state => state.Numbers with { Chips = state.Chips, Message = state.Message, ShowsHelp = state.ShowsHelp, Search = state.Search });
    private BroughtFiles? _brought;
    private bool _hidesPanel;
    private bool _leavesAtOnce;
    private (string Text, double Until)? _message;

    public Director(ModelFacts model, StreamSettings settings, ulong seed, ISceneHost host)
    {
        (Model, Settings, _host) = (model, settings, host);
        Stage = _wallStage = new WallStage(model, settings, seed, order => Births += order.IsComplete ? order.Pictures : 0);
        _controls = new Controls(this);
    }

    public ModelFacts Model { get; }

    public StreamSettings Settings { get; }

    /// <summary>What is on stage.</summary>
    public Stage Stage { get; private set; }

    /// <summary>Where things lie, as of the last frame.</summary>
    public Layout Layout { get; private set; } = new(1, 1, 1, true);

    /// <summary>Most pictures that are born together, however large the wall is.</summary>
    public int MaxAtOnce
    {
        set => _wallStage.Births.MaxAtOnce = value;
    }

    /// <summary>Pictures that are born together on the wall as it is.</summary>
    public int BornTogether => _wallStage.Births.BornTogether;

    /// <summary>Pictures born so far.</summary>
    public long Births { get; private set; }

    /// <summary>Seconds since the start.</summary>
    public double Now { get; private set; }

    /// <summary>Settings on the screen, for the mouse.</summary>
    public IReadOnlyList<(Box Box, Chip Chip)> Chips
    {
        set => _controls.Chips = value;
    }

    /// <summary>Whether somebody wants to end.</summary>
    public bool IsLeaving { get; private set; }

    /// <summary>Whether to end: what is still to be saved is waited for, unless somebody asks twice.</summary>
    public bool IsOver => IsLeaving && (_leavesAtOnce || !_wallStage.Births.OwesFile);

    /// <summary>Whether it looks the same until somebody does something, or the device has done something.</summary>
    public bool IsStill => _message is null && _brought is not { IsReading: true } && !Stage.Moves(shimmers: !Settings.IsPaused);

    /// <summary>Seconds that masked tokens have shimmered; they stand still while paused.</summary>
    public double Shimmer { get; private set; }

    /// <summary>Takes in what people do to the window.</summary>
    public void Handle(WindowEvent happened) => _controls.Handle(happened);

    /// <summary>Tells people something for a few seconds.</summary>
    public void Say(string message) => _message = (message, Now + MessageInSeconds);

    /// <summary>Lets time pass and everything find its place.</summary>
    public Layout Advance(float seconds, int width, int height, float scale)
    {
        Now += seconds;
        Shimmer += Settings.IsPaused ? 0 : seconds;
        if (!Layout.IsOf(width, height, scale, !_hidesPanel))
            Layout = new Layout(width, height, scale, !_hidesPanel);
        if (_message is { } message && message.Until < Now)
            _message = null;
        if (_brought is { } files && files.Take(Say) is { } planar)
            Stage = new ReconstructionStage(_wallStage.Wall, files, planar, Model, BroughtSlot);
        Stage.Arrange(Layout);
        Stage.Advance(seconds, Now);
        return Layout;
    }

    /// <summary>What the device is to do next; null for nothing yet.</summary>
    public WorkOrder? NextOrder() => Stage.NextOrder(Now);

    /// <summary>Whether an order is about what is on stage.</summary>
    public bool Concerns(WorkOrder order) => order is BirthOrder == (Stage == _wallStage);

    /// <summary>Whether an order is going to come though nobody does anything.</summary>
    public bool MayOrder => Stage.MayOrder;

    /// <summary>Whether an order does not go on to a step until somebody does something: births stand still while paused, and behind another stage.</summary>
    public bool Holds(WorkOrder order, int step) => order is BirthOrder birth && (Stage != _wallStage || !_wallStage.Births.MayAdvance(birth, step));

    /// <summary>Whether an order may begin a step now, or go on with it.</summary>
    public bool MayBegin(WorkOrder order, int step)
    {
        if (Holds(order, step))
            return false;
        bool wasBegun = order is not BirthOrder birth || birth.HasBegun(step), may = order.MayBegin(step, Now);
        if (may && !wasBegun)
            _wallStage.Births.StepBegun();
        return may;
    }

    /// <summary>The device is done with a step of an order.</summary>
    public void Observe(WorkOrder order, int step, ReadOnlySpan<int> ids) => order.Observe(step, ids);

    /// <summary>An order cannot be carried out.</summary>
    public void GiveUp(WorkOrder order, string why)
    {
        Say(why);
        // What is tried again is not tried in every frame, but when people have read why.
        order.Finish(Now + MessageInSeconds);
        if (Concerns(order))
            Stage = _wallStage;
    }

    /// <summary>Forgets pictures whose device is gone. One that somebody brought is made again on the next.</summary>
    public void Forget()
    {
        _wallStage.Births.Forget();
        if (!Stage.BeginAgain())
            Stage = _wallStage;
    }

    /// <summary>Shows picture files as tokens and back, the first of them at first.</summary>
    public void Open(IReadOnlyList<string> paths) => _brought = new BroughtFiles(paths, Model.ImageSize);

    /// <summary>Waits until a picture file that was opened is read, for whoever counts time by the frame.</summary>
    public void WaitForFile() => _brought?.Wait();

    /// <summary>Goes on with pictures of one class; null leaves it as it is.</summary>
    public void PickClass(int? picked)
    {
        if (picked is not null)
        {
            Settings.OnlyClass = picked;
            _wallStage.Births.Renew();
        }
        Stage = _wallStage;
    }

    public void Apply(DemoAction action)
    {
        if (Stage.Apply(action))
            return;
        if (Settings.Apply(action))
        {
            SettingChanged(action);
            return;
        }
        WallPicture selected = _wallStage.Wall.Selected;
        switch (action)
        {
            case DemoAction.Back when Stage != _wallStage:
                Stage = _wallStage;
                break;
            case DemoAction.Back:
                _host.LeaveFullScreen();
                break;
            case DemoAction.Morph:
                Morph();
                break;
            case DemoAction.SavePicture when Stage != _wallStage:
                if (Stage.Made is { } made)
                    _host.SavePicture(made.Name, made.Tile);
                break;
            case DemoAction.SavePicture:
                _wallStage.Births.Grant(new Wish([selected], "the image is saved as soon as it is done", () => _host.SavePicture(selected), Saves: true));
                break;
            case DemoAction.SaveWall:
                _host.SaveWall([.. _wallStage.Wall.Shown.Where(p => p.Tile.HasPicture)]);
                break;
            case DemoAction.RecordBirth:
                Stage = _wallStage;
                _wallStage.Births.Grant(new Wish([selected], "the image is generated again and its steps saved as soon as it is done", () => _wallStage.Births.Record(selected, _host.RecordBirth), Saves: true));
                break;
            case DemoAction.NextDevice:
                _host.SwitchDevice();
                break;
            case DemoAction.FullScreen:
                _host.ToggleFullScreen();
                break;
            case DemoAction.HidePanel:
                _hidesPanel = !_hidesPanel;
                break;
            case DemoAction.Quit:
                Leave();
                break;
        }
    }

    /// <summary>Everything to paint, the last on top.</summary>
    public ReadOnlySpan<Quad> Paint(IReadOnlyList<Box> written) => _painter.Paint(Stage, Model.Tokens, Layout, _controls, written);

    /// <summary>What is written over it.</summary>
    public OverlayContent Describe(OverlayContent numbers)
    {
        string? message = IsLeaving ? "closes as soon as what you asked for is saved  ·  close again not to wait" : _message?.Text;
        return Stage.Describe(_description.Of((numbers, Settings.Chips(Model), message, _controls.ShowsHelp, _controls.Search)));
    }

    private void SettingChanged(DemoAction action)
    {
        if (action is DemoAction.MorePictures or DemoAction.FewerPictures)
            _wallStage.Wall.Resize(Settings.Count);
        else if (action is not (DemoAction.Pause or DemoAction.Faster or DemoAction.Slower))
            _wallStage.Births.Renew();
    }

    private void Leave()
    {
        (_leavesAtOnce, IsLeaving) = (IsLeaving, true);
        // It is the wall that owes files, and its births stand still while something else is on stage.
        if (!IsOver)
            Stage = _wallStage;
    }

    private void Morph()
    {
        // A wall of one picture gets another to morph into.
        if (_wallStage.Wall.Count == 1)
            Apply(DemoAction.MorePictures);
        WallPicture from = _wallStage.Wall.Selected, to = _wallStage.Wall.Following;
        Stage = _wallStage;
        _wallStage.Births.Grant(new Wish(
            [from, to], "the morph begins as soon as both images are done",
            () => Stage = new MorphStage(_wallStage.Wall, from, to, Model, MorphSlot), Saves: false));
    }
}
