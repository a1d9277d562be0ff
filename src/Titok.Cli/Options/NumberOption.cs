using System.CommandLine;
using System.Globalization;

namespace Titok.Cli.Options;

/// <summary>Options whose number has a range; another one is wrong usage, told before anything is loaded.</summary>
internal static class NumberOption
{
    public static Option<int?> Whole(string name, int least, int most) => new(name)
    {
        CustomParser = result => OptionValue.Parse<int>(
            result,
            text => int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int value) && value >= least && value <= most ? value : null,
            $"a whole number from {least} to {most}"),
    };

    public static Option<float?> Real(string name, float least, float most) => new(name)
    {
        // NaN fails both comparisons.
        CustomParser = result => OptionValue.Parse<float>(
            result,
            text => float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out float value) && value >= least && value <= most ? value : null,
            string.Create(CultureInfo.InvariantCulture, $"a number from {least} to {most}")),
    };

    public static Option<ulong?> Seed(string name) => new(name)
    {
        CustomParser = result => OptionValue.Parse<ulong>(
            result,
            text => ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ulong value) ? value : null,
            $"a whole number from 0 to {ulong.MaxValue}"),
    };

    public static Option<T?> Named<T>(this Option<T?> option, string name, string description)
        where T : struct
    {
        option.HelpName = name;
        option.Description = description;
        return option;
    }
}
