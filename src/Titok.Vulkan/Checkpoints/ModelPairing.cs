namespace Titok.Vulkan.Checkpoints;

/// <summary>Whether a generator's tokens are a tokenizer's tokens.</summary>
internal static class ModelPairing
{
    public static void Check(TokenizerSpec tokenizer, string tokenizerFile, GeneratorSpec generator, string generatorFile)
    {
        if (tokenizer.Kind == TokenizerKind.Vae)
            throw new ModelFormatException(generatorFile, $"a generator needs a tokenizer with a codebook, but {tokenizerFile} is a VAE");
        if (generator.CodebookSize != tokenizer.CodebookSize || generator.LatentTokens != tokenizer.LatentTokens)
        {
            throw new ModelFormatException(generatorFile, $"this generator makes {generator.LatentTokens} tokens of {generator.CodebookSize} codes,"
                + $" but the tokenizer {tokenizerFile} has {tokenizer.LatentTokens} of {tokenizer.CodebookSize}; they don't belong together");
        }
    }
}
