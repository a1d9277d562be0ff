using System.Globalization;
using System.Text.Json;
using Titok.Cli.Display;
using Titok.Vulkan;

namespace Titok.Cli.Commands;

/// <summary>What a benchmark found, for people and for programs.</summary>
internal sealed record BenchReport(
    string Model, GenerationSettings Settings, TitokDevice Device, TitokPipeline Pipeline, BenchStartup Startup, TitokBenchmarkResult Result)
{
    /// <summary>Null where nobody asked.</summary>
    public TitokDeviceCeilings? Ceilings { get; init; }

    /// <summary>By stage; null where nobody asked.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<TitokKernelTime>>? Kernels { get; init; }

    private string WeightsText => Pipeline.Generator.Info is { } generator && generator.WeightPrecision != generator.Precision
        ? $", generator's weights {generator.WeightPrecision}" : "";

    private double PicturesPerSecond => 1e3 * Result.Batch / Result.MedianMilliseconds;

    public string ToText()
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture);
        text.WriteLine($"{Model}, batch {Result.Batch}, {Settings.Steps} steps, {Pipeline.Tokenizer.Info.Precision}{WeightsText}, {Device.Info.Name} ({Device.Info.Driver})");
        var table = new TextTable();
        table.Add("", "median ms", "min", "max");
        // Of generating; encoding comes last, by itself.
        Row(table, "generate, in all", Result.TotalMilliseconds);
        foreach ((string stage, IReadOnlyList<double> values) in Result.StagesMilliseconds)
            Row(table, stage == "encoder" ? "encoder, on the device" : stage, values);
        Row(table, "encode, in all", Result.EncodeMilliseconds);
        table.Write(text, "  ");
        text.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{PicturesPerSecond:g3} images a second; {ByteSize.Format(Device.MemoryInUseInBytes)} on the device"));
        text.Write(string.Create(CultureInfo.InvariantCulture, $"first image {Startup.Total / 1e3:f1} s after the start: process {Startup.Process / 1e3:f1}, device {Startup.Device / 1e3:f1}, weights {Startup.Load / 1e3:f1}, first run {Startup.FirstPicture / 1e3:f1}; {Startup.Pipelines / 1e3:f1} of it building kernels"));
        if (Ceilings is { } best)
            text.Write(string.Create(CultureInfo.InvariantCulture, $"\nat best the device copies {best.CopyBytesPerSecond / 1e9:f0} GB/s and multiplies {best.MatrixOperationsPerSecond / 1e9:f0} GFLOP/s"));
        foreach ((string stage, IReadOnlyList<TitokKernelTime> kernels) in Kernels ?? new Dictionary<string, IReadOnlyList<TitokKernelTime>>())
        {
            text.WriteLine();
            var kernelTable = new TextTable();
            kernelTable.Add(stage == "generator" ? "generator, one step" : stage, "times", "ms", "GFLOP/s", "GB/s");
            foreach (TitokKernelTime kernel in kernels)
                kernelTable.Add(kernel.Kernel, kernel.Dispatches.ToString(CultureInfo.InvariantCulture), Number(kernel.Milliseconds), Number(kernel.Operations / kernel.Milliseconds / 1e6), Number(kernel.Bytes / kernel.Milliseconds / 1e6));
            kernelTable.Write(text, "  ");
        }
        return text.ToString().TrimEnd();
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
            json.WriteString("generator_weights", Pipeline.Generator.Info.WeightPrecision);
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
            json.WriteNumber("encode_ms", Math.Round(TitokBenchmarkResult.Median(Result.EncodeMilliseconds), 3));
            json.WriteNumber("pictures_per_second", Math.Round(PicturesPerSecond, 4));
            json.WriteNumber("load_ms", Math.Round(Startup.Device + Startup.Load, 1));
            json.WriteStartObject("startup_ms");
            json.WriteNumber("process", Math.Round(Startup.Process, 1));
            json.WriteNumber("device", Math.Round(Startup.Device, 1));
            json.WriteNumber("load", Math.Round(Startup.Load, 1));
            json.WriteNumber("first_picture", Math.Round(Startup.FirstPicture, 1));
            json.WriteNumber("total", Math.Round(Startup.Total, 1));
            json.WriteNumber("pipelines", Math.Round(Startup.Pipelines, 1));
            json.WriteEndObject();
            json.WriteNumber("device_memory_bytes", Device.MemoryInUseInBytes);
            if (Ceilings is { } best)
            {
                json.WriteNumber("ceiling_gflops", Math.Round(best.MatrixOperationsPerSecond / 1e9, 1));
                json.WriteNumber("ceiling_gbytes_per_second", Math.Round(best.CopyBytesPerSecond / 1e9, 1));
            }
            if (Kernels is not null)
                WriteKernels(json, Kernels);
            json.WriteEndObject();
        }
        return System.Text.Encoding.UTF8.GetString(buffer.ToArray());
    }

    private static void WriteKernels(Utf8JsonWriter json, IReadOnlyDictionary<string, IReadOnlyList<TitokKernelTime>> stages)
    {
        json.WriteStartObject("gflops");
        foreach ((string stage, IReadOnlyList<TitokKernelTime> kernels) in stages)
            json.WriteNumber(stage, Rate(kernels.Sum(k => k.Operations), kernels.Sum(k => k.Milliseconds)));
        json.WriteEndObject();
        json.WriteStartObject("kernels");
        foreach ((string stage, IReadOnlyList<TitokKernelTime> kernels) in stages)
        {
            json.WriteStartArray(stage);
            foreach (TitokKernelTime kernel in kernels)
            {
                json.WriteStartObject();
                json.WriteString("kernel", kernel.Kernel);
                json.WriteNumber("dispatches", kernel.Dispatches);
                json.WriteNumber("ms", Math.Round(kernel.Milliseconds, 3));
                json.WriteNumber("gflops", Rate(kernel.Operations, kernel.Milliseconds));
                json.WriteNumber("gbytes_per_second", Rate(kernel.Bytes, kernel.Milliseconds));
                json.WriteEndObject();
            }
            json.WriteEndArray();
        }
        json.WriteEndObject();
    }

    /// <summary>Billions a second.</summary>
    private static double Rate(double count, double milliseconds) => milliseconds > 0 ? Math.Round(count / milliseconds / 1e6, 1) : 0;

    private static void Row(TextTable table, string name, IReadOnlyList<double> values) =>
        table.Add(name, Number(TitokBenchmarkResult.Median(values)), Number(values.Min()), Number(values.Max()));

    private static string Number(double value) => value.ToString("f1", CultureInfo.InvariantCulture);
}
