using System.Globalization;
using System.Text.Json;
using Titok.Vulkan;

namespace Titok.Cli.Commands;

/// <summary>What a benchmark found, for people and for programs.</summary>
internal sealed record BenchReport(
    string Model, GenerationPreset Settings, TitokDevice Device, TitokPipeline Pipeline, double LoadMilliseconds, TitokBenchmarkResult Result)
{
    private double PicturesPerSecond => 1e3 * Result.Batch / Result.MedianMilliseconds;

    public string ToText()
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture);
        text.WriteLine($"{Model}, batch {Result.Batch}, {Settings.Steps} steps, {Pipeline.Tokenizer.Info.Precision}, {Device.Info.Name} ({Device.Info.Driver})");
        var table = new TextTable();
        table.Add("", "median ms", "least", "most");
        Row(table, "in all", Result.TotalMilliseconds);
        foreach ((string stage, IReadOnlyList<double> values) in Result.StagesMilliseconds)
            Row(table, stage == "encoder" ? "encoder (not in all)" : stage, values);
        table.Write(text, "  ");
        text.Write(string.Create(CultureInfo.InvariantCulture, $"{PicturesPerSecond:g3} pictures a second; loaded in {LoadMilliseconds / 1e3:f1} s; {ByteSize.Format(Device.MemoryInUseInBytes)} on the device"));
        return text.ToString();
    }

    public string ToJson()
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("model", Model);
            json.WriteNumber("batch", Result.Batch);
            json.WriteNumber("steps", Settings.Steps);
            json.WriteString("precision", Pipeline.Tokenizer.Info.Precision);
            json.WriteString("device", Device.Info.Name);
            json.WriteString("driver", Device.Info.Driver);
            json.WriteNumber("total_ms", Math.Round(Result.MedianMilliseconds, 3));
            json.WriteStartArray("total_ms_runs");
            foreach (double value in Result.TotalMilliseconds)
                json.WriteNumberValue(Math.Round(value, 3));
            json.WriteEndArray();
            json.WriteStartObject("stages_ms");
            foreach ((string stage, IReadOnlyList<double> values) in Result.StagesMilliseconds)
                json.WriteNumber(stage.Replace(' ', '_'), Math.Round(TitokBenchmarkResult.Median(values), 3));
            json.WriteEndObject();
            json.WriteNumber("pictures_per_second", Math.Round(PicturesPerSecond, 4));
            json.WriteNumber("load_ms", Math.Round(LoadMilliseconds, 1));
            json.WriteNumber("device_memory_bytes", Device.MemoryInUseInBytes);
            json.WriteEndObject();
        }
        return System.Text.Encoding.UTF8.GetString(buffer.ToArray());
    }

    private static void Row(TextTable table, string name, IReadOnlyList<double> values) =>
        table.Add(name, Number(TitokBenchmarkResult.Median(values)), Number(values.Min()), Number(values.Max()));

    private static string Number(double value) => value.ToString("f1", CultureInfo.InvariantCulture);
}
