namespace Titok.Demo.Windowing;

/// <summary>Keys by GLFW's codes; those of printing keys are their US capital.</summary>
internal enum Key
{
    Space = 32,
    Comma = 44,
    Minus = 45,
    Period = 46,
    Slash = 47,
    Digit0 = 48,
    Equal = 61,
    C = 67,
    D = 68,
    F = 70,
    G = 71,
    H = 72,
    K = 75,
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
    LeftBracket = 91,
    RightBracket = 93,
    Escape = 256,
    Enter = 257,
    Tab = 258,
    Backspace = 259,
    Right = 262,
    Left = 263,
    Down = 264,
    Up = 265,
    Home = 268,
    End = 269,
    F1 = 290,
    F11 = 300,
    KeypadSubtract = 333,
    KeypadAdd = 334,
    KeypadEnter = 335,
}

/// <summary>Keys held down with another.</summary>
[Flags]
internal enum Modifiers
{
    None = 0,
    Shift = 1,
    Control = 2,
}
