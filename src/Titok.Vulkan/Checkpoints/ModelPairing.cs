using System.Collections.Immutable;

namespace Titok.Vulkan.Checkpoints;

/// <summary>Whether the parts of a model belong together.</summary>
internal static class ModelPairing
{
    /// <summary>Refuses a generator whose tokens are not the tokenizer's.</summary>
    public static void Check(TokenizerSpec tokenizer, string tokenizerFile, GeneratorSpec generator, string generatorFile)
    {
        if (tokenizer.IsVae)
            throw new ModelFormatException(generatorFile, $"a generator needs a tokenizer with a codebook, but {tokenizerFile} is a VAE");
        if (generator.CodebookSize != tokenizer.CodebookSize || generator.LatentTokens != tokenizer.LatentTokens)
        {
            throw new ModelFormatException(generatorFile, $"this generator makes {generator.LatentTokens} tokens of {generator.CodebookSize} codes,"
                + $" but the tokenizer {tokenizerFile} has {tokenizer.LatentTokens} of {tokenizer.CodebookSize}; they don't belong together");
        }
    }

    /// <summary>Refuses a list of labels of another length than the generator has classes. No list at all is fine.</summary>
    public static void CheckClasses(ImmutableArray<string> classes, string classesFile, GeneratorSpec generator)
    {
        if (classes.Length != 0 && classes.Length != generator.Classes)
            throw new ModelFormatException(classesFile, $"has {classes.Length} labels, expected {generator.Classes}, one for each of the generator's classes");
    }
}
