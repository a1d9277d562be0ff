namespace Titok.Demo.Input;

/// <summary>Finding a class by typing part of its name or its number.</summary>
/// <param name="labels">A name for each class; empty names are shown as numbers.</param>
internal sealed class ClassSearch(IReadOnlyList<string> labels)
{
    /// <summary>Most that are shown at once: the smallest window has room for them.</summary>
    public const int MaxShown = 7;

    private List<int> _found = [.. Enumerable.Range(0, labels.Count)];

    /// <summary>What was typed.</summary>
    public string Text { get; private set; } = "";

    /// <summary>The class that Enter picks, as an index into <see cref="Shown"/>.</summary>
    public int Chosen { get; private set; }

    /// <summary>The best finds, best first.</summary>
    public IReadOnlyList<int> Shown => _found.Count <= MaxShown ? _found : _found[..MaxShown];

    /// <summary>How many were found.</summary>
    public int Found => _found.Count;

    /// <summary>The class that Enter picks; null if nothing was found.</summary>
    public int? Pick => Chosen < _found.Count ? _found[Chosen] : null;

    public void Type(string text) => Search(Text + text);

    public void Erase() => Search(Text.Length == 0 ? "" : Text[..^1]);

    public void Move(int by) => Choose(Chosen + by);

    /// <summary>Makes one of those shown, or the nearest, the one that Enter picks.</summary>
    public void Choose(int index) => Chosen = Math.Clamp(index, 0, Math.Max(0, Shown.Count - 1));

    private void Search(string text)
    {
        (Text, Chosen) = (text, 0);
        string wanted = text.Trim();
        _found = [.. Enumerable.Range(0, labels.Count)
            .Select(index => (Index: index, Rank: Rank(index, wanted)))
            .Where(find => find.Rank >= 0)
            .OrderBy(find => find.Rank)
            .Select(find => find.Index)];
    }

    /// <summary>The number itself, then names that begin so, then those with a word that does, then any that has it.</summary>
    private int Rank(int index, string wanted)
    {
        string label = labels[index];
        if (wanted.Length == 0 || wanted == index.ToString(System.Globalization.CultureInfo.InvariantCulture))
            return 0;
        int at = label.IndexOf(wanted, StringComparison.OrdinalIgnoreCase);
        return at switch
        {
            0 => 1,
            > 0 when label[at - 1] == ' ' => 2,
            > 0 => 3,
            _ => -1,
        };
    }
}
