using System.Globalization;

namespace Titok.Cli.Options;

/// <summary>Classes by number or label; a name that does not exist is answered with the nearest ones.</summary>
internal static class ClassNames
{
    private const int Suggestions = 3;

    public static int[] Resolve(string list, IReadOnlyList<string> labels, int classes)
    {
        // A label may have commas in it, as many of ImageNet's have: "tench, Tinca tinca".
        int[] whole = Find(list.Trim(), labels);
        if (whole.Length != 0)
            return [Only(list.Trim(), whole)];
        string[] names = list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (names.Length == 0)
            throw new UsageException("--class names no class");
        return [.. names.Select(name => ResolveOne(name, labels, classes))];
    }

    private static int ResolveOne(string name, IReadOnlyList<string> labels, int classes)
    {
        int[] found = Find(name, labels);
        if (found.Length != 0)
            return Only(name, found);
        if (int.TryParse(name, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number))
        {
            return number >= 0 && number < classes
                ? number
                : throw new CommandException($"class {number} does not exist; this generator has classes 0 to {classes - 1}");
        }
        if (labels.Count == 0)
            throw new CommandException($"class '{name}' is not a number, and this model has no labels; its classes are 0 to {classes - 1}");
        IEnumerable<string> nearest = labels.Distinct()
            .OrderBy(label => Synonyms(label).Append(label).Min(s => Distance(name.ToLowerInvariant(), s.ToLowerInvariant())))
            .Take(Suggestions);
        throw new CommandException($"class '{name}' does not exist; the nearest are {string.Join("; ", nearest.Select(l => $"'{l}'"))}");
    }

    /// <summary>The classes with this label; or else those that have it as one of several synonyms.</summary>
    private static int[] Find(string name, IReadOnlyList<string> labels)
    {
        int[] exact = Matching(label => Same(label, name));
        return exact.Length != 0 ? exact : Matching(label => Synonyms(label).Any(s => Same(s, name)));

        int[] Matching(Predicate<string> matches) => [.. Enumerable.Range(0, labels.Count).Where(i => matches(labels[i]))];
    }

    /// <summary>ImageNet has two cranes and two maillots.</summary>
    private static int Only(string name, int[] found) => found is [int only]
        ? only
        : throw new CommandException($"there are {found.Length} classes '{name}': {string.Join(", ", found)}; name one by its number");

    private static string[] Synonyms(string label) => label.Split(',', StringSplitOptions.TrimEntries);

    private static bool Same(string a, string b) => string.Equals(a, b, StringComparison.OrdinalIgnoreCase);

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
