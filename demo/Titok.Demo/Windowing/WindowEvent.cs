using System.Runtime.InteropServices;

namespace Titok.Demo.Windowing;

/// <summary>Something a person did to the window. Positions are in pixels of the picture on screen, from the top left.</summary>
internal abstract record WindowEvent;

/// <summary>It is to be drawn again, as it has another size or lay under another window.</summary>
internal sealed record RedrawRequested : WindowEvent;

/// <summary>Somebody wants to close it.</summary>
internal sealed record CloseRequested : WindowEvent;

/// <summary>A key went down, or repeats while it is held.</summary>
internal sealed record KeyPressed(Key Key, Modifiers Modifiers, bool IsRepeat) : WindowEvent
{
    /// <summary>Whether it types a character, which comes as another event.</summary>
    public bool Types => Key < Key.Escape && !Modifiers.HasFlag(Modifiers.Control);
}

/// <summary>A character was typed.</summary>
internal sealed record CharacterTyped(string Text) : WindowEvent;

/// <summary>A mouse button went down: 0 left, 1 right, 2 middle.</summary>
internal sealed record MousePressed(float X, float Y, int Button, bool IsDouble) : WindowEvent;

/// <summary>A mouse button was let go.</summary>
internal sealed record MouseReleased(float X, float Y, int Button) : WindowEvent;

/// <summary>The pointer moved.</summary>
internal sealed record MouseMoved(float X, float Y) : WindowEvent;

/// <summary>The wheel turned by so many notches; up is positive.</summary>
internal sealed record MouseScrolled(float X, float Y, float Notches) : WindowEvent;

/// <summary>Files were dropped on the window.</summary>
internal sealed record FilesDropped(IReadOnlyList<string> Paths) : WindowEvent
{
    /// <summary>Takes over GLFW's list, which is gone after its callback.</summary>
    /// <param name="count">How many; what was dragged may have held none.</param>
    /// <param name="paths">Each in UTF-8, with a zero in the end.</param>
    public static unsafe FilesDropped Read(int count, byte** paths)
    {
        var list = new List<string>();
        for (int i = 0; i < count; i++)
        {
            if (Marshal.PtrToStringUTF8((nint)paths[i]) is { Length: > 0 } path)
                list.Add(path);
        }
        return new FilesDropped(list);
    }
}
