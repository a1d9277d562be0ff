using System.CommandLine.Parsing;

namespace Titok.Cli.Options;

/// <summary>Reads the value of an option; one that means nothing is answered with the option's name and what it takes.</summary>
internal static class OptionValue
{
    public static T? Parse<T>(ArgumentResult result, Func<string, T?> parse, string expected)
        where T : struct
    {
        string text = result.Tokens[^1].Value;
        T? value = parse(text);
        if (value is null)
            result.AddError($"{(result.Parent as OptionResult)?.Option.Name} must be {expected}, not '{text}'");
        return value;
    }
}
