using System.Globalization;

namespace Titok.Cli.Commands;

/// <summary>Classes by number or label; a name that does not exist is answered with the nearest ones.</summary>
internal static class ClassNames
{
    private const int Suggestions = 3;

    public static int[] Resolve(string list, IReadOnlyList<string> labels, int classes) =>
        [.. list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(name => ResolveOne(name, labels, classes))];

    private static int ResolveOne(string name, IReadOnlyList<string> labels, int classes)
    {
        for (int index = 0; index < labels.Count; index++)
        {
            if (string.Equals(labels[index], name, StringComparison.OrdinalIgnoreCase))
                return index;
        }
        if (int.TryParse(name, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number))
        {
            return number >= 0 && number < classes
                ? number
                : throw new CommandException($"class {number} does not exist; this generator has classes 0 to {classes - 1}");
        }
        if (labels.Count == 0)
            throw new CommandException($"class '{name}' is not a number, and this model has no labels; its classes are 0 to {classes - 1}");
        IEnumerable<string> nearest = labels.OrderBy(label => Distance(name.ToLowerInvariant(), label.ToLowerInvariant())).Take(Suggestions);
        throw new CommandException($"class '{name}' does not exist; the nearest are {string.Join(", ", nearest)}");
    }

    /// <summary>Edits that turn one name into the other; a label that contains the name is nearer than any that does not.</summary>
    private static int Distance(string name, string label)
    {
        if (label.Contains(name, StringComparison.Ordinal))
            return 0;
        int[] row = [.. Enumerable.Range(0, label.Length + 1)];
        for (int i = 1; i <= name.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= label.Length; j++)
            {
                int replaced = diagonal + (name[i - 1] == label[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, Math.Min(row[j], row[j - 1]) + 1);
            }
        }
        return row[^1];
    }
}
