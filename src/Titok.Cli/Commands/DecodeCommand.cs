using System.CommandLine;
using Titok.Cli.Files;
using Titok.Vulkan;

namespace Titok.Cli.Commands;

/// <summary><c>titok decode</c>: tokens, or a VAE's latents, to pictures.</summary>
internal static class DecodeCommand
{
    public static Command Create()
    {
        var command = new Command("decode", "Turn tokens (JSON), or a VAE's latents (.npy), into pictures");
        var model = new ModelOptions();
        var tokens = new Argument<string>("TOKENS") { Description = "What titok encode wrote" };
        var output = new Option<string>("--output", "-o") { Description = "A .png, a .npy or a folder", Required = true };
        command.Arguments.Add(tokens);
        command.Options.Add(output);
        model.AddTo(command);
        command.SetAction(parsed =>
        {
            using TitokDevice device = model.OpenDevice(parsed);
            using TitokTokenizer tokenizer = TitokTokenizer.Load(device, model.TokenizerPath(parsed), model.Precision(parsed));
            TitokTokenizerInfo info = tokenizer.Info;
            string path = parsed.GetValue(tokens)!;
            float[] pictures;
            int count;
            if (info.IsContinuous)
            {
                (float[] latents, int[] shape) = NpyFile.Read(path);
                if (shape.Length != 4 || shape[1] != info.LatentChannels || shape[2] != 1 || shape[3] != info.LatentTokens)
                    throw new CommandException($"{path}: has the shape [{string.Join(", ", shape)}], [N, {info.LatentChannels}, 1, {info.LatentTokens}] expected");
                count = shape[0];
                pictures = new float[count * 3 * info.ImageSize * info.ImageSize];
                tokenizer.DecodeLatents(latents, count, pictures);
            }
            else
            {
                int[] ids = TokensFile.Read(path, info.LatentTokens, info.CodebookSize);
                count = ids.Length / info.LatentTokens;
                pictures = new float[count * 3 * info.ImageSize * info.ImageSize];
                tokenizer.Decode(ids, count, pictures);
            }
            PictureOutput.Write(parsed.GetValue(output)!, pictures, count, info.ImageSize);
            return 0;
        });
        return command;
    }
}
