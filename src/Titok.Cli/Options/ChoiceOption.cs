using System.CommandLine;

namespace Titok.Cli.Options;

/// <summary>Options that take one of a few words; another one is wrong usage, told before anything is loaded.</summary>
internal static class ChoiceOption
{
    public static Option<T?> Of<T>(string name, string description, params (string Word, T Value)[] choices)
        where T : struct
    {
        string[] words = [.. choices.Select(c => c.Word)];
        return new Option<T?>(name)
        {
            Description = description,
            HelpName = string.Join('|', words),
            CustomParser = result => OptionValue.Parse<T>(
                result,
                text => Array.IndexOf(words, text) is >= 0 and int index ? choices[index].Value : null,
                Alternatives.Text(words)),
        };
    }
}
