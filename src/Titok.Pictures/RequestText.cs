using System.Text;
using System.Text.Json;
using Titok.Vulkan;

namespace Titok.Pictures;

/// <summary>The request as JSON under the keyword "titok" of a PNG: enough to make the picture again with the same model.</summary>
internal static class RequestText
{
    public const string Keyword = "titok";

    /// <param name="request">The whole request.</param>
    /// <param name="model">Its model, for the labels.</param>
    /// <param name="ran">The generator as it ran.</param>
    /// <param name="picture">One picture of it, or null for all.</param>
    public static Dictionary<string, string> Of(GenerationRequest request, TitokModelInfo model, TitokGeneratorInfo ran, int? picture)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            int[] classes = picture is { } one ? [request.Classes[one]] : [.. request.Classes];
            json.WriteStartObject();
            if (model.Generator?.PublishedName is { } name)
                json.WriteString("model", name);
            json.WriteStartArray("classes");
            foreach (int index in classes)
                json.WriteNumberValue(index);
            json.WriteEndArray();
            if (model.Labels.Count != 0)
            {
                json.WriteStartArray("labels");
                foreach (int index in classes)
                    json.WriteStringValue(model.Labels[index]);
                json.WriteEndArray();
            }
            json.WriteNumber("seed", unchecked(request.Seed + (ulong)(picture ?? 0)));
            json.WriteNumber("steps", request.Settings.Steps);
            json.WriteNumber("guidance", request.Settings.Guidance);
            json.WriteString("guidance_decay", request.Settings.Decay.ToName());
            json.WriteNumber("guidance_power", request.Settings.GuidancePower);
            json.WriteNumber("temperature", request.Settings.Temperature);
            json.WriteBoolean("anneal", request.Settings.Anneal);
            if (request.KnownTokens is { } known)
            {
                int each = known.Count / request.Classes.Count, first = (picture ?? 0) * each;
                json.WriteStartArray("known_tokens");
                foreach (int token in known.Skip(first).Take(picture is null ? known.Count : each))
                    json.WriteNumberValue(token);
                json.WriteEndArray();
            }
            json.WriteString("precision", ran.Precision);
            json.WriteString("generator_weights", ran.WeightPrecision);
            json.WriteEndObject();
        }
        return new Dictionary<string, string> { [Keyword] = Encoding.UTF8.GetString(buffer.ToArray()) };
    }
}
