using System.CommandLine;
using Titok.Cli.Pictures;
using Titok.Vulkan;

namespace Titok.Cli.Commands;

/// <summary><c>titok reconstruct</c>: a picture through its tokens and back.</summary>
internal static class ReconstructCommand
{
    public static Command Create()
    {
        var command = new Command("reconstruct", "Encode pictures and decode them again");
        var model = new ModelOptions();
        var images = new Argument<string[]>("IMAGE") { Description = "PNG, JPEG or WebP, of any size", Arity = ArgumentArity.OneOrMore };
        var output = new Option<string>("--output", "-o") { Description = "A .png, a .npy or a folder", Required = true };
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
            float[] result = new float[pictures.Length];
            if (info.IsContinuous)
                tokenizer.DecodeLatents(tokenizer.EncodeLatents(pictures, files.Length), files.Length, result);
            else
                tokenizer.Decode(tokenizer.Encode(pictures, files.Length), files.Length, result);
            PictureOutput.Write(parsed.GetValue(output)!, result, files.Length, info.ImageSize);
            return 0;
        });
        return command;
    }
}
