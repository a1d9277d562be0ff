using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace Titok.Vulkan.Tests.Demo;

/// <summary>A program from which files are dragged: another client of the X server, speaking XDND, the protocol of drag and drop.</summary>
internal sealed unsafe partial class FileDrag : IDisposable
{
    private const string X11 = "libX11.so.6";
    private const int SelectionRequest = 30, SelectionNotify = 31, ClientMessage = 33, ProtocolVersion = 5;

    private readonly nint _display;
    private readonly nuint _source;

    public FileDrag(string display)
    {
        Assert.SkipUnless(NativeLibrary.TryLoad(X11, out _), $"{X11} is not installed; on Debian: apt-get install libx11-6");
        _display = OpenDisplay(display);
        Assert.True(_display != 0, $"no connection to {display}");
        _source = CreateSimpleWindow(_display, DefaultRootWindow(_display), 0, 0, 1, 1, 0, 0, 0);
    }

    /// <summary>Drops files onto a window, and waits until it has taken them.</summary>
    /// <param name="window">The window's number.</param>
    /// <param name="left">Where on the screen.</param>
    /// <param name="top">Where on the screen.</param>
    /// <param name="paths">The files.</param>
    public void Drop(nuint window, int left, int top, params string[] paths)
    {
        byte[] list = Encoding.UTF8.GetBytes(string.Concat(paths.Select(path => new Uri(path).AbsoluteUri + "\r\n")));
        _ = SetSelectionOwner(_display, Atom("XdndSelection"), _source, 0);
        Tell(window, "XdndEnter", ProtocolVersion << 24, (long)Atom("text/uri-list"), 0, 0);
        Tell(window, "XdndPosition", 0, ((long)left << 16) | (uint)top, 0, (long)Atom("XdndActionCopy"));
        long start = Stopwatch.GetTimestamp();
        while (true)
        {
            Assert.True(Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(30), "the window does not take what is dropped");
            if (Pending(_display) == 0)
            {
                Thread.Sleep(20);
                continue;
            }
            Event happened;
            _ = NextEvent(_display, &happened);
            if (happened.Type == SelectionRequest)
                Hand(happened.Request, list);
            else if (happened.Type == ClientMessage && happened.Message == Atom("XdndStatus"))
            {
                Assert.True((happened.Words[1] & 1) == 1, "the window refuses what is dragged over it");
                Tell(window, "XdndDrop", 0, 0, 0, 0);
            }
            else if (happened.Type == ClientMessage && happened.Message == Atom("XdndFinished"))
                return;
        }
    }

    public void Dispose() => _ = CloseDisplay(_display);

    /// <summary>Sends a message of the protocol; its first word is who sends it.</summary>
    private void Tell(nuint window, string message, long b, long c, long d, long e)
    {
        var sent = new Event { Type = ClientMessage, Window = window, Message = Atom(message), BitsPerWord = 32 };
        (sent.Words[0], sent.Words[1], sent.Words[2], sent.Words[3], sent.Words[4]) = ((long)_source, b, c, d, e);
        Send(window, sent);
    }

    /// <summary>Hands over what is dragged to a window that asks for it.</summary>
    private void Hand(Request request, byte[] list)
    {
        fixed (byte* bytes = list)
            _ = ChangeProperty(_display, request.Requestor, request.Property, request.Target, 8, 0, bytes, list.Length);
        Send(request.Requestor, new Event
        {
            Type = SelectionNotify,
            Answer = new Answer { Requestor = request.Requestor, Selection = request.Selection, Target = request.Target, Property = request.Property, Time = request.Time },
        });
    }

    private void Send(nuint window, Event sent)
    {
        _ = SendEvent(_display, window, 0, 0, &sent);
        _ = Flush(_display);
    }

    private nuint Atom(string name) => InternAtom(_display, name, 0);

    [LibraryImport(X11, EntryPoint = "XOpenDisplay", StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint OpenDisplay(string name);

    [LibraryImport(X11, EntryPoint = "XCloseDisplay")]
    private static partial int CloseDisplay(nint display);

    [LibraryImport(X11, EntryPoint = "XDefaultRootWindow")]
    private static partial nuint DefaultRootWindow(nint display);

    [LibraryImport(X11, EntryPoint = "XCreateSimpleWindow")]
    private static partial nuint CreateSimpleWindow(nint display, nuint parent, int x, int y, uint width, uint height, uint border, nuint borderColor, nuint ground);

    [LibraryImport(X11, EntryPoint = "XInternAtom", StringMarshalling = StringMarshalling.Utf8)]
    private static partial nuint InternAtom(nint display, string name, int onlyIfExists);

    [LibraryImport(X11, EntryPoint = "XSetSelectionOwner")]
    private static partial int SetSelectionOwner(nint display, nuint selection, nuint owner, nuint time);

    [LibraryImport(X11, EntryPoint = "XChangeProperty")]
    private static partial int ChangeProperty(nint display, nuint window, nuint property, nuint type, int bitsPerItem, int mode, byte* data, int items);

    [LibraryImport(X11, EntryPoint = "XSendEvent")]
    private static partial int SendEvent(nint display, nuint window, int propagate, nint mask, Event* sent);

    [LibraryImport(X11, EntryPoint = "XFlush")]
    private static partial int Flush(nint display);

    [LibraryImport(X11, EntryPoint = "XPending")]
    private static partial int Pending(nint display);

    [LibraryImport(X11, EntryPoint = "XNextEvent")]
    private static partial int NextEvent(nint display, Event* happened);

    /// <summary>XEvent, on systems of 64 bits: XClientMessageEvent, or what a selection is asked for and given by.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 192)]
    private struct Event
    {
        [FieldOffset(0)]
        public int Type;

        [FieldOffset(32)]
        public nuint Window;

        [FieldOffset(40)]
        public nuint Message;

        [FieldOffset(48)]
        public int BitsPerWord;

        [FieldOffset(56)]
        public fixed long Words[5];

        [FieldOffset(32)]
        public Request Request;

        [FieldOffset(32)]
        public Answer Answer;
    }

    /// <summary>XSelectionRequestEvent, behind what all events begin with.</summary>
    private struct Request
    {
        public nuint Owner, Requestor, Selection, Target, Property, Time;
    }

    /// <summary>XSelectionEvent, behind what all events begin with.</summary>
    private struct Answer
    {
        public nuint Requestor, Selection, Target, Property, Time;
    }
}
