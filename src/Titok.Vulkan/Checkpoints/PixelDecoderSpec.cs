using System.Collections.Immutable;

namespace Titok.Vulkan.Checkpoints;

/// <summary>
/// One resolution of the pixel decoder, named <c>pixel_decoder.up.{Index}</c>. Its first block goes from one channel
/// count to the other; the further ones keep it.
/// </summary>
internal sealed record PixelDecoderStage(int Index, int InChannels, int OutChannels, int Blocks, bool HasUpsample);

/// <summary>
/// The legacy head and the pixel decoder behind it. The head has <c>HeadWidth</c> channels between its two 1×1
/// convolutions and gives a logit for each of the <c>Codes</c> rows of <c>pixel_quantize.embedding</c>, which are
/// <c>CodeWidth</c> wide. <c>Groups</c> are GroupNorm's. The stages stand in the order they run, <c>up.4</c> to <c>up.0</c>.
/// </summary>
internal sealed record PixelDecoderSpec(
    int HeadWidth, int Codes, int CodeWidth, int MidChannels, int MidBlocks, int Groups, ImmutableArray<PixelDecoderStage> Stages)
{
    private const int NormGroups = 32;

    public static PixelDecoderSpec Infer(ShapeInference shapes)
    {
        int headWidth = shapes.Shape("decoder.ffn.0.weight", 4)[0];
        ImmutableArray<int> codes = shapes.Shape("pixel_quantize.embedding.weight", 2);
        int midChannels = shapes.Shape("pixel_decoder.conv_in.weight", 4)[0];
        CheckGroups(shapes, "pixel_decoder.conv_in.weight", midChannels);
        int midBlocks = shapes.Count(i => $"pixel_decoder.mid.{i}.conv1.weight");
        int stageCount = shapes.Count(i => $"pixel_decoder.up.{i}.block.0.conv1.weight");

        // The grid is one cell a patch of 16 pixels, so four doublings lead to the picture.
        if (stageCount != 5)
            throw shapes.Bad("pixel_decoder.up.4.block.0.conv1.weight", $"belongs to the last of 5 stages, but {stageCount} were found");
        ImmutableArray<PixelDecoderStage>.Builder stages = ImmutableArray.CreateBuilder<PixelDecoderStage>();
        int channels = midChannels;
        for (int index = stageCount - 1; index >= 0; index--)
        {
            string up = $"pixel_decoder.up.{index}";
            int outChannels = shapes.Shape($"{up}.block.0.conv1.weight", 4)[0];
            CheckGroups(shapes, $"{up}.block.0.conv1.weight", outChannels);
            int blocks = shapes.Count(i => $"{up}.block.{i}.conv1.weight");
            stages.Add(new PixelDecoderStage(index, channels, outChannels, blocks, HasUpsample: index > 0));
            channels = outChannels;
        }

        return new PixelDecoderSpec(headWidth, codes[0], codes[1], midChannels, midBlocks, NormGroups, stages.DrainToImmutable());
    }

    public IEnumerable<ExpectedTensor> ExpectedTensors()
    {
        const string Root = "pixel_decoder";
        List<ExpectedTensor> tensors =
        [
            .. ExpectedLayers.Affine("decoder.ffn.2", Codes, HeadWidth, 1, 1),
            new("pixel_quantize.embedding.weight", [Codes, CodeWidth]),
            .. ExpectedLayers.Affine($"{Root}.conv_in", MidChannels, CodeWidth, 3, 3),
        ];
        for (int i = 0; i < MidBlocks; i++)
            tensors.AddRange(ResidualBlock($"{Root}.mid.{i}", MidChannels, MidChannels));
        foreach (PixelDecoderStage stage in Stages)
        {
            string up = $"{Root}.up.{stage.Index}";
            for (int i = 0; i < stage.Blocks; i++)
                tensors.AddRange(ResidualBlock($"{up}.block.{i}", i == 0 ? stage.InChannels : stage.OutChannels, stage.OutChannels));
            if (stage.HasUpsample)
                tensors.AddRange(ExpectedLayers.Affine($"{up}.upsample_conv", stage.OutChannels, stage.OutChannels, 3, 3));
        }

        int lastChannels = Stages[^1].OutChannels;
        tensors.AddRange(ExpectedLayers.Norm($"{Root}.norm_out", lastChannels));
        tensors.AddRange(ExpectedLayers.Affine($"{Root}.conv_out", 3, lastChannels, 3, 3));
        return tensors;
    }

    private static IEnumerable<ExpectedTensor> ResidualBlock(string name, int inChannels, int outChannels)
    {
        List<ExpectedTensor> tensors =
        [
            .. ExpectedLayers.Norm($"{name}.norm1", inChannels),
            new($"{name}.conv1.weight", [outChannels, inChannels, 3, 3]),
            .. ExpectedLayers.Norm($"{name}.norm2", outChannels),
            new($"{name}.conv2.weight", [outChannels, outChannels, 3, 3]),
        ];

        // The published code applies the shortcut to conv2's output, so it has the output's channels on both sides.
        if (inChannels != outChannels)
            tensors.Add(new($"{name}.nin_shortcut.weight", [outChannels, outChannels, 1, 1]));
        return tensors;
    }

    private static void CheckGroups(ShapeInference shapes, string tensor, int channels)
    {
        if (channels % NormGroups != 0)
            throw shapes.Bad(tensor, $"has {channels} output channels, expected a multiple of {NormGroups}");
    }
}
