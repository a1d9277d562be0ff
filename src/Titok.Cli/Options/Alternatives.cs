namespace Titok.Cli.Options;

/// <summary>Two or more words of which one is to be chosen, as a sentence has them: a, b or c.</summary>
internal static class Alternatives
{
    public static string Text(IReadOnlyList<string> words) => $"{string.Join(", ", words.SkipLast(1))} or {words[^1]}";
}
