using System.CommandLine;
using Titok.Cli.Files;
using Titok.Cli.Options;
using Titok.Pictures;
using Titok.Vulkan;

namespace Titok.Cli.Commands;

/// <summary><c>titok decode</c>: tokens, or a VAE's latents, to pictures.</summary>
internal static class DecodeCommand
{
    public static Command Create()
    {
        var command = new Command("decode", "Decode tokens (JSON), or a VAE's latents (.npy), to images");
        var model = new ModelOptions();
        var tokens = new Argument<string>("TOKENS") { Description = "File that titok encode wrote" }.ThatIsPath();
        Option<string> output = CommonOptions.ImageOutput();
        command.Arguments.Add(tokens);
        command.Options.Add(output);
        model.AddTo(command, generator: false);
        command.SetAction((parsed, cancellation) => Program.Done(() =>
        {
            string path = parsed.GetValue(output)!;
            TitokTokenizerInfo info = model.InspectTokenizer(parsed);
            float[] latents = [];
            int[] ids = [];
            if (info.IsContinuous)
                latents = ReadLatents(parsed.GetValue(tokens)!, info);
            else
                ids = TokensFile.Read(parsed.GetValue(tokens)!, info.LatentTokens, info.CodebookSize);
            int latentLength = info.LatentChannels * info.LatentTokens;
            int pictures = info.IsContinuous ? latents.Length / latentLength : ids.Length / info.LatentTokens;
            PictureOutput.Require(path, pictures, info.ImageSize);
            OutputPlace.RefuseInputs(PictureOutput.Places(path, pictures), [parsed.GetValue(tokens)!]);

            int length = 3 * info.ImageSize * info.ImageSize;
            float[] images = new float[pictures * length];
            TokenizerRunner.Run(model, parsed, "decoding", pictures, (tokenizer, first, count) =>
            {
                Span<float> into = images.AsSpan(first * length, count * length);
                if (info.IsContinuous)
                    tokenizer.DecodeLatents(latents.AsSpan(first * latentLength, count * latentLength), count, into, cancellation: cancellation);
                else
                    tokenizer.Decode(ids.AsSpan(first * info.LatentTokens, count * info.LatentTokens), count, into, cancellation: cancellation);
            }, cancellation);

            using var files = new OutputFiles();
            PictureOutput.Write(files, path, images, pictures, info.ImageSize);
            files.Commit();
            PictureOutput.Announce(path, pictures, info.ImageSize);
        }));
        return command;
    }

    private static float[] ReadLatents(string path, TitokTokenizerInfo info)
    {
        (float[] latents, int[] shape) = NpyFile.Read(path);
        if (shape.Length != 4 || shape[1] != info.LatentChannels || shape[2] != 1 || shape[3] != info.LatentTokens)
            throw new CommandException($"{path}: has the shape [{string.Join(", ", shape)}], expected [N, {info.LatentChannels}, 1, {info.LatentTokens}]");
        int wrong = Array.FindIndex(latents, x => !float.IsFinite(x));
        return wrong < 0 ? latents : throw new CommandException($"{path}: element {wrong} is {latents[wrong]}, expected a finite number");
    }
}
