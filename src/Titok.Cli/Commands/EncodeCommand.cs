using System.CommandLine;
using Titok.Cli.Files;
using Titok.Cli.Options;
using Titok.Pictures;
using Titok.Vulkan;

namespace Titok.Cli.Commands;

/// <summary><c>titok encode</c>: pictures to tokens, or to a VAE's latents.</summary>
internal static class EncodeCommand
{
    public static Command Create()
    {
        var command = new Command("encode", "Encode images as tokens (JSON), or as a VAE's latents (.npy)");
        var model = new ModelOptions();
        var images = TokenizerRunner.Images();
        var output = new Option<string>("--output", "-o") { Description = "Output: tokens as JSON, or a VAE's latents as .npy", Required = true, HelpName = "FILE" }.ThatIsOutput();
        command.Arguments.Add(images);
        command.Options.Add(output);
        model.AddTo(command, generator: false);
        command.SetAction((parsed, cancellation) => Program.Done(() =>
        {
            string path = parsed.GetValue(output)!;
            string[] names = parsed.GetValue(images)!;
            TitokTokenizerInfo info = model.InspectTokenizer(parsed);
            PictureCount.Require(names.Length, info.ImageSize);
            OutputPlace.RequireNameFor(path, latents: info.IsContinuous);
            OutputPlace.RefuseInputs([path], names);
            OutputFiles.RequirePlace(path);
            float[] pictures = PictureFile.ReadAll(names, info.ImageSize);
            int length = 3 * info.ImageSize * info.ImageSize, latentLength = info.LatentChannels * info.LatentTokens;
            float[] latents = new float[info.IsContinuous ? names.Length * latentLength : 0];
            int[] tokens = new int[info.IsContinuous ? 0 : names.Length * info.LatentTokens];
            TokenizerRunner.Run(model, parsed, "encoding", names.Length, (tokenizer, first, count) =>
            {
                ReadOnlySpan<float> some = pictures.AsSpan(first * length, count * length);
                if (info.IsContinuous)
                    tokenizer.EncodeLatents(some, count, latents.AsSpan(first * latentLength, count * latentLength), cancellation: cancellation);
                else
                    tokenizer.Encode(some, count, tokens.AsSpan(first * info.LatentTokens, count * info.LatentTokens), cancellation: cancellation);
            }, cancellation);

            using var files = new OutputFiles();
            files.Add(path, stream =>
            {
                if (info.IsContinuous)
                    NpyFile.Write(stream, latents, names.Length, info.LatentChannels, 1, info.LatentTokens);
                else
                    TokensFile.Write(stream, tokens, info.LatentTokens);
            });
            files.Commit();
            if (!OutputFiles.IsDevice(path))
                Console.WriteLine($"{path}: {names.Length} × {info.LatentTokens} {(info.IsContinuous ? $"latents of {info.LatentChannels} channels" : "tokens")}");
        }));
        return command;
    }
}
