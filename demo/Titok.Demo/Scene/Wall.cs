using Titok.Demo.Drawing;

namespace Titok.Demo.Scene;

/// <summary>A picture of the wall: its place, its story so far, and since when it is done.</summary>
internal sealed class WallPicture(int slot)
{
    public Tile Tile { get; } = new(slot);

    /// <summary>Null before the first.</summary>
    public Story? Story { get; set; }

    /// <summary>Whether all its steps are over, and the last one's picture has come too.</summary>
    public bool IsDone => Story is { IsDone: true } && !IsBeingBorn;

    /// <summary>Whether a job works on it.</summary>
    public bool IsBeingBorn { get; set; }

    /// <summary>When it is free to be born again, in seconds of the scene.</summary>
    public double FreeAt { get; set; }

    /// <summary>Whether somebody has locked tokens of it, so that it stays.</summary>
    public bool IsHeld => Story is { } story && story.Locked.Contains(true);
}

/// <summary>The pictures that are born again and again, one of them selected.</summary>
internal sealed class Wall
{
    public const int MaxPictures = 64;

    private readonly WallPicture[] _pictures = [.. Enumerable.Range(0, MaxPictures).Select(slot => new WallPicture(slot))];
    private readonly Random _order;
    private Box[] _grid = [];

    public Wall(int count, int seed) => (Count, _order) = (count, new Random(seed));

    /// <summary>How many are shown.</summary>
    public int Count { get; private set; }

    /// <summary>Which is selected.</summary>
    public int Selection { get; private set; }

    /// <summary>Whether the selected one is looked at alone.</summary>
    public bool IsFocused { get; set; }

    public IEnumerable<WallPicture> All => _pictures;

    public IEnumerable<WallPicture> Shown => _pictures.Take(Count);

    public WallPicture Selected => _pictures[Selection];

    /// <summary>The one after the selected one, for morphing into; the only one is its own.</summary>
    public WallPicture Following => _pictures[(Selection + 1) % Count];

    public void Resize(int count)
    {
        Count = count;
        Selection = Math.Min(Selection, count - 1);
    }

    public void Select(int index) => Selection = Math.Clamp(index, 0, Count - 1);

    /// <summary>The picture at a point; null if there is none.</summary>
    public int? Find(float x, float y)
    {
        for (int i = 0; i < Count; i++)
        {
            if (_pictures[i].Tile.IsShown && _pictures[i].Tile.Box.Contains(x, y))
                return i;
        }
        return null;
    }

    /// <summary>Selects the nearest in a direction; at the end of a row, sideways goes on in the next.</summary>
    public void Move(int across, int down)
    {
        if (across != 0)
        {
            Selection = (Selection + across + Count) % Count;
            return;
        }
        // Not by where tiles are: one that is looked at alone, or glides, is somewhere else.
        Box[] places = _grid[..Math.Min(Count, _grid.Length)];
        if (Selection >= places.Length)
            return;
        Box from = places[Selection];
        int? best = null;
        float nearest = float.MaxValue;
        for (int i = 0; i < places.Length; i++)
        {
            Box to = places[i];
            float ahead = (to.Top - from.Top) * down, aside = MathF.Abs(to.Left - from.Left);
            if (ahead > from.Height / 2 && ahead * 4 + aside < nearest)
                (best, nearest) = (i, ahead * 4 + aside);
        }
        Selection = best ?? Selection;
    }

    /// <summary>Pictures to be born next: exactly so many, or none yet.</summary>
    /// <param name="count">How many.</param>
    /// <param name="now">Seconds of the scene.</param>
    /// <param name="stays">Which of them are not to be born again now.</param>
    public IReadOnlyList<WallPicture> Next(int count, double now, Func<WallPicture, bool> stays)
    {
        WallPicture[] free = [.. Free(now, stays)];
        if (free.Length < count)
            return [];
        // Those that were born first go first; where several are alike, as at the start, the one that is looked at, and then chance decides.
        return [.. free.OrderBy(p => p.FreeAt).ThenBy(p => p != Selected).ThenBy(_ => _order.Next()).Take(count)];
    }

    /// <summary>Whether so many are free to be born again, now or later.</summary>
    public bool HasFree(int count, Func<WallPicture, bool> stays) => Free(double.PositiveInfinity, stays).Count() >= count;

    /// <summary>Lets all that are done be born again at once.</summary>
    public void Release()
    {
        foreach (WallPicture picture in _pictures)
            picture.FreeAt = Math.Min(picture.FreeAt, 0);
    }

    /// <summary>Forgets all pictures, whose device is gone.</summary>
    public void Forget()
    {
        foreach (WallPicture picture in _pictures)
        {
            (picture.Story, picture.IsBeingBorn, picture.FreeAt) = (null, false, 0);
            picture.Tile.Forget();
        }
    }

    private IEnumerable<WallPicture> Free(double now, Func<WallPicture, bool> stays) =>
        Shown.Where(p => !p.IsBeingBorn && !p.IsHeld && p.FreeAt <= now && !stays(p));

    /// <summary>Sends every tile to its place.</summary>
    public void Arrange(Layout layout)
    {
        _grid = layout.Grid(Count);
        for (int i = 0; i < MaxPictures; i++)
        {
            Tile tile = _pictures[i].Tile;
            bool alone = IsFocused && i == Selection;
            tile.IsShown = i < Count && (!IsFocused || alone);
            if (i < Count)
                tile.MoveTo(alone ? layout.Grid(1)[0] : _grid[i]);
        }
    }
}
