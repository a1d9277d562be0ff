namespace Titok.Vulkan.Checkpoints;

/// <summary>Everything about a generator's shape, inferred from its tensors and agreed with its config.</summary>
internal sealed record GeneratorSpec
{
    private const string BertWords = "model.embeddings.word_embeddings.weight";
    private const string UViTWords = "embeddings.weight";

    public required GeneratorKind Kind { get; init; }

    public required int Hidden { get; init; }

    /// <summary>For a U-ViT the in-blocks and the out-blocks together; the middle one is not counted.</summary>
    public required int Layers { get; init; }

    /// <summary>All of its blocks, with a U-ViT's middle one.</summary>
    public int Blocks => Kind == GeneratorKind.UViT ? Layers + 1 : Layers;

    public required int Heads { get; init; }

    public required int Intermediate { get; init; }

    /// <summary>K: tokens of a picture. The class stands in front of them.</summary>
    public required int LatentTokens { get; init; }

    /// <summary>V.</summary>
    public required int CodebookSize { get; init; }

    public required int Classes { get; init; }

    /// <summary>Tokens, the mask, the classes, and the dropped class.</summary>
    public int VocabularySize => CodebookSize + Classes + 2;

    public int MaskId => CodebookSize;

    public int DroppedClassId => CodebookSize + 1 + Classes;

    /// <summary>Infers a generator's shape and checks every tensor's presence and shape.</summary>
    public static GeneratorSpec Infer(Checkpoint checkpoint, GeneratorConfig config)
    {
        var shapes = new ShapeInference(checkpoint, config.File);
        GeneratorKind kind = InferKind(shapes, config);
        bool isBert = kind == GeneratorKind.Bert;
        string words = isBert ? BertWords : UViTWords;
        string head = isBert ? "model.lm_head.weight" : "lm_head.weight";
        string positions = isBert ? "model.embeddings.position_embeddings.weight" : "pos_embed";
        string mlp = isBert ? "model.encoder.layer.0.intermediate.dense.weight" : "mid_block.mlp.fc1.weight";
        int vocabulary = shapes.Shape(words, 2)[0], hidden = shapes.Shape(words, 2)[1];
        int codebook = shapes.Agree(head, "codebook size", shapes.Shape(head, 2)[0], "codebook_size", config.CodebookSize);
        int length = (isBert ? shapes.Shape(positions, 2)[0] : shapes.Shape(positions, 3)[1]) - 1;
        if (length < 1)
            throw shapes.Bad(positions, "has no position behind the class, expected at least one");
        int classes = vocabulary - codebook - 2;
        if (classes < 1)
            throw shapes.Bad(words, $"has {vocabulary} rows, expected {codebook} tokens, the mask, at least one class, and the dropped class");
        shapes.Agree(words, "hidden size", hidden, "hidden_size", config.HiddenSize);
        if (length > KernelLimits.MaxLatentTokens)
            throw shapes.Bad(positions, $"has positions for {length} tokens a picture, at most {KernelLimits.MaxLatentTokens} are supported");
        var spec = new GeneratorSpec
        {
            Kind = kind,
            Hidden = hidden,
            Layers = InferLayers(shapes, kind, config),
            Heads = CheckHeads(hidden, config),
            Intermediate = shapes.Agree(mlp, "intermediate size", shapes.Shape(mlp, 2)[0], "intermediate_size", config.IntermediateSize),
            LatentTokens = shapes.Agree(positions, "latent tokens", length, "image_seq_len", config.LatentTokens),
            CodebookSize = codebook,
            Classes = shapes.Agree(words, "classes", classes, "condition_num_classes", config.Classes),
        };
        ExpectedTensor.Check(checkpoint, spec.ExpectedTensors());
        return spec;
    }

    /// <summary>Every tensor the network uses.</summary>
    public IEnumerable<ExpectedTensor> ExpectedTensors() => Kind == GeneratorKind.Bert ? BertTensors() : UViTTensors();

    private static GeneratorKind InferKind(ShapeInference shapes, GeneratorConfig config)
    {
        GeneratorKind kind = shapes.Has(BertWords) ? GeneratorKind.Bert
            : shapes.Has(UViTWords) ? GeneratorKind.UViT
            : throw shapes.Bad(config.Kind == GeneratorKind.UViT ? UViTWords : BertWords, "is missing, so this is not a generator");
        if (config.Kind is { } configured && configured != kind)
        {
            throw shapes.Contradiction(
                kind == GeneratorKind.Bert ? BertWords : UViTWords,
                kind == GeneratorKind.Bert ? "a ViT (BERT)" : "a UViT",
                "model_type",
                configured == GeneratorKind.Bert ? "ViT" : "UViT");
        }

        return kind;
    }

    private static int InferLayers(ShapeInference shapes, GeneratorKind kind, GeneratorConfig config)
    {
        if (kind == GeneratorKind.Bert)
        {
            int layers = shapes.Count(i => $"model.encoder.layer.{i}.attention.self.query.weight");
            return shapes.Agree($"model.encoder.layer.{Math.Max(layers - 1, 0)}.attention.self.query.weight", "the last of layers", layers, "num_hidden_layers", config.Layers);
        }

        // Each out-block takes the output of one in-block, so there are as many.
        int inBlocks = shapes.Count(i => $"in_blocks.{i}.norm1.weight");
        return shapes.Agree($"in_blocks.{Math.Max(inBlocks - 1, 0)}.norm1.weight", "the last in-block of layers", 2 * inBlocks, "num_hidden_layers", config.Layers);
    }

    private static int CheckHeads(int hidden, GeneratorConfig config)
    {
        const string Key = "'model.generator.num_attention_heads'";
        int heads = config.Heads ?? throw new ModelFormatException(config.File, $"{Key} is missing");
        if (hidden % heads != 0 || hidden / heads > KernelLimits.MaxHeadWidth)
            throw new ModelFormatException(config.File, $"{Key} is {heads}, expected a divisor of the hidden size {hidden} that leaves at most {KernelLimits.MaxHeadWidth} channels a head");
        return heads;
    }

    private List<ExpectedTensor> BertTensors()
    {
        List<ExpectedTensor> tensors =
        [
            new(BertWords, [VocabularySize, Hidden]),
            new("model.embeddings.position_embeddings.weight", [1 + LatentTokens, Hidden]),
            new("model.embeddings.token_type_embeddings.weight", [2, Hidden]),
            .. ExpectedLayers.Norm("model.embeddings.LayerNorm", Hidden),
            .. ExpectedLayers.Affine("model.lm_head", CodebookSize, Hidden),
        ];
        for (int i = 0; i < Layers; i++)
        {
            string layer = $"model.encoder.layer.{i}";
            tensors.AddRange(
            [
                .. ExpectedLayers.Affine($"{layer}.attention.self.query", Hidden, Hidden),
                .. ExpectedLayers.Affine($"{layer}.attention.self.key", Hidden, Hidden),
                .. ExpectedLayers.Affine($"{layer}.attention.self.value", Hidden, Hidden),
                .. ExpectedLayers.Affine($"{layer}.attention.output.dense", Hidden, Hidden),
                .. ExpectedLayers.Norm($"{layer}.attention.output.LayerNorm", Hidden),
                .. ExpectedLayers.Affine($"{layer}.intermediate.dense", Intermediate, Hidden),
                .. ExpectedLayers.Affine($"{layer}.output.dense", Hidden, Intermediate),
                .. ExpectedLayers.Norm($"{layer}.output.LayerNorm", Hidden),
            ]);
        }

        return tensors;
    }

    private List<ExpectedTensor> UViTTensors()
    {
        List<ExpectedTensor> tensors =
        [
            new("pos_embed", [1, 1 + LatentTokens, Hidden]),
            new(UViTWords, [VocabularySize, Hidden]),
            .. UViTBlock("mid_block"),
            .. ExpectedLayers.Norm("norm", Hidden),
            .. ExpectedLayers.Affine("lm_head", CodebookSize, Hidden),
        ];
        for (int i = 0; i < Layers / 2; i++)
        {
            tensors.AddRange(UViTBlock($"in_blocks.{i}"));
            tensors.AddRange(UViTBlock($"out_blocks.{i}"));
            tensors.AddRange(ExpectedLayers.Affine($"out_blocks.{i}.skip_linear", Hidden, 2 * Hidden));
        }

        return tensors;
    }

    private IEnumerable<ExpectedTensor> UViTBlock(string name) =>
    [
        .. ExpectedLayers.Norm($"{name}.norm1", Hidden),
        new($"{name}.attn.qkv.weight", [3 * Hidden, Hidden]),
        .. ExpectedLayers.Affine($"{name}.attn.proj", Hidden, Hidden),
        .. ExpectedLayers.Norm($"{name}.norm2", Hidden),
        .. ExpectedLayers.Affine($"{name}.mlp.fc1", Intermediate, Hidden),
        .. ExpectedLayers.Affine($"{name}.mlp.fc2", Hidden, Intermediate),
    ];
}
