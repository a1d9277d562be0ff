using Titok.Demo.Input;

namespace Titok.Demo.Drawing;

/// <summary>A setting in the panel that the mouse can change.</summary>
/// <param name="Name">What it is; empty where the value says it.</param>
/// <param name="Value">Its value.</param>
/// <param name="More">What a click or the wheel's way up does.</param>
/// <param name="Less">What a right click or the wheel's way down does.</param>
internal sealed record Chip(string Name, string Value, DemoAction More, DemoAction Less);
