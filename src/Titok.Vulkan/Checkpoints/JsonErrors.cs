using System.Text.Json;

namespace Titok.Vulkan.Checkpoints;

/// <summary>What is wrong with text that is no JSON, without what the parser says to programmers.</summary>
internal static class JsonErrors
{
    /// <summary>Ends the first sentence of the parser's messages, which go on with its options, and its own count of lines.</summary>
    private static readonly string[] s_ends = [" Change the reader options", " LineNumber:", " Path:"];

    public static string Describe(JsonException error)
    {
        string text = error.Message;
        foreach (string end in s_ends)
            text = text.Split(end, 2)[0];
        return $"is not valid JSON (line {(error.LineNumber ?? 0) + 1}): {Quoted.Plain(text)}";
    }
}
