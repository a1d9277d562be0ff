using Titok.Pictures;

namespace Titok.Demo.Scene;

/// <summary>Picture files that somebody brought, one of them looked at; they are read away from the frames.</summary>
internal sealed class BroughtFiles
{
    private readonly IReadOnlyList<string> _paths;
    private readonly int _imageSize;
    private Task<float[]>? _reading;
    private int _direction = 1;

    /// <param name="paths">One or more.</param>
    /// <param name="imageSize">S, pixels along the side of what is read.</param>
    public BroughtFiles(IReadOnlyList<string> paths, int imageSize)
    {
        (_paths, _imageSize) = (paths, imageSize);
        Read();
    }

    public int Count => _paths.Count;

    /// <summary>Which of them is looked at.</summary>
    public int Index { get; private set; }

    /// <summary>Whether one is to be taken, now or when it is read.</summary>
    public bool IsReading => _reading is not null;

    /// <summary>What it is called.</summary>
    public string Name => Path.GetFileName(_paths[Index]);

    /// <summary>Goes on to the next or the one before; at either end there is none.</summary>
    public void Turn(int by)
    {
        if (Index + by < 0 || Index + by >= Count)
            return;
        (Index, _direction) = (Index + by, by);
        Read();
    }

    /// <summary>The picture [3, S, S] in 0..1, once, when it is read. One that cannot be read is told of, and passed over.</summary>
    public float[]? Take(Action<string> say)
    {
        if (_reading is not { IsCompleted: true } read)
            return null;
        _reading = null;
        try
        {
            return read.GetAwaiter().GetResult();
        }
        catch (FileException e)
        {
            // The way to a file is known to whoever brought it, and leaves no room for what is wrong.
            say(e.Message.Replace(_paths[Index], Name, StringComparison.Ordinal));
            Turn(_direction);
            return null;
        }
    }

    /// <summary>Waits until it is read, for whoever counts time by the frame.</summary>
    public void Wait() => ((IAsyncResult?)_reading)?.AsyncWaitHandle.WaitOne();

    private void Read()
    {
        string path = _paths[Index];
        _reading = Task.Run(() => PictureFile.Read(path, _imageSize));
    }
}
