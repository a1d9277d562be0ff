using System.Collections.Immutable;
using Titok.Demo.Drawing;
using Titok.Demo.Input;
using Titok.Demo.Windowing;

namespace Titok.Demo.Scene;

/// <summary>Takes keys, mouse and dropped files to what they are for: the help and the search, which lie over the scene, or the scene.</summary>
internal sealed class Controls(Director director)
{
    private readonly Remembered<(ClassSearch Search, string Text, int Chosen), SearchView> _searchView =
        new(state => SearchView.Of(state.Search, director.Model.Label));
    private ClassSearch? _search;
    private bool _opensSearch;
    private bool _isRepeat;
    private bool _isDragging;

    /// <summary>Where the mouse is.</summary>
    public (float X, float Y) Pointer { get; private set; }

    /// <summary>Settings on the screen, for the mouse.</summary>
    public IReadOnlyList<(Box Box, Chip Chip)> Chips { get; set; } = [];

    /// <summary>Whether the help lies over the scene.</summary>
    public bool ShowsHelp { get; private set; }

    /// <summary>The search that is open; null for none.</summary>
    public SearchView? Search => _search is { } search ? _searchView.Of((search, search.Text, search.Chosen)) : null;

    public void Handle(WindowEvent happened)
    {
        switch (happened)
        {
            case CloseRequested:
                Apply(DemoAction.Quit);
                break;
            case KeyPressed key:
                PressKey(key);
                break;
            case CharacterTyped typed:
                Type(typed.Text);
                break;
            case MousePressed press:
                Press(press);
                break;
            case MouseReleased:
                _isDragging = false;
                break;
            case MouseMoved moved:
                Pointer = (moved.X, moved.Y);
                if (FindAt(moved.X, moved.Y) is { } find)
                    _search!.Choose(find);
                else if (_isDragging && TokenAt(moved.X, moved.Y) is { } token)
                    director.Stage.PressToken(token, isDrag: true);
                break;
            case MouseScrolled scrolled:
                Scroll(scrolled);
                break;
            case FilesDropped { Paths.Count: > 0 } dropped:
                // Whoever drops a picture wants to see it.
                (ShowsHelp, _search) = (false, null);
                director.Open(dropped.Paths);
                break;
        }
    }

    private void PressKey(KeyPressed key)
    {
        (_opensSearch, _isRepeat) = (false, key.IsRepeat);
        if (_search is not null && SearchKey(key))
            return;
        if (KeyMap.Find(key.Key, key.Modifiers) is { } action && MayApply(action))
        {
            _opensSearch = action == DemoAction.Search;
            Apply(action);
        }
    }

    /// <summary>Takes in what the key pressed last has typed.</summary>
    private void Type(string text)
    {
        // The letter that opened the search is not part of what is searched for.
        if (_opensSearch)
            _opensSearch = false;
        else if (_search is not null)
            _search.Type(text);
        else if (KeyMap.Find(text) is { } action && MayApply(action))
            Apply(action);
    }

    private bool MayApply(DemoAction action) => !_isRepeat || KeyMap.Repeats(action);

    private void Apply(DemoAction action)
    {
        // One of the two at a time lies over the scene, so that it is plain what keys are for.
        if (action == DemoAction.Help || (ShowsHelp && action == DemoAction.Back))
            (ShowsHelp, _search) = (!ShowsHelp, null);
        else if (action == DemoAction.Search)
            (ShowsHelp, _search) = (false, new ClassSearch(director.Model.SearchTexts));
        else
            director.Apply(action);
    }

    /// <summary>Does what a key does in the search, if only that it types; false if it does what it does everywhere.</summary>
    private bool SearchKey(KeyPressed key)
    {
        switch (key.Key)
        {
            case Key.Escape:
                _search = null;
                return true;
            case Key.Backspace:
                _search!.Erase();
                return true;
            case Key.Up or Key.Down:
                _search!.Move(key.Key == Key.Up ? -1 : 1);
                return true;
            case Key.Enter or Key.KeypadEnter:
                PickFound();
                return true;
            default:
                return key.Types;
        }
    }

    private void PickFound()
    {
        director.PickClass(_search!.Pick);
        _search = null;
    }

    private void Press(MousePressed press)
    {
        if (ShowsHelp)
            ShowsHelp = false;
        else if (_search is not null)
            PressSearch(press);
        else if (ChipAt(press.X, press.Y) is { } chip)
            Apply(press.Button == 0 ? chip.More : chip.Less);
        else if (press.Button == 0 && TokenAt(press.X, press.Y) is { } token)
        {
            _isDragging = true;
            director.Stage.PressToken(token, isDrag: false);
        }
        else if (press.Button == 0)
            director.Stage.PressPicture(press.X, press.Y, press.IsDouble);
    }

    /// <summary>Picks the find that was clicked; a click beside the sheet closes it.</summary>
    private void PressSearch(MousePressed press)
    {
        if (press.Button == 0 && FindAt(press.X, press.Y) is { } find)
        {
            _search!.Choose(find);
            PickFound();
        }
        else if (!director.Layout.Search(_search!.Shown.Count).Contains(press.X, press.Y))
            _search = null;
    }

    private void Scroll(MouseScrolled scrolled)
    {
        if (ShowsHelp)
            return;
        if (_search is not null)
            _search.Move(scrolled.Notches > 0 ? -1 : 1);
        else if (ChipAt(scrolled.X, scrolled.Y) is not { } chip)
            Apply(scrolled.Notches > 0 ? DemoAction.FewerPictures : DemoAction.MorePictures);
        else if (chip.More is not (DemoAction.Search or DemoAction.Pause or DemoAction.Help))
            Apply(scrolled.Notches > 0 ? chip.More : chip.Less);
    }

    private Chip? ChipAt(float x, float y) => !director.Layout.ShowsPanel ? null : Chips.FirstOrDefault(c => c.Box.Contains(x, y)).Chip;

    /// <summary>Which of the finds shown is at a point; null for none, or where no search is open.</summary>
    private int? FindAt(float x, float y)
    {
        for (int i = 0; i < _search?.Shown.Count; i++)
        {
            if (director.Layout.SearchRow(i).Contains(x, y))
                return i;
        }
        return null;
    }

    private int? TokenAt(float x, float y)
    {
        if (!director.Layout.ShowsPanel)
            return null;
        ImmutableArray<Box> cells = director.Layout.Tokens(director.Model.Tokens);
        for (int i = 0; i < cells.Length; i++)
        {
            if (cells[i].Inflate(1).Contains(x, y))
                return i;
        }
        return null;
    }
}
