using System.Collections.Immutable;
using System.Text;

namespace Titok.Vulkan.Checkpoints;

/// <summary>
/// A model folder's <c>classes.txt</c>: one label a line, in the order of the class numbers. Two classes may share a
/// label, as ImageNet's cranes and maillots do.
/// </summary>
internal static class ClassesFile
{
    private const int MaxLengthInBytes = 16 << 20;
    private const int MaxLabelLength = 1000;

    public static ImmutableArray<string> Open(IModelFiles files, string path) => Parse(files.ReadSmall(path, MaxLengthInBytes), path);

    public static ImmutableArray<string> Parse(ReadOnlySpan<byte> content, string file)
    {
        string text;
        try
        {
            text = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true).GetString(content);
        }
        catch (DecoderFallbackException e)
        {
            throw new ModelFormatException(file, $"is not UTF-8 text (byte {e.Index})", e);
        }

        ImmutableArray<string>.Builder labels = ImmutableArray.CreateBuilder<string>();
        ReadOnlySpan<char> rest = text.AsSpan().TrimStart('\uFEFF');
        while (rest.Length != 0)
        {
            int end = rest.IndexOf('\n');
            ReadOnlySpan<char> line = (end < 0 ? rest : rest[..end]).Trim();
            rest = end < 0 ? [] : rest[(end + 1)..];
            if (line.Length is 0 or > MaxLabelLength)
                throw new ModelFormatException(file, $"line {labels.Count + 1} has {line.Length} characters, expected a label of 1 to {MaxLabelLength}");
            foreach (char c in line)
            {
                if (char.IsControl(c))
                    throw new ModelFormatException(file, $"line {labels.Count + 1} has a control character, expected a label");
            }

            labels.Add(line.ToString());
        }

        return labels.Count != 0 ? labels.DrainToImmutable() : throw new ModelFormatException(file, "is empty, expected a label a line");
    }
}
