using System.CommandLine;
using Titok.Cli.Display;
using Titok.Cli.Files;
using Titok.Cli.Options;
using Titok.Pictures;
using Titok.Vulkan;

namespace Titok.Cli.Commands;

/// <summary><c>titok generate</c>: pictures from class labels.</summary>
internal static class GenerateCommand
{
    private const int ClassesUnasked = 16;
    private const int MaxColumns = 16;

    public static Command Create()
    {
        var command = new Command("generate", "Generate images from class labels");
        var model = new ModelOptions();
        var classes = new Option<string?>("--class") { Description = $"Class labels or numbers, separated by commas; default: the first {ClassesUnasked} classes", HelpName = "LABEL|N[,…]" };
        var count = NumberOption.Whole("--count", 1, 10_000).Named("N", "Images of each class; default 1");
        var seed = NumberOption.Seed("--seed").Named("S", "Seed; image i of the request uses seed + i; default 0");
        Option<string> output = CommonOptions.ImageOutput();
        output.Required = false;
        output.DefaultValueFactory = _ => "titok.png";
        var tokens = new Option<string?>("--tokens") { Description = "Also write the tokens to this file, in the format of titok encode", HelpName = "FILE" }.ThatIsOutput();
        var sampling = new SamplingOptions();
        foreach (Option option in new Option[] { classes, count, seed, output, tokens })
            command.Options.Add(option);
        sampling.AddTo(command);
        model.AddTo(command);

        command.SetAction((parsed, cancellation) => Program.Done(() =>
        {
            sampling.Check(parsed);
            string path = parsed.GetValue(output)!;
            int each = parsed.GetValue(count) ?? 1;
            TitokModelInfo info = model.InspectPair(parsed);
            int[] wanted = parsed.GetValue(classes) is { } list
                ? ClassNames.Resolve(list, info.Labels, info.Generator!.Classes)
                : [.. Enumerable.Range(0, Math.Min(ClassesUnasked, info.Generator!.Classes))];
            PictureOutput.Require(path, (long)wanted.Length * each, info.Tokenizer!.ImageSize);
            var request = new GenerationRequest
            {
                Classes = [.. wanted.SelectMany(c => Enumerable.Repeat(c, each))],
                Seed = parsed.GetValue(seed) ?? 0,
                Settings = sampling.Settings(parsed, info),
            };
            if (parsed.GetValue(tokens) is { } tokensPath)
            {
                string place = OutputFiles.Resolve(tokensPath);
                if (!OutputFiles.IsDevice(place) && PictureOutput.Places(path, request.Classes.Count).Any(image => OutputFiles.Resolve(image) == place))
                    throw new UsageException($"{tokensPath}: is where both images and tokens would go");
                OutputFiles.RequirePlace(tokensPath);
            }

            (GenerationResult result, TitokGeneratorInfo ran) = Run(model, parsed, request, cancellation);

            using var files = new OutputFiles();
            int? columns = each is > 1 and <= MaxColumns && wanted.Length > 1 ? each : null;
            PictureOutput.Write(files, path, result.Images, request.Classes.Count, info.Tokenizer.ImageSize, columns, picture => RequestText.Of(request, info, ran, picture));
            if (parsed.GetValue(tokens) is { } file)
                files.Add(file, stream => TokensFile.Write(stream, result.Tokens, info.Tokenizer.LatentTokens));
            files.Commit();
            PictureOutput.Announce(path, request.Classes.Count, info.Tokenizer.ImageSize);
        }));
        return command;
    }

    private static (GenerationResult Result, TitokGeneratorInfo Ran) Run(ModelOptions model, ParseResult parsed, GenerationRequest request, CancellationToken cancellation) =>
        WorkDisplay.Run(stage =>
        {
            Action<double> tellLoaded = stage("loading the model");
            using TitokDevice device = model.OpenDevice(parsed);
            using TitokPipeline pipeline = TitokPipeline.Load(
                device, model.TokenizerPath(parsed), model.GeneratorPath(parsed), model.Loading(parsed, tellLoaded), cancellation);
            cancellation.ThrowIfCancellationRequested();
            Action<double> tell = stage("generating");
            // Steps are read back only for someone who watches.
            IProgress<GenerationStep>? progress = !WorkDisplay.IsSeen ? null : new InlineProgress<GenerationStep>(step =>
                tell((step.FirstPicture + (double)step.Tokens.Count / pipeline.Generator.Info.LatentTokens * (step.Step + 1) / step.Steps) / request.Classes.Count));
            GenerationResult result = pipeline.Generate(request, progress, cancellation);
            cancellation.ThrowIfCancellationRequested();
            return (result, pipeline.Generator.Info);
        });
}
