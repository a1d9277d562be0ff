using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Titok.Demo.Input;

namespace Titok.Demo.Drawing;

/// <summary>Where everything lies in a window of a size.</summary>
internal sealed class Layout
{
    private const float Margin = 28, PanelHeight = 110, LeastHeightForPanel = 330, SearchHead = 56, SearchLine = 34;

    /// <summary>The least that a small window makes of all lengths: the panel's texts are 9 pixels high then, and not to be read below.</summary>
    private const float LeastShare = 0.7f;

    /// <summary>In a narrower window that is not too low the tokens have a row of their own, so that there is room for words beside each other.</summary>
    private const float LeastWidthForOneRow = 640, LeastHeightForTwoRows = 520, TokenRow = 66;

    /// <summary>Of the panel's width, what either side takes; as they are alike, the tokens between them are in the middle.</summary>
    private const float SideShare = 0.23f;

    private readonly (int Width, int Height, float Scale, bool ShowsPanel) _of;
    private readonly Dictionary<int, ImmutableArray<Box>> _grids = [], _tokens = [];

    /// <param name="width">Window's pixels across.</param>
    /// <param name="height">Window's pixels down.</param>
    /// <param name="scale">Pixels to a unit of type.</param>
    /// <param name="showsPanel">Whether the panel at the foot is wanted.</param>
    public Layout(int width, int height, float scale, bool showsPanel)
    {
        _of = (width, height, scale, showsPanel);
        Scale = scale * Math.Clamp(Math.Min(width / (scale * 900), height / (scale * 560)), LeastShare, 1);
        (Width, Height) = (width, height);
        float margin = Edge = MathF.Round(Margin * Scale);
        ShowsPanel = showsPanel && height >= LeastHeightForPanel * Scale;
        HasTokenRow = width < LeastWidthForOneRow * Scale && height >= LeastHeightForTwoRows * Scale;
        float panel = ShowsPanel ? MathF.Round((PanelHeight + (HasTokenRow ? TokenRow : 0)) * Scale) : 0;
        Panel = new Box(margin, height - margin - panel, width - 2 * margin, panel);
        float bottom = ShowsPanel ? Panel.Top - margin : height - margin;
        Stage = new Box(margin, margin, width - 2 * margin, Math.Max(1, bottom - margin));
    }

    /// <summary>Whether it is what would be made of these.</summary>
    public bool IsOf(int width, int height, float scale, bool showsPanel) => _of == (width, height, scale, showsPanel);

    public int Width { get; }

    public int Height { get; }

    public float Scale { get; }

    /// <summary>Pixels of a length at scale 1.</summary>
    public float Px(float length) => MathF.Round(length * Scale);

    public float Edge { get; }

    public bool ShowsPanel { get; }

    /// <summary>Whether the panel's tokens lie under its other columns, and not between them.</summary>
    public bool HasTokenRow { get; }

    /// <summary>Where pictures go.</summary>
    public Box Stage { get; }

    /// <summary>Where the selected picture's story, its tokens and the numbers go.</summary>
    public Box Panel { get; }

    /// <summary>The panel's columns: what the picture is, its tokens, and how fast things go.</summary>
    public Box Title => Panel with { Width = HasTokenRow ? (Panel.Width - Px(20)) / 2 : MathF.Round(Panel.Width * SideShare), Height = Px(58) };

    public Box Strip => HasTokenRow
        ? Panel with { Top = Panel.Top + Px(TokenRow), Height = Px(46) }
        : new(Title.Right + Px(20), Panel.Top + Px(2), Panel.Width - Title.Width - Numbers.Width - Px(40), Px(46));

    public Box Numbers => Title with { Left = Panel.Right - Title.Width };

    /// <summary>The panel's last row.</summary>
    public Box Chips => new(Panel.Left, Panel.Bottom - Px(30), Panel.Width, Px(30));

    /// <summary>The sheet of the search for a class, with so many finds; where there are none it has room for a line that says so.</summary>
    public Box Search(int finds)
    {
        float width = MathF.Min(Px(440), Width - 2 * Edge);
        // Where the window has no room for as many as there may be further down, it begins higher; always at the same place.
        float top = MathF.Max(Edge, MathF.Min(MathF.Round(Height * 0.16f), Height - Edge - SearchHeight(ClassSearch.MaxShown)));
        return new Box(MathF.Round((Width - width) / 2), top, width, SearchHeight(Math.Max(1, finds)));
    }

    /// <summary>A find's row in that sheet, the best first.</summary>
    public Box SearchRow(int find)
    {
        Box sheet = Search(0);
        return new Box(sheet.Left + Px(8), sheet.Top + Px(SearchHead) + find * Px(SearchLine), sheet.Width - Px(16), Px(SearchLine));
    }

    /// <summary>Squares for so many pictures, as large as the stage lets them be, in rows of one length where that costs little.</summary>
    public ImmutableArray<Box> Grid(int count)
    {
        if (!_grids.TryGetValue(count, out ImmutableArray<Box> grid))
            _grids.Add(count, grid = MakeGrid(count));
        return grid;
    }

    /// <summary>The cells of a token strip, in as few rows as keep them at least so wide that they can be told apart.</summary>
    public ImmutableArray<Box> Tokens(int count)
    {
        if (!_tokens.TryGetValue(count, out ImmutableArray<Box> cells))
            _tokens.Add(count, cells = MakeTokens(count));
        return cells;
    }

    private float SearchHeight(int finds) => Px(SearchHead) + finds * Px(SearchLine) + Px(14);

    private float Gap(int count) => Px(count <= 2 ? 24 : count <= 18 ? 12 : 7);

    private ImmutableArray<Box> MakeGrid(int count)
    {
        (int columns, float bestScore, float side) = (1, 0, 0);
        for (int candidate = 1; candidate <= count; candidate++)
        {
            int rows = (count + candidate - 1) / candidate;
            float gap = Gap(count);
            float fits = MathF.Min((Stage.Width - gap * (candidate - 1)) / candidate, (Stage.Height - gap * (rows - 1)) / rows);
            float score = fits * (count % candidate == 0 ? 1 : 0.82f);
            if (score > bestScore)
                (columns, bestScore, side) = (candidate, score, fits);
        }
        return Arrange(count, columns, MathF.Max(4, MathF.Floor(side)), Gap(count));
    }

    private ImmutableArray<Box> MakeTokens(int count)
    {
        Box strip = Strip;
        int rows = 1;
        while (rows < 6 && strip.Width * rows / count < Px(9))
            rows++;
        int columns = (count + rows - 1) / rows;
        float pitch = MathF.Min(strip.Width / columns, Px(26)), gap = MathF.Max(1, MathF.Round(pitch * 0.14f));
        float rowPitch = strip.Height / rows, left = strip.Left + (strip.Width - pitch * columns) / 2;
        var cells = new Box[count];
        for (int i = 0; i < count; i++)
        {
            cells[i] = new Box(
                left + i % columns * pitch, strip.Top + i / columns * rowPitch,
                MathF.Max(1, pitch - gap), MathF.Max(1, rowPitch - (rows > 1 ? gap : 0)));
        }
        return ImmutableCollectionsMarshal.AsImmutableArray(cells);
    }

    private ImmutableArray<Box> Arrange(int count, int columns, float side, float gap)
    {
        int rows = (count + columns - 1) / columns;
        float top = Stage.Top + (Stage.Height - rows * side - (rows - 1) * gap) / 2;
        var boxes = new Box[count];
        for (int i = 0; i < count; i++)
        {
            int row = i / columns, inRow = Math.Min(columns, count - row * columns);
            float left = Stage.Left + (Stage.Width - inRow * side - (inRow - 1) * gap) / 2;
            boxes[i] = new Box(MathF.Round(left + i % columns * (side + gap)), MathF.Round(top + row * (side + gap)), side, side);
        }
        return ImmutableCollectionsMarshal.AsImmutableArray(boxes);
    }
}
