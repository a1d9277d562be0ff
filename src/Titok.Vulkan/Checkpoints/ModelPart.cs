namespace Titok.Vulkan.Checkpoints;

/// <summary>The two parts of a model.</summary>
internal enum ModelPartKind
{
    Tokenizer,
    Generator,
}

/// <summary>A tokenizer or a generator: where its weights are, and its config.</summary>
internal sealed record ModelPart(IModelFiles Files, string WeightsFile, TitokConfig Config)
{
    /// <summary>Opens the weights and infers the tokenizer. The caller disposes the checkpoint.</summary>
    public (Checkpoint Checkpoint, TokenizerSpec Spec) OpenTokenizer() => Open(ModelPartKind.Tokenizer, checkpoint =>
        TokenizerSpec.Infer(checkpoint, Config.Tokenizer ?? throw new ModelFormatException(Config.File, "'model.vq_model' is missing, expected a tokenizer's config")));

    /// <summary>Opens the weights and infers the generator. The caller disposes the checkpoint.</summary>
    public (Checkpoint Checkpoint, GeneratorSpec Spec) OpenGenerator() => Open(ModelPartKind.Generator, checkpoint =>
        GeneratorSpec.Infer(checkpoint, Config.Generator ?? throw new ModelFormatException(Config.File, "'model.generator' is missing, expected a generator's config")));

    /// <summary>Tells from its tensors which part a checkpoint is; null where it looks like neither.</summary>
    public static ModelPartKind? Classify(Checkpoint checkpoint) =>
        checkpoint.Tensors.ContainsKey("latent_tokens") ? ModelPartKind.Tokenizer
        : checkpoint.Tensors.ContainsKey("lm_head.weight") || checkpoint.Tensors.ContainsKey("model.lm_head.weight") ? ModelPartKind.Generator
        : null;

    private (Checkpoint, T) Open<T>(ModelPartKind expected, Func<Checkpoint, T> infer)
    {
        Checkpoint checkpoint = Checkpoint.Open(Files, WeightsFile);
        try
        {
            // Said first, since the alternative is a complaint about some tensor.
            if (Classify(checkpoint) is { } found && found != expected)
                throw new ModelFormatException(WeightsFile, $"holds a {Word(found)}, expected a {Word(expected)}");
            return (checkpoint, infer(checkpoint));
        }
        catch
        {
            checkpoint.Dispose();
            throw;
        }
    }

    private static string Word(ModelPartKind kind) => kind == ModelPartKind.Tokenizer ? "tokenizer" : "generator";
}
