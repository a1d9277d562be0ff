using System.Collections.Immutable;
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

    private readonly Random _order;
    private ImmutableArray<Box> _grid = [];

    public Wall(int count, int seed) => (Count, _order) = (count, new Random(seed));

    /// <summary>How many are shown.</summary>
    public int Count { get; private set; }

    /// <summary>Which is selected.</summary>
    public int Selection { get; private set; }

    /// <summary>Whether the selected one is looked at alone.</summary>
    public bool IsFocused { get; set; }

    public ImmutableArray<WallPicture> All { get; } = [.. Enumerable.Range(0, MaxPictures).Select(slot => new WallPicture(slot))];

    public IEnumerable<WallPicture> Shown => All.Take(Count);

    public WallPicture Selected => All[Selection];

    /// <summary>The one after the selected one, for morphing into; the only one is its own.</summary>
    public WallPicture Following => All[(Selection + 1) % Count];

    /// <summary>Whether a picture is one of those that are shown.</summary>
    public bool Shows(WallPicture picture) => All.IndexOf(picture) < Count;

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
            if (All[i].Tile.IsShown && All[i].Tile.Box.Contains(x, y))
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
        ReadOnlySpan<Box> places = _grid.AsSpan(0, Math.Min(Count, _grid.Length));
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

    /// <summary>Whether so many are free to be born again.</summary>
    /// <param name="count">How many.</param>
    /// <param name="now">Seconds of the scene; infinity for now or later.</param>
    /// <param name="staying">Those that are not to be born again.</param>
    public bool HasFree(int count, double now, IReadOnlyList<WallPicture> staying)
    {
        int free = 0;
        for (int i = 0; i < Count; i++)
            free += IsFree(All[i], now, staying) ? 1 : 0;
        return free >= count;
    }

    /// <summary>The pictures to be born next, of those that are free.</summary>
    /// <inheritdoc cref="HasFree"/>
    public IReadOnlyList<WallPicture> Next(int count, double now, IReadOnlyList<WallPicture> staying) =>
        // Those that were born first go first; where several are alike, as at the start, the one that is looked at, and then chance decides.
        [.. Shown.Where(p => IsFree(p, now, staying)).OrderBy(p => p.FreeAt).ThenBy(p => p != Selected).ThenBy(_ => _order.Next()).Take(count)];

    /// <summary>Lets all that are done be born again at once.</summary>
    public void Release()
    {
        foreach (WallPicture picture in All)
            picture.FreeAt = Math.Min(picture.FreeAt, 0);
    }

    /// <summary>Forgets all pictures, whose device is gone.</summary>
    public void Forget()
    {
        foreach (WallPicture picture in All)
        {
            (picture.Story, picture.IsBeingBorn, picture.FreeAt) = (null, false, 0);
            picture.Tile.Forget();
        }
    }

    /// <summary>Sends every tile to its place.</summary>
    public void Arrange(Layout layout)
    {
        _grid = layout.Grid(Count);
        for (int i = 0; i < MaxPictures; i++)
        {
            Tile tile = All[i].Tile;
            bool alone = IsFocused && i == Selection;
            tile.IsShown = i < Count && (!IsFocused || alone);
            if (i < Count)
                tile.MoveTo(alone ? layout.Grid(1)[0] : _grid[i]);
        }
    }

    private static bool IsFree(WallPicture picture, double now, IReadOnlyList<WallPicture> staying) =>
        !picture.IsBeingBorn && !picture.IsHeld && picture.FreeAt <= now && !staying.Contains(picture);
}
