using System.Text.Json;

namespace Titok.Vulkan.Checkpoints;

/// <summary>
/// One JSON object of a config file, read key by key with its range checked. A wrong value is an error that names
/// the file and the key's path; a key that is absent, or null as YAML leaves an empty one, gives null.
/// </summary>
internal readonly struct JsonObjectReader
{
    private readonly string _file;
    private readonly string _path;
    private readonly JsonElement _object;

    private JsonObjectReader(string file, string path, JsonElement element)
    {
        _file = file;
        _path = path;
        _object = element;
    }

    /// <summary>The keys of the object, in the file's order.</summary>
    public IEnumerable<string> Keys
    {
        get
        {
            foreach (JsonProperty property in _object.EnumerateObject())
                yield return property.Name;
        }
    }

    /// <summary>Parses a document whose root is an object and hands that to <paramref name="read"/>.</summary>
    public static T Parse<T>(ReadOnlyMemory<byte> json, string file, Func<JsonObjectReader, T> read)
    {
        // Editors on Windows may put a byte order mark in front, which JSON itself does not allow.
        if (json.Span.StartsWith("\uFEFF"u8))
            json = json[3..];
        try
        {
            using JsonDocument document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 32, AllowDuplicateProperties = false });
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                throw new ModelFormatException(file, "expected a JSON object");
            return read(new JsonObjectReader(file, "", document.RootElement));
        }
        catch (JsonException e)
        {
            throw new ModelFormatException(file, JsonErrors.Describe(e), e);
        }
        catch (InvalidOperationException e)
        {
            // What JsonElement throws for text with lone surrogates or broken UTF-8, in values and in names.
            throw new ModelFormatException(file, "has text that is not Unicode", e);
        }
    }

    public JsonObjectReader? Object(string key)
    {
        if (Find(key) is not { } value)
            return null;
        return value.ValueKind == JsonValueKind.Object
            ? new JsonObjectReader(_file, PathOf(key), value)
            : throw Bad(key, "an object", value);
    }

    public int? Int(string key, int min, int max)
    {
        if (Find(key) is not { } value)
            return null;
        return value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int number) && number >= min && number <= max
            ? number
            : throw Bad(key, $"a whole number from {min} to {max}", value);
    }

    public float? Float(string key, float min, float max)
    {
        if (Find(key) is not { } value)
            return null;
        // A NaN or infinity has no JSON form, and one out of a number too large fails the range.
        return value.ValueKind == JsonValueKind.Number && value.TryGetSingle(out float number) && number >= min && number <= max
            ? number
            : throw Bad(key, $"a number from {min} to {max}", value);
    }

    public bool? Bool(string key)
    {
        if (Find(key) is not { } value)
            return null;
        return value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean() : throw Bad(key, "true or false", value);
    }

    public string? Text(string key)
    {
        if (Find(key) is not { } value)
            return null;
        return value.ValueKind == JsonValueKind.String ? value.GetString() : throw Bad(key, "text", value);
    }

    /// <summary>Text that has to be one of a few words; <paramref name="parse"/> gives null for any other.</summary>
    public T? Choice<T>(string key, Func<string, T?> parse, string expected)
        where T : struct
    {
        if (Text(key) is not { } text)
            return null;
        return parse(text) ?? throw new ModelFormatException(_file, $"{Quoted.Text(PathOf(key))} is {Quoted.Text(text)}, expected {expected}");
    }

    public ModelFormatException Missing(string key) => new(_file, $"{Quoted.Text(PathOf(key))} is missing");

    public ModelFormatException Unknown(string key) => new(_file, $"{Quoted.Text(PathOf(key))} is not a known setting");

    private JsonElement? Find(string key) =>
        _object.TryGetProperty(key, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? value : null;

    private string PathOf(string key) => _path.Length == 0 ? key : $"{_path}.{key}";

    private ModelFormatException Bad(string key, string expected, JsonElement found) =>
        new(_file, $"{Quoted.Text(PathOf(key))} is {Quoted.Text(found.GetRawText())}, expected {expected}");
}
