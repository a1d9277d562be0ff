using System.CommandLine;
using System.Globalization;
using Titok.Cli.Display;
using Titok.Cli.Options;
using Titok.Pictures;
using Titok.Vulkan;

namespace Titok.Cli.Commands;

/// <summary><c>titok info</c>: what a model is made of. It needs no device.</summary>
internal static class InfoCommand
{
    private static readonly (string Name, TitokPrecision Precision)[] s_precisions = [("fp32", TitokPrecision.Fp32), ("fp16", TitokPrecision.Fp16)];

    public static Command Create()
    {
        var command = new Command("info", "Show a model's parts, sizes and memory");
        var model = new ModelOptions();
        model.AddTo(command, device: false);
        command.SetAction((parsed, _) => Program.Done(() => Write(model.InspectAll(parsed))));
        return command;
    }

    private static void Write(TitokModelInfo model)
    {
        if (model.Tokenizer is { } tokenizer)
            WriteTokenizer(model, tokenizer);
        if (model.Tokenizer is not null && model.Generator is not null)
            Console.WriteLine();
        if (model.Generator is { } generator)
            WriteGenerator(model, generator);
    }

    private static void WriteTokenizer(TitokModelInfo model, TitokTokenizerInfo tokenizer)
    {
        WriteHeading("tokenizer", tokenizer.PublishedName, tokenizer.Kind);
        var table = new TextTable();
        table.Add("file", FileText(model.TokenizerFile!, tokenizer.ParameterCount, tokenizer.Precision));
        table.Add("image", $"{tokenizer.ImageSize}×{tokenizer.ImageSize} pixels as {tokenizer.LatentTokens} " + (tokenizer.IsContinuous
            ? $"latents of {tokenizer.LatentChannels} channels"
            : $"tokens of {tokenizer.CodebookSize} codes, {tokenizer.LatentChannels} channels each"));
        table.Add("encoder", $"{tokenizer.Encoder} (layers × channels)");
        table.Add("decoder", $"{tokenizer.Decoder} (layers × channels)" + (tokenizer.HasPixelDecoder ? ", then convolutions" : ""));
        foreach ((string name, TitokPrecision precision) in s_precisions)
            AddMemory(table, name, model.TokenizerMemory(precision)!);
        table.Write(Console.Out, "  ", Terminal.Width);
    }

    private static void WriteGenerator(TitokModelInfo model, TitokGeneratorInfo generator)
    {
        WriteHeading("generator", generator.PublishedName, generator.Kind);
        var table = new TextTable();
        table.Add("file", FileText(model.GeneratorFile!, generator.ParameterCount, generator.Precision));
        table.Add("makes", $"{generator.LatentTokens} tokens of {generator.CodebookSize} codes for {generator.Classes} classes"
            + (model.Labels.Count != 0 ? $", {model.Labels[0]} to {model.Labels[^1]}" : ", which have no labels here"));
        table.Add("network", $"{generator.Transformer} (layers × channels)");
        foreach ((string name, GenerationSettings preset) in model.Presets)
            table.Add($"preset {name}", Text(preset) + (preset == model.DefaultSettings ? " (default)" : ""));
        foreach ((string name, TitokPrecision precision) in s_precisions)
        {
            AddMemory(table, name, model.GeneratorMemory(precision)!);
            AddMemory(table, $"{name}, int8 weights", model.GeneratorMemory(precision, TitokGeneratorWeights.Int8)!);
        }
        table.Write(Console.Out, "  ", Terminal.Width);
    }

    private static void WriteHeading(string part, string? published, string kind)
    {
        var heading = new TextTable();
        heading.Add(part, published is null ? $"{kind}, not a published size" : $"{published} ({kind})");
        heading.Write(Console.Out, width: Terminal.Width);
    }

    private static string FileText(string file, long parameters, string precision) => string.Create(
        CultureInfo.InvariantCulture, $"{file}, {ByteSize.Format(new FileInfo(OutputFiles.Resolve(file)).Length)}, {parameters:N0} parameters in {precision}");

    private static void AddMemory(TextTable table, string name, TitokMemoryNeed memory) =>
        table.Add($"memory {name}", $"{ByteSize.Format(memory.WeightsInBytes)} of weights and {ByteSize.Format(memory.WorkInBytes)} an image");

    private static string Text(GenerationSettings preset)
    {
        string power = preset.Decay == GuidanceDecay.PowerCosine ? string.Create(CultureInfo.InvariantCulture, $" ({preset.GuidancePower})") : "";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{preset.Steps} steps, guidance {preset.Guidance} {preset.Decay.ToName()}{power}, temperature {preset.Temperature}, {(preset.Anneal ? "annealing" : "no annealing")}");
    }
}
