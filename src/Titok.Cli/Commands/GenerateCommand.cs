using System.CommandLine;
using System.Text;
using System.Text.Json;
using Spectre.Console;
using Titok.Cli.Files;
using Titok.Vulkan;

namespace Titok.Cli.Commands;

/// <summary><c>titok generate</c>: pictures from class labels.</summary>
internal static class GenerateCommand
{
    public static Command Create()
    {
        var command = new Command("generate", "Generate pictures from class labels");
        var model = new ModelOptions();
        var classes = new Option<string?>("--class") { Description = "Labels or numbers of classes, separated by commas", HelpName = "LABEL|N[,…]" };
        var seed = new Option<ulong>("--seed") { Description = "Picture i uses seed + i", HelpName = "S" };
        var count = new Option<int>("--count") { Description = "Pictures of each class", HelpName = "N", DefaultValueFactory = _ => 1 };
        var steps = new Option<int?>("--steps") { Description = "Decoding steps" };
        var guidance = new Option<float?>("--guidance") { Description = "Scale of classifier-free guidance" };
        var decay = new Option<string?>("--guidance-decay") { Description = "How guidance changes over the steps" };
        decay.AcceptOnlyFromAmong("constant", "linear", "power-cosine");
        var temperature = new Option<float?>("--temperature") { Description = "Temperature of the sampling noise" };
        var anneal = new Option<bool>("--anneal") { Description = "Lower the softmax temperature over the steps" };
        var noAnneal = new Option<bool>("--no-anneal") { Description = "Do not" };
        var preset = new Option<string?>("--preset") { Description = "Named settings: paper, demo, or one of the model's own" };
        var output = new Option<string>("--output", "-o") { Description = "A .png (one picture, or a sheet), a .npy, or a folder", DefaultValueFactory = _ => "titok.png" };
        var tokens = new Option<string?>("--tokens") { Description = "Also write the tokens to this file", HelpName = "FILE" };
        model.AddTo(command);
        foreach (Option option in new Option[] { classes, seed, count, steps, guidance, decay, temperature, anneal, noAnneal, preset, output, tokens })
            command.Options.Add(option);

        command.SetAction((parsed, cancellation) =>
        {
            if (parsed.GetValue(anneal) && parsed.GetValue(noAnneal))
                throw new UsageException("--anneal and --no-anneal exclude each other");
            if (parsed.GetValue(count) is < 1 or > 10000)
                throw new UsageException("--count must be 1 to 10000");
            using TitokDevice device = model.OpenDevice(parsed);
            using TitokPipeline pipeline = TitokPipeline.Load(device, model.TokenizerPath(parsed), model.GeneratorPath(parsed), model.Precision(parsed));

            GenerationPreset settings = pipeline.DefaultPreset;
            if (parsed.GetValue(preset) is { } name && !pipeline.Presets.TryGetValue(name, out settings!))
                throw new CommandException($"preset '{name}' does not exist; there are {string.Join(", ", pipeline.Presets.Keys)}");
            settings = settings with
            {
                Steps = parsed.GetValue(steps) ?? settings.Steps,
                Guidance = parsed.GetValue(guidance) ?? settings.Guidance,
                Decay = parsed.GetValue(decay) is { } decayName ? GuidanceDecayNames.Parse(decayName)!.Value : settings.Decay,
                Temperature = parsed.GetValue(temperature) ?? settings.Temperature,
                Anneal = parsed.GetValue(anneal) || (settings.Anneal && !parsed.GetValue(noAnneal)),
            };

            int[] wanted = parsed.GetValue(classes) is { } list
                ? ClassNames.Resolve(list, pipeline.Labels, pipeline.Generator.Info.Classes)
                : [.. Enumerable.Range(0, Math.Min(16, pipeline.Generator.Info.Classes))];
            if (wanted.Length == 0)
                throw new UsageException("--class names no class");
            var request = new GenerationRequest
            {
                Classes = [.. wanted.SelectMany(c => Enumerable.Repeat(c, parsed.GetValue(count)))],
                Seed = parsed.GetValue(seed),
                Settings = settings,
            };
            GenerationResult result = Run(pipeline, request, cancellation);
            PictureOutput.Write(
                parsed.GetValue(output)!,
                result.Images,
                request.Classes.Count,
                pipeline.Tokenizer.Info.ImageSize,
                parsed.GetValue(count) is > 1 and <= 16 and int each && wanted.Length > 1 ? each : null,
                picture => Texts(pipeline, request, picture));
            if (parsed.GetValue(tokens) is { } file)
                OutputFile.Write(file, stream => TokensFile.Write(stream, result.Tokens, pipeline.Tokenizer.Info.LatentTokens));
            return System.Threading.Tasks.Task.FromResult(0);
        });
        return command;
    }

    private static GenerationResult Run(TitokPipeline pipeline, GenerationRequest request, CancellationToken cancellation)
    {
        if (Console.IsErrorRedirected || Console.IsOutputRedirected)
            return pipeline.Generate(request, cancellation: cancellation);
        return AnsiConsole.Progress().AutoClear(true).Start(context =>
        {
            ProgressTask task = context.AddTask("generating", maxValue: request.Classes.Count);
            return pipeline.Generate(request, new StepProgress(step =>
            {
                int pictures = step.Ids.Count / pipeline.Tokenizer.Info.LatentTokens;
                task.Value = step.FirstPicture + pictures * (step.Step + 1.0) / step.Steps;
            }), cancellation);
        });
    }

    /// <summary>The request as JSON under the keyword "titok": enough to make the picture again.</summary>
    private static Dictionary<string, string> Texts(TitokPipeline pipeline, GenerationRequest request, int? picture)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteStartArray("classes");
            foreach (int label in picture is { } one ? [request.Classes[one]] : request.Classes)
                json.WriteNumberValue(label);
            json.WriteEndArray();
            if (picture is { } index && request.Classes[index] < pipeline.Labels.Count)
                json.WriteString("label", pipeline.Labels[request.Classes[index]]);
            json.WriteNumber("seed", unchecked(request.Seed + (ulong)(picture ?? 0)));
            json.WriteNumber("steps", request.Settings.Steps);
            json.WriteNumber("guidance", request.Settings.Guidance);
            json.WriteString("guidance_decay", request.Settings.Decay.ToName());
            json.WriteNumber("temperature", request.Settings.Temperature);
            json.WriteBoolean("anneal", request.Settings.Anneal);
            json.WriteString("precision", pipeline.Tokenizer.Info.Precision);
            json.WriteEndObject();
        }
        return new Dictionary<string, string> { ["titok"] = Encoding.UTF8.GetString(buffer.ToArray()) };
    }

    private sealed class StepProgress(Action<GenerationStep> report) : IProgress<GenerationStep>
    {
        public void Report(GenerationStep value) => report(value);
    }
}
