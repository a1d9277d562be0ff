using System.CommandLine;
using Titok.Vulkan;

namespace Titok.Cli.Commands;

/// <summary><c>titok info</c>: what a model is made of.</summary>
internal static class InfoCommand
{
    public static Command Create()
    {
        var command = new Command("info", "Show a model's parts, sizes and memory");
        var model = new ModelOptions();
        var tokenizerOnly = new Option<bool>("--tokenizer-only") { Description = "Do not look for a generator" };
        model.AddTo(command);
        command.Options.Add(tokenizerOnly);
        command.SetAction(parsed =>
        {
            using TitokDevice device = model.OpenDevice(parsed);
            using (TitokTokenizer tokenizer = TitokTokenizer.Load(device, model.TokenizerPath(parsed), model.Precision(parsed)))
            {
                TitokTokenizerInfo info = tokenizer.Info;
                Console.WriteLine($"tokenizer   {info.Kind}, {info.ImageSize}×{info.ImageSize} pixels as {info.LatentTokens} {(info.IsContinuous ? $"latents of {info.LatentChannels} channels" : $"tokens of {info.CodebookSize}")}");
                Console.WriteLine($"            encoder {info.Encoder}, decoder {info.Decoder}, {info.ParameterCount:N0} parameters, {info.Precision}");
            }
            Console.WriteLine();
            if (!parsed.GetValue(tokenizerOnly))
            {
                using TitokGenerator generator = TitokGenerator.Load(device, model.GeneratorPath(parsed), model.Precision(parsed));
                TitokGeneratorInfo info = generator.Info;
                Console.WriteLine($"generator   {info.Kind}, {info.Size}, {info.Classes} classes, {info.LatentTokens} tokens of {info.CodebookSize}");
                Console.WriteLine($"            {info.ParameterCount:N0} parameters, {info.Precision}");
            }
            return 0;
        });
        return command;
    }
}
