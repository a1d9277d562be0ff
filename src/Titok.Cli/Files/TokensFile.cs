using System.Text.Json;
using Titok.Pictures;

namespace Titok.Cli.Files;

/// <summary><c>{"tokens": [[…], …]}</c>, one list a picture.</summary>
internal static class TokensFile
{
    private const long MaxLengthInBytes = 64 << 20;

    /// <summary>Characters of a wrong token that an error shows.</summary>
    private const int LongestToken = 40;

    public static void Write(Stream stream, ReadOnlySpan<int> tokens, int perPicture)
    {
        using var json = new Utf8JsonWriter(stream);
        json.WriteStartObject();
        json.WriteStartArray("tokens");
        for (int first = 0; first < tokens.Length; first += perPicture)
        {
            json.WriteStartArray();
            foreach (int token in tokens.Slice(first, perPicture))
                json.WriteNumberValue(token);
            json.WriteEndArray();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>Token lists that all have <paramref name="perPicture"/> ids below <paramref name="codes"/>, one after another.</summary>
    public static int[] Read(string path, int perPicture, int codes) =>
        Parse(InputFile.ReadAll(path, MaxLengthInBytes), path, perPicture, codes);

    public static int[] Parse(byte[] file, string path, int perPicture, int codes)
    {
        try
        {
            // A byte order mark in front, as editors on Windows may put there, is none of JSON's.
            ReadOnlyMemory<byte> json = file.AsSpan().StartsWith("\uFEFF"u8) ? file.AsMemory(3) : file;
            using JsonDocument document = JsonDocument.Parse(json);
            return Parse(document.RootElement, path, perPicture, codes);
        }
        catch (JsonException e)
        {
            throw new FileException($"{path}: is not JSON (line {(e.LineNumber ?? 0) + 1}, byte {(e.BytePositionInLine ?? 0) + 1})", e);
        }
        // What half a surrogate pair in a name gives, found only when somebody asks for that name.
        catch (InvalidOperationException e)
        {
            throw new FileException($"{path}: is not JSON: it has text that is not Unicode", e);
        }
    }

    private static int[] Parse(JsonElement root, string path, int perPicture, int codes)
    {
        if (root.ValueKind != JsonValueKind.Object ||
            !root.TryGetProperty("tokens", out JsonElement pictures) ||
            pictures.ValueKind != JsonValueKind.Array || pictures.GetArrayLength() == 0)
        {
            throw new FileException($"{path}: must be {{\"tokens\": [[…], …]}} with a list for each image");
        }
        var tokens = new List<int>();
        int picture = 0;
        foreach (JsonElement list in pictures.EnumerateArray())
        {
            if (list.ValueKind != JsonValueKind.Array || list.GetArrayLength() != perPicture)
                throw new FileException($"{path}: image {picture} does not have {perPicture} tokens, which this tokenizer needs");
            foreach (JsonElement id in list.EnumerateArray())
            {
                if (id.ValueKind != JsonValueKind.Number || !id.TryGetInt32(out int token) || token < 0 || token >= codes)
                    throw new FileException($"{path}: image {picture} has the token {Shortened(id.GetRawText())}, which is not one of 0 to {codes - 1}");
                tokens.Add(token);
            }
            picture++;
        }
        return [.. tokens];
    }

    private static string Shortened(string text) => text.Length <= LongestToken ? text : text[..LongestToken] + "…";
}
