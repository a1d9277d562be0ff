using System.CommandLine;
using Titok.Cli.Display;
using Titok.Cli.Options;
using Titok.Pictures;
using Titok.Vulkan;

namespace Titok.Cli.Commands;

/// <summary>Runs a tokenizer over pictures, some at a time, so that progress shows and Ctrl-C is heard in between.</summary>
internal static class TokenizerRunner
{
    /// <summary>On a CPU a picture takes a second, and more of them at a time save none.</summary>
    private const int PicturesAtATimeOnCpu = 4;

    /// <summary>The pictures that a command takes.</summary>
    public static Argument<string[]> Images() =>
        new Argument<string[]>("IMAGE")
        {
            Description = $"PNG, JPEG or WebP of at most {PictureFile.MaxPixels / 1_000_000} million pixels: rotated by its EXIF orientation, composited over white, centre-cropped to a square",
            Arity = ArgumentArity.OneOrMore,
        }.ThatIsPath();

    /// <param name="model">Which tokenizer, on which device.</param>
    /// <param name="parsed">The command line.</param>
    /// <param name="verb">What is being done, for the display.</param>
    /// <param name="pictures">How many.</param>
    /// <param name="work">Gets the tokenizer, the first picture, and how many.</param>
    /// <param name="cancellation">Looked at between calls.</param>
    public static void Run(
        ModelOptions model, ParseResult parsed, string verb, int pictures, Action<TitokTokenizer, int, int> work, CancellationToken cancellation) =>
        WorkDisplay.Run(stage =>
        {
            Action<double> tellLoaded = stage("loading the tokenizer");
            using TitokDevice device = model.OpenDevice(parsed);
            using TitokTokenizer tokenizer = TitokTokenizer.Load(device, model.TokenizerPath(parsed), model.Loading(parsed, tellLoaded), cancellation);
            cancellation.ThrowIfCancellationRequested();
            Action<double> tell = stage(verb);
            int atATime = device.Info.Type == TitokDeviceType.Cpu ? PicturesAtATimeOnCpu : tokenizer.MaxPicturesPerJob;
            for (int first = 0; first < pictures; first += atATime)
            {
                work(tokenizer, first, Math.Min(atATime, pictures - first));
                cancellation.ThrowIfCancellationRequested();
                tell(Math.Min(1, (first + atATime) / (double)pictures));
            }
            return 0;
        });
}
