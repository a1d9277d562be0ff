using System.Text;

namespace Titok.Vulkan.Checkpoints;

/// <summary>Text from a file, made fit to stand in a one-line message: shortened, and without control characters.</summary>
internal static class Quoted
{
    private const int MaxLength = 120;

    /// <summary>In quotes, for names and values.</summary>
    public static string Text(string text) => $"'{Plain(text)}'";

    /// <summary>Without quotes, for a message that itself quotes the file.</summary>
    public static string Plain(string text)
    {
        var quoted = new StringBuilder();
        foreach (char c in text)
        {
            if (quoted.Length >= MaxLength)
            {
                quoted.Append('…');
                break;
            }

            // Lone surrogates and invisible formatting (right-to-left marks) could garble a terminal as well.
            bool printable = !char.IsControl(c) && !char.IsSurrogate(c)
                && char.GetUnicodeCategory(c) is not (System.Globalization.UnicodeCategory.Format
                    or System.Globalization.UnicodeCategory.LineSeparator
                    or System.Globalization.UnicodeCategory.ParagraphSeparator);
            quoted.Append(printable ? c : '?');
        }

        return quoted.ToString();
    }
}
