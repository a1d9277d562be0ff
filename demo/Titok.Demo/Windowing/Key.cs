namespace Titok.Demo.Windowing;

/// <summary>Keys by GLFW's codes: a letter's is that of the key which has it on a US keyboard.</summary>
internal enum Key
{
    Space = 32,
    C = 67,
    D = 68,
    F = 70,
    G = 71,
    H = 72,
    L = 76,
    M = 77,
    N = 78,
    P = 80,
    Q = 81,
    R = 82,
    S = 83,
    T = 84,
    V = 86,
    W = 87,
    Z = 90,
    Escape = 256,
    Enter = 257,
    Backspace = 259,
    Right = 262,
    Left = 263,
    Down = 264,
    Up = 265,
    F1 = 290,
    F11 = 300,
    KeypadEnter = 335,
}

/// <summary>Keys by what is printed on them.</summary>
internal static class KeyNames
{
    /// <summary>The key that the help calls by this letter; by its place on a layout that has no such letters.</summary>
    /// <param name="key">By its place.</param>
    /// <param name="name">What it types on the keyboard's layout; null where that is nothing.</param>
    public static Key Labelled(Key key, string? name) => name is [>= 'a' and <= 'z' and var letter] ? (Key)char.ToUpperInvariant(letter) : key;
}

/// <summary>Keys held down with another.</summary>
[Flags]
internal enum Modifiers
{
    None = 0,
    Shift = 1,
    Control = 2,
}
