using System.CommandLine;
using System.Globalization;
using Titok.Cli.Files;
using Titok.Cli.Options;
using Titok.Demo;
using Titok.Pictures;
using Titok.Vulkan;

namespace Titok.Cli.Commands;

/// <summary><c>titok demo</c>: the window that streams pictures.</summary>
internal static class DemoCommand
{
    public static Command Create()
    {
        var command = new Command("demo", "Open a window that generates images continuously (F1 lists the keys)");
        var model = new ModelOptions();
        var picture = new Argument<string?>("IMAGE") { Description = "Image file to show first, beside its reconstruction", Arity = ArgumentArity.ZeroOrOne }.ThatIsPath();
        Option<bool> random = CommonOptions.RandomWeights();
        var pictures = NumberOption.Whole("--pictures", 1, 64).Named("N", "Images in the grid, 1 to 64; default 18");
        var only = new Option<string?>("--class") { Description = "Class of all images; default: all classes in turn", HelpName = "LABEL|N" };
        var seed = NumberOption.Seed("--seed").Named("S", "First seed; default 0");
        var size = new Option<string?>("--size") { Description = "Size of the window or the frames; default 1280x800", HelpName = "WxH" };
        var frames = NumberOption.Whole("--frames", 1, 1_000_000).Named("N", "Draw N frames without a display: with --capture as images for 30 frames a second, with --stats in real time at 60 a second");
        var capture = new Option<string?>("--capture") { Description = "Write the frames of --frames to this folder", HelpName = "DIR" }.ThatIsOutput();
        var save = new Option<string>("--save") { Description = "Folder for what the keys P, W and V save", DefaultValueFactory = _ => ".", HelpName = "DIR" }.ThatIsOutput();
        var slice = NumberOption.Real("--slice", 0.1f, 1000).Named("MS", "Milliseconds of each frame for generating; default 6, on a CPU 24");
        var mailbox = new Option<bool>("--mailbox") { Description = "Use the mailbox present mode: show the newest frame at each refresh" };
        var seconds = NumberOption.Real("--seconds", 0.1f, 1e6f).Named("N", "Close after N seconds");
        var statistics = new Option<string?>("--stats") { Description = "Write frame times, images and memory as JSON to this file when done; - is stdout", HelpName = "FILE" }.ThatIsPath();
        command.Arguments.Add(picture);
        foreach (Option option in new Option[] { random, pictures, only, seed, size, frames, capture, save, slice, mailbox, seconds, statistics })
            command.Options.Add(option);
        model.AddTo(command);

        command.SetAction((parsed, cancellation) => Program.Done(() =>
        {
            if (parsed.GetValue(frames) is null && parsed.GetValue(capture) is not null)
                throw new UsageException("--capture goes with --frames");
            if (parsed.GetValue(frames) is not null && parsed.GetValue(capture) is null && parsed.GetValue(statistics) is null)
                throw new UsageException("--frames goes with --capture, or with --stats");
            Option[] ofWindow = parsed.GetValue(frames) is null ? [] : parsed.GetValue(capture) is null ? [seconds, mailbox, save] : [seconds, mailbox, save, slice];
            if (ofWindow.FirstOrDefault(option => parsed.GetResult(option) is { Implicit: false }) is { } unused)
                throw new UsageException($"{unused.Name} does not go with {(unused == slice ? "--capture" : "--frames")}");
            if (parsed.GetValue(capture) is { } folder)
                OutputFiles.RequireFolderPlace(folder);
            if (parsed.GetResult(save) is { Implicit: false })
                OutputFiles.RequireFolderPlace(parsed.GetValue(save)!);
            if (parsed.GetValue(statistics) is { } measured and not "-")
                OutputFiles.RequirePlace(measured);
            (int width, int height) = parsed.GetValue(size) is { } given ? ParseSize(given) : (1280, 800);
            if (parsed.GetValue(picture) is { } shown)
                PictureFile.Require(shown);
            using RandomWeights? made = parsed.GetValue(random) ? RandomWeights.Make(model.RandomName(parsed), null, cancellation) : null;
            string tokenizer = made?.Folder ?? model.TokenizerPath(parsed), generator = made?.Folder ?? model.GeneratorPath(parsed);
            TitokModelInfo info = TitokModelInfo.Read(tokenizer, generator);
            int[] classes = parsed.GetValue(only) is { } label ? ClassNames.Resolve(label, info.Labels, info.Generator!.Classes) : [];
            if (classes.Length > 1)
                throw new UsageException("--class takes one class here");
            var options = new DemoOptions { TokenizerPath = tokenizer, GeneratorPath = generator, Model = info };
            DemoApplication.Run(
                options with
                {
                    Precision = model.Precision(parsed),
                    GeneratorWeights = model.GeneratorWeights(parsed),
                    Device = model.DeviceName(parsed),
                    Width = width,
                    Height = height,
                    Pictures = parsed.GetValue(pictures) ?? options.Pictures,
                    Class = classes.Length == 0 ? null : classes[0],
                    Seed = parsed.GetValue(seed) ?? 0,
                    Picture = parsed.GetValue(picture),
                    SliceInMilliseconds = parsed.GetValue(slice),
                    Mailbox = parsed.GetValue(mailbox),
                    Seconds = parsed.GetValue(seconds),
                    Frames = parsed.GetValue(frames),
                    CaptureFolder = parsed.GetValue(capture),
                    SaveFolder = parsed.GetValue(save)!,
                    StatisticsFile = parsed.GetValue(statistics),
                },
                cancellation);
            // The window closes when the process is asked to end: that is an interruption like any other.
            cancellation.ThrowIfCancellationRequested();
        }));
        return command;
    }

    private static (int Width, int Height) ParseSize(string text)
    {
        const int Least = 160, Most = 8192;
        string[] sides = text.Split('x');
        if (sides.Length == 2
            && int.TryParse(sides[0], NumberStyles.None, CultureInfo.InvariantCulture, out int width) && width is >= Least and <= Most
            && int.TryParse(sides[1], NumberStyles.None, CultureInfo.InvariantCulture, out int height) && height is >= Least and <= Most)
            return (width, height);
        throw new UsageException($"--size must be WxH with sides from {Least} to {Most}, not '{text}'");
    }
}
