namespace Titok.Cli.Display;

/// <summary>Rows in columns as wide as their widest cell, two blanks apart.</summary>
internal sealed class TextTable
{
    private const string Gap = "  ";

    /// <summary>A narrower last column would be a pile of single words.</summary>
    private const int LeastWidth = 16;

    private readonly List<string[]> _rows = [];

    public void Add(params string[] cells) => _rows.Add(cells);

    /// <param name="writer">Where it goes.</param>
    /// <param name="indent">Before every line.</param>
    /// <param name="width">
    /// Characters that a line has room for, so that the last column is broken between words, and where it has too little room stands
    /// below the others; null for any number.
    /// </param>
    public void Write(TextWriter writer, string indent = "", int? width = null)
    {
        int columns = _rows.Max(r => r.Length);
        int[] widths = [.. Enumerable.Range(0, columns - 1).Select(c => _rows.Max(r => c < r.Length ? r[c].Length : 0))];
        int before = indent.Length + widths.Sum(w => w + Gap.Length);
        foreach (string[] row in _rows)
        {
            string first = indent + string.Concat(row.Take(columns - 1).Select((cell, c) => cell.PadRight(widths[c]) + Gap));
            string last = row.Length == columns ? row[^1] : "";
            if (width is not { } most || first.Length + last.Length <= most)
            {
                writer.WriteLine((first + last).TrimEnd());
                continue;
            }
            bool isBelow = most - before < Math.Max(LeastWidth, last.Split(' ').Max(word => word.Length));
            if (isBelow)
                writer.WriteLine(first.TrimEnd());
            string margin = isBelow ? indent + Gap : new string(' ', before);
            List<string> lines = Break(last, most - margin.Length);
            for (int i = 0; i < lines.Count; i++)
                writer.WriteLine((i == 0 && !isBelow ? first : margin) + lines[i]);
        }
    }

    /// <summary>How wide the widest line is where none is broken.</summary>
    public int Width() => Enumerable.Range(0, _rows.Max(r => r.Length)).Sum(c => _rows.Max(r => c < r.Length ? r[c].Length + Gap.Length : 0)) - Gap.Length;

    /// <summary>Every row but the first as a table by itself, each cell behind the first row's.</summary>
    public IEnumerable<TextTable> ByHeadings()
    {
        foreach (string[] row in _rows.Skip(1))
        {
            var apart = new TextTable();
            foreach ((string heading, string cell) in _rows[0].Zip(row))
                apart.Add(heading, cell);
            yield return apart;
        }
    }

    private static List<string> Break(string text, int width)
    {
        var lines = new List<string>();
        foreach (string word in text.Split(' '))
        {
            if (lines.Count != 0 && lines[^1].Length + 1 + word.Length <= width)
                lines[^1] += $" {word}";
            else
                lines.Add(word);
        }
        return lines;
    }
}
