namespace Titok.Cli.Display;

/// <summary>Rows in columns as wide as their widest cell, two blanks apart.</summary>
internal sealed class TextTable
{
    private readonly List<string[]> _rows = [];

    public void Add(params string[] cells) => _rows.Add(cells);

    public void Write(TextWriter writer, string indent = "")
    {
        int[] widths = [.. Enumerable.Range(0, _rows.Max(r => r.Length)).Select(c => _rows.Max(r => c < r.Length ? r[c].Length : 0))];
        foreach (string[] row in _rows)
            writer.WriteLine((indent + string.Join("  ", row.Select((cell, c) => cell.PadRight(widths[c])))).TrimEnd());
    }
}
