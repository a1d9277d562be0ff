using System.CommandLine;
using Titok.Cli.Files;
using Titok.Cli.Pictures;
using Titok.Vulkan;

namespace Titok.Cli.Commands;

/// <summary><c>titok encode</c>: pictures to tokens, or to a VAE's latents.</summary>
internal static class EncodeCommand
{
    public static Command Create()
    {
        var command = new Command("encode", "Turn pictures into tokens (JSON), or a VAE's latents (.npy)");
        var model = new ModelOptions();
        var images = new Argument<string[]>("IMAGE") { Description = "PNG, JPEG or WebP, of any size", Arity = ArgumentArity.OneOrMore };
        var output = new Option<string>("--output", "-o") { Description = "Where to write", Required = true };
        command.Arguments.Add(images);
        command.Options.Add(output);
        model.AddTo(command);
        command.SetAction(parsed =>
        {
            using TitokDevice device = model.OpenDevice(parsed);
            using TitokTokenizer tokenizer = TitokTokenizer.Load(device, model.TokenizerPath(parsed), model.Precision(parsed));
            TitokTokenizerInfo info = tokenizer.Info;
            string[] files = parsed.GetValue(images)!;
            float[] pictures = [.. files.SelectMany(f => PictureFile.Read(f, info.ImageSize))];
            string path = parsed.GetValue(output)!;
            if (info.IsContinuous)
            {
                float[] latents = tokenizer.EncodeLatents(pictures, files.Length);
                OutputFile.Write(path, stream => NpyFile.Write(stream, latents, files.Length, info.LatentChannels, 1, info.LatentTokens));
            }
            else
            {
                int[] tokens = tokenizer.Encode(pictures, files.Length);
                OutputFile.Write(path, stream => TokensFile.Write(stream, tokens, info.LatentTokens));
            }
            return 0;
        });
        return command;
    }
}
