using Titok.Demo.Windowing;

namespace Titok.Demo.Input;

/// <summary>A key and what it does.</summary>
/// <param name="Key">The key.</param>
/// <param name="Modifiers">Held with it.</param>
/// <param name="Action">What it does.</param>
internal sealed record KeyBinding(Key Key, Modifiers Modifiers, DemoAction Action);

/// <summary>A character and what typing it does, whichever key a keyboard has it on.</summary>
/// <param name="Character">The character.</param>
/// <param name="Action">What it does.</param>
internal sealed record CharacterBinding(string Character, DemoAction Action);

/// <summary>A line of the help.</summary>
/// <param name="Keys">Keys or mouse.</param>
/// <param name="Does">What they do.</param>
internal sealed record HelpLine(string Keys, string Does);

/// <summary>Which key and which character does what; the help under F1 says the same in words.</summary>
internal static class KeyMap
{
    private static readonly KeyBinding[] s_bindings =
    [
        new(Key.F1, 0, DemoAction.Help),
        new(Key.Space, 0, DemoAction.Pause),
        new(Key.C, 0, DemoAction.Search),
        new(Key.D, 0, DemoAction.Drift),
        new(Key.R, 0, DemoAction.Reseed),
        new(Key.Left, 0, DemoAction.Left),
        new(Key.Right, 0, DemoAction.Right),
        new(Key.Up, 0, DemoAction.Up),
        new(Key.Down, 0, DemoAction.Down),
        new(Key.Z, 0, DemoAction.Focus),
        new(Key.S, 0, DemoAction.MoreSteps),
        new(Key.S, Modifiers.Shift, DemoAction.FewerSteps),
        new(Key.G, 0, DemoAction.MoreGuidance),
        new(Key.G, Modifiers.Shift, DemoAction.LessGuidance),
        new(Key.T, 0, DemoAction.Warmer),
        new(Key.T, Modifiers.Shift, DemoAction.Cooler),
        new(Key.L, 0, DemoAction.LockAll),
        new(Key.L, Modifiers.Shift, DemoAction.UnlockAll),
        new(Key.Enter, 0, DemoAction.Regenerate),
        new(Key.KeypadEnter, 0, DemoAction.Regenerate),
        new(Key.M, 0, DemoAction.Morph),
        new(Key.P, 0, DemoAction.SavePicture),
        new(Key.W, 0, DemoAction.SaveWall),
        new(Key.V, 0, DemoAction.RecordBirth),
        new(Key.N, 0, DemoAction.NextDevice),
        new(Key.F, 0, DemoAction.FullScreen),
        new(Key.F11, 0, DemoAction.FullScreen),
        new(Key.H, 0, DemoAction.HidePanel),
        new(Key.Escape, 0, DemoAction.Back),
        new(Key.Q, Modifiers.Control, DemoAction.Quit),
    ];

    /// <summary>All but letters are found by what is typed, for no two layouts have them on the same keys.</summary>
    private static readonly CharacterBinding[] s_characters =
    [
        new("?", DemoAction.Help),
        new(".", DemoAction.StepOnce),
        new("/", DemoAction.Search),
        new("+", DemoAction.MorePictures),
        new("=", DemoAction.MorePictures),
        new("-", DemoAction.FewerPictures),
        new("]", DemoAction.Faster),
        new("[", DemoAction.Slower),
        new("0", DemoAction.ResetSettings),
    ];

    /// <summary>The help, in two columns.</summary>
    public static IReadOnlyList<IReadOnlyList<HelpLine>> Help { get; } =
    [
        [
            new("/  or  C", "pick a class: type part of its name"),
            new("D", "all classes in turn"),
            new("Space", "pause, resume"),
            new(".", "one step, while paused"),
            new("]  [", "faster, slower"),
            new("S  ⇧S", "more steps, fewer"),
            new("G  ⇧G", "more guidance, less"),
            new("T  ⇧T", "temperature up, down"),
            new("0", "the model's default settings"),
            new("R", "new seeds"),
            new("+  −  or  wheel", "more images, fewer"),
            new("N", "switch to the next device"),
        ],
        [
            new("← → ↑ ↓  or  click", "select an image"),
            new("Z  or  double click", "show it alone, and back"),
            new("click a token", "lock it, unlock it"),
            new("L  ⇧L", "lock all tokens, unlock all"),
            new("Enter", "regenerate the others"),
            new("M", "morph into the next: ← → or drag"),
            new("P   W", "save the image, the grid"),
            new("V", "save its steps as an animated PNG"),
            new("drop an image file", "show it and its reconstruction"),
            new("F  or  F11", "full screen, and back"),
            new("H", "hide the panel, show it"),
            new("Esc   Ctrl+Q", "back, quit"),
        ],
    ];

    /// <summary>What a key does; null for nothing.</summary>
    public static DemoAction? Find(Key key, Modifiers modifiers)
    {
        foreach (KeyBinding binding in s_bindings)
        {
            if (binding.Key == key && binding.Modifiers == modifiers)
                return binding.Action;
        }
        return null;
    }

    /// <summary>What typing a character does; null for nothing.</summary>
    public static DemoAction? Find(string character)
    {
        foreach (CharacterBinding binding in s_characters)
        {
            if (binding.Character == character)
                return binding.Action;
        }
        return null;
    }

    /// <summary>Whether holding the key down does it again and again.</summary>
    public static bool Repeats(DemoAction action) => action is DemoAction.Left or DemoAction.Right or DemoAction.Up or DemoAction.Down or DemoAction.StepOnce
        or DemoAction.MoreSteps or DemoAction.FewerSteps or DemoAction.MoreGuidance or DemoAction.LessGuidance or DemoAction.Warmer or DemoAction.Cooler;
}
