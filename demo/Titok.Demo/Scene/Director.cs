using Titok.Demo.Drawing;
using Titok.Demo.Input;
using Titok.Demo.Windowing;
using Titok.Pictures;

namespace Titok.Demo.Scene;

/// <summary>Leads the scene: takes keys and mouse to what is on stage, and says what is to be painted, written and made.</summary>
internal sealed class Director
{
    /// <summary>Places in the picture store: the wall's, then one for a morph and two for a picture brought along.</summary>
    public const int Slots = Wall.MaxPictures + 3;

    private const int MorphSlot = Wall.MaxPictures, BroughtSlot = Wall.MaxPictures + 1;
    private const double MessageInSeconds = 5;

    private readonly ISceneHost _host;
    private readonly WallStage _wallStage;
    private readonly List<Quad> _quads = [];
    private Stage _stage;
    private ClassSearch? _search;
    private bool _showsHelp, _hidesPanel, _opensSearch;
    private (string Text, double Until)? _message;
    private (float X, float Y) _pointer;
    private bool _isDragging;
    private Layout _layout = new(1, 1, 1, true);
    private double _now;

    public Director(ModelFacts model, StreamSettings settings, ulong seed, ISceneHost host)
    {
        (Model, Settings, _host) = (model, settings, host);
        _stage = _wallStage = new WallStage(model, settings, seed, order => Births += order.IsComplete ? order.Pictures : 0);
    }

    public ModelFacts Model { get; }

    public StreamSettings Settings { get; }

    /// <summary>Pictures that are born together on a large wall.</summary>
    public int MostAtOnce
    {
        get => _wallStage.MostAtOnce;
        set => _wallStage.MostAtOnce = value;
    }

    /// <summary>Pictures born so far.</summary>
    public long Births { get; private set; }

    /// <summary>Seconds since the start.</summary>
    public double Now => _now;

    /// <summary>Settings on the screen, for the mouse.</summary>
    public IReadOnlyList<(Box Box, Chip Chip)> Chips { get; set; } = [];

    /// <summary>Tells people something for a few seconds.</summary>
    public void Say(string message) => _message = (message, _now + MessageInSeconds);

    /// <summary>Lets time pass and everything find its place.</summary>
    public Layout Advance(float seconds, int width, int height, float scale)
    {
        _now += seconds;
        _layout = new Layout(width, height, scale, !_hidesPanel);
        if (_message is { } message && message.Until < _now)
            _message = null;
        _stage.Arrange(_layout);
        _stage.Advance(seconds, _now);
        return _layout;
    }

    /// <summary>What the device is to do next; null for nothing yet.</summary>
    public WorkOrder? NextOrder() => _stage.NextOrder(_now);

    /// <summary>Whether an order is about what is on stage.</summary>
    public bool Concerns(WorkOrder order) => order is BirthOrder == (_stage == _wallStage);

    /// <summary>Whether an order may begin a step now, or go on with it.</summary>
    public bool MayBegin(WorkOrder order, int step) =>
        order is BirthOrder ? _stage == _wallStage && _wallStage.MayAdvance && order.MayBegin(step, _now) : order.MayBegin(step, _now);

    /// <summary>The device is done with a step of an order.</summary>
    public void Observe(WorkOrder order, int step, ReadOnlySpan<int> ids)
    {
        order.Observe(step, ids);
        if (order is BirthOrder)
            _wallStage.StepDone();
    }

    /// <summary>Forgets pictures whose device is gone.</summary>
    public void Forget()
    {
        _stage = _wallStage;
        _wallStage.Wall.Forget();
    }

    public void Handle(WindowEvent happened)
    {
        switch (happened)
        {
            case KeyPressed key when _search is not null:
                SearchKey(key.Key);
                break;
            case KeyPressed key when KeyMap.Find(key.Key, key.Modifiers) is { } action && (!key.IsRepeat || KeyMap.Repeats(action)):
                _opensSearch = action == DemoAction.Search;
                Apply(action);
                break;
            case CharacterTyped when _opensSearch:
                // The key that opened the search is not part of what is searched for.
                _opensSearch = false;
                break;
            case CharacterTyped typed:
                _search?.Type(typed.Text);
                break;
            case MousePressed press:
                Press(press);
                break;
            case MouseReleased:
                _isDragging = false;
                break;
            case MouseMoved moved:
                _pointer = (moved.X, moved.Y);
                if (_isDragging && TokenAt(moved.X, moved.Y) is { } token)
                    _stage.PressToken(token, isDrag: true);
                break;
            case MouseScrolled scrolled:
                Scroll(scrolled);
                break;
            case FilesDropped dropped:
                Open(dropped.Paths[0]);
                break;
        }
    }

    /// <summary>Shows a picture file as tokens and back.</summary>
    public void Open(string path)
    {
        try
        {
            float[] planar = PictureFile.Read(path, Model.ImageSize);
            _stage = new ReconstructionStage(_wallStage.Wall, Path.GetFileName(path), planar, Model, BroughtSlot);
            _showsHelp = false;
        }
        catch (FileException e)
        {
            Say(e.Message);
        }
    }

    public void Apply(DemoAction action)
    {
        if (action == DemoAction.Help || (_showsHelp && action == DemoAction.Back))
        {
            _showsHelp = !_showsHelp;
            return;
        }
        if (_stage.Apply(action))
            return;
        if (Settings.Apply(action))
        {
            SettingChanged(action);
            return;
        }
        switch (action)
        {
            case DemoAction.Search:
                _search = new ClassSearch(Model.SearchTexts);
                break;
            case DemoAction.Back when _stage != _wallStage:
                _stage = _wallStage;
                break;
            case DemoAction.Morph:
                Morph();
                break;
            case DemoAction.SavePicture when Done(_wallStage.Wall.Selected):
                _host.SavePicture(_wallStage.Wall.Selected);
                break;
            case DemoAction.SaveWall:
                _host.SaveWall([.. _wallStage.Wall.Shown.Where(p => p.Tile.HasPicture)]);
                break;
            case DemoAction.RecordBirth when Done(_wallStage.Wall.Selected):
                Story story = _wallStage.Wall.Selected.Story!;
                var again = new Story(story.Class, story.Seed, story.Settings, story.Known);
                _wallStage.Want(again, _host.RecordBirth(again));
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
                _host.Quit();
                break;
        }
    }

    /// <summary>Everything to paint, the last on top.</summary>
    public ReadOnlySpan<Quad> Paint(IReadOnlyList<Box> written)
    {
        _quads.Clear();
        float radius = _layout.Px(7);
        foreach ((Tile tile, bool isSelected) in _stage.Tiles.OrderBy(t => t.IsSelected))
        {
            if (tile.Paint(radius, isSelected, _layout.Px(2)) is { } quad)
                _quads.Add(quad);
        }
        if (_layout.ShowsPanel)
            PaintStrip();
        foreach (Box box in written)
            _quads.Add(Quad.Overlay(box, 1));
        return System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_quads);
    }

    /// <summary>What is written over it.</summary>
    public OverlayContent Describe(OverlayContent numbers) => _stage.Describe(numbers with
    {
        Chips = Settings.Chips(Model.Label),
        Message = _message?.Text,
        ShowsHelp = _showsHelp,
        Search = _search is { } search ? SearchView.Of(search, Model.Label) : null,
    });

    private void SettingChanged(DemoAction action)
    {
        if (action is DemoAction.MorePictures or DemoAction.FewerPictures)
            _wallStage.Wall.Resize(Settings.Count);
        else if (action is not (DemoAction.Pause or DemoAction.Faster or DemoAction.Slower))
            _wallStage.Renew();
    }

    private bool Done(WallPicture picture)
    {
        if (picture.Story is { IsDone: true })
            return true;
        Say("wait until the picture is done");
        return false;
    }

    private void Morph()
    {
        if (_wallStage.Wall.Following is not { } next)
            Say("a morph needs two pictures: + makes room for more");
        else if (Done(_wallStage.Wall.Selected) && Done(next))
            _stage = new MorphStage(_wallStage.Wall, _wallStage.Wall.Selected, next, Model, MorphSlot);
    }

    private void SearchKey(Key key)
    {
        _opensSearch = false;
        switch (key)
        {
            case Key.Escape:
                _search = null;
                break;
            case Key.Backspace:
                _search!.Erase();
                break;
            case Key.Up or Key.Down:
                _search!.Move(key == Key.Up ? -1 : 1);
                break;
            case Key.Enter or Key.KeypadEnter:
                if (_search!.Pick is { } picked)
                {
                    Settings.OnlyClass = picked;
                    _wallStage.Renew();
                }
                (_search, _stage) = (null, _wallStage);
                break;
        }
    }

    private void Press(MousePressed press)
    {
        if (_showsHelp || _search is not null)
        {
            (_showsHelp, _search) = (false, null);
            return;
        }
        if (ChipAt(press.X, press.Y) is { } chip)
            Apply(press.Button == 0 ? chip.More : chip.Less);
        else if (press.Button == 0 && TokenAt(press.X, press.Y) is { } token)
        {
            _isDragging = true;
            _stage.PressToken(token, isDrag: false);
        }
        else if (press.Button == 0)
            _stage.PressPicture(press.X, press.Y, press.IsDouble);
    }

    private void Scroll(MouseScrolled scrolled)
    {
        if (ChipAt(scrolled.X, scrolled.Y) is not { } chip)
            Apply(scrolled.Notches > 0 ? DemoAction.FewerPictures : DemoAction.MorePictures);
        else if (chip.More != DemoAction.Search && chip.More != DemoAction.Pause)
            Apply(scrolled.Notches > 0 ? chip.More : chip.Less);
    }

    private Chip? ChipAt(float x, float y) => !_layout.ShowsPanel ? null : Chips.FirstOrDefault(c => c.Box.Contains(x, y)).Chip;

    private int? TokenAt(float x, float y)
    {
        if (!_layout.ShowsPanel)
            return null;
        int found = Array.FindIndex(_layout.Tokens(Model.Tokens), box => box.Inflate(1).Contains(x, y));
        return found < 0 ? null : found;
    }

    private void PaintStrip()
    {
        Box[] cells = _layout.Tokens(Model.Tokens);
        IReadOnlyList<TokenView> tokens = _stage.Tokens;
        float radius = MathF.Min(_layout.Px(3), cells[0].Width / 3);
        for (int i = 0; i < cells.Length; i++)
        {
            bool isUnderPointer = cells[i].Contains(_pointer.X, _pointer.Y);
            _quads.Add(Quad.Shape(
                cells[i], tokens[i].Color, radius,
                tokens[i].IsLocked ? Palette.Selection : isUnderPointer ? Palette.Selection.WithAlpha(0.5f) : Palette.Clear, _layout.Px(2)));
        }
        foreach ((Box box, _) in Chips.Where(c => c.Box.Contains(_pointer.X, _pointer.Y)))
            _quads.Add(Quad.Shape(box, Palette.Selection.WithAlpha(0.07f), box.Height / 2));
    }
}
