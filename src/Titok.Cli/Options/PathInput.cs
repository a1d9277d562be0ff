using System.CommandLine;
using System.CommandLine.Parsing;

namespace Titok.Cli.Options;

/// <summary>
/// Options and arguments that name a file or folder. An empty name, as an unset variable of a shell gives, is wrong usage:
/// further on it would be taken for the current folder, or for nothing at all. So is one whose bytes are not UTF-8: what .NET
/// makes of them is the name of another file.
/// </summary>
internal static class PathInput
{
    public static Option<T> ThatIsPath<T>(this Option<T> option)
    {
        option.Validators.Add(result => Check(result, result.Tokens, option.Name));
        return option;
    }

    public static Argument<T> ThatIsPath<T>(this Argument<T> argument)
    {
        argument.Validators.Add(result => Check(result, result.Tokens, $"the path {argument.Name}"));
        return argument;
    }

    /// <summary>A path that is written to, for which - would be a file or folder of that name.</summary>
    public static Option<T> ThatIsOutput<T>(this Option<T> option)
    {
        option.Validators.Add(result => RefuseDash(result, result.Tokens, option.Name));
        return option.ThatIsPath();
    }

    public static Argument<T> ThatIsOutput<T>(this Argument<T> argument)
    {
        argument.Validators.Add(result => RefuseDash(result, result.Tokens, $"the path {argument.Name}"));
        return argument.ThatIsPath();
    }

    private static void RefuseDash(SymbolResult result, IReadOnlyList<Token> tokens, string name)
    {
        if (tokens.Any(token => token.Value == "-"))
            result.AddError($"{name} can't be -, which is not standard output here; one of that name is ./-");
    }

    private static void Check(SymbolResult result, IReadOnlyList<Token> tokens, string name)
    {
        if (tokens.Any(token => token.Value.Length == 0))
            result.AddError($"{name} is empty");
        else if (tokens.FirstOrDefault(token => token.Value.Contains('\uFFFD', StringComparison.Ordinal)) is { } garbled)
            result.AddError($"{name}: the name is not UTF-8: '{garbled.Value}'");
    }
}
