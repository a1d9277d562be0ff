using Titok.Demo.Input;

namespace Titok.Demo.Drawing;

/// <summary>All that is written on the window at a moment.</summary>
internal sealed record OverlayContent
{
    /// <summary>What the selected picture is.</summary>
    public string Title { get; init; } = "";

    /// <summary>Its seed and step.</summary>
    public string Subtitle { get; init; } = "";

    /// <summary>The number that matters, such as pictures a second.</summary>
    public string Rate { get; init; } = "";

    /// <summary>Times of the stages.</summary>
    public string Times { get; init; } = "";

    /// <summary>Device, and how it is doing.</summary>
    public string Device { get; init; } = "";

    /// <summary>What the row of tokens shows, in words under it.</summary>
    public string StripCaption { get; init; } = "";

    /// <summary>The settings.</summary>
    public IReadOnlyList<Chip> Chips { get; init; } = [];

    /// <summary>A message that goes away by itself; null for none.</summary>
    public string? Message { get; init; }

    /// <summary>Words in the middle of an empty stage; null for none.</summary>
    public string? Notice { get; init; }

    /// <summary>Whether the help is open.</summary>
    public bool ShowsHelp { get; init; }

    /// <summary>The search that is open; null for none.</summary>
    public SearchView? Search { get; init; }

    /// <summary>Words on a tile, such as the sides of a comparison.</summary>
    public IReadOnlyList<(Box Below, string Text)> Labels { get; init; } = [];

    /// <summary>Whether the other says the same.</summary>
    public bool SaysTheSame(OverlayContent other) =>
        ReferenceEquals(this, other)
        || (this with { Chips = other.Chips, Labels = other.Labels } == other && Chips.SequenceEqual(other.Chips) && Labels.SequenceEqual(other.Labels));
}

/// <summary>The open search for a class.</summary>
/// <param name="Text">What was typed.</param>
/// <param name="Finds">The best finds, joined by line breaks.</param>
/// <param name="Chosen">Which of them Enter picks.</param>
/// <param name="Found">How many there are.</param>
internal sealed record SearchView(string Text, string Finds, int Chosen, int Found)
{
    public static SearchView Of(ClassSearch search, Func<int, string> label) =>
        new(search.Text, string.Join('\n', search.Shown.Select(label)), search.Chosen, search.Found);
}
