using System.CommandLine;
using Titok.Cli.Files;
using Titok.Cli.Options;
using Titok.Pictures;
using Titok.Vulkan;

namespace Titok.Cli.Commands;

/// <summary><c>titok reconstruct</c>: a picture through its tokens and back.</summary>
internal static class ReconstructCommand
{
    public static Command Create()
    {
        var command = new Command("reconstruct", "Encode images and decode them again");
        var model = new ModelOptions();
        var images = TokenizerRunner.Images();
        Option<string> output = CommonOptions.ImageOutput();
        command.Arguments.Add(images);
        command.Options.Add(output);
        model.AddTo(command, generator: false);
        command.SetAction((parsed, cancellation) => Program.Done(() =>
        {
            string path = parsed.GetValue(output)!;
            string[] names = parsed.GetValue(images)!;
            TitokTokenizerInfo info = model.InspectTokenizer(parsed);
            PictureOutput.Require(path, names.Length, info.ImageSize);
            OutputPlace.RefuseInputs(PictureOutput.Places(path, names.Length), names);
            float[] pictures = PictureFile.ReadAll(names, info.ImageSize);
            float[] result = new float[pictures.Length];
            int length = 3 * info.ImageSize * info.ImageSize;
            TokenizerRunner.Run(model, parsed, "reconstructing", names.Length, (tokenizer, first, count) =>
            {
                ReadOnlySpan<float> some = pictures.AsSpan(first * length, count * length);
                Span<float> into = result.AsSpan(first * length, count * length);
                if (info.IsContinuous)
                    tokenizer.DecodeLatents(tokenizer.EncodeLatents(some, count, cancellation: cancellation), count, into, cancellation: cancellation);
                else
                    tokenizer.Decode(tokenizer.Encode(some, count, cancellation: cancellation), count, into, cancellation: cancellation);
            }, cancellation);

            using var files = new OutputFiles();
            PictureOutput.Write(files, path, result, names.Length, info.ImageSize);
            files.Commit();
            PictureOutput.Announce(path, names.Length, info.ImageSize);
        }));
        return command;
    }
}
