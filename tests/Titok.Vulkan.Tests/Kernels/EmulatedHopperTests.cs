using System.Collections.Immutable;
using Titok.Vulkan.Checkpoints;
using Titok.Vulkan.Graphs;
using Titok.Vulkan.Kernels;
using Titok.Vulkan.Models;
using Titok.Vulkan.Tests.Gpu;

namespace Titok.Vulkan.Tests.Kernels;

/// <summary>
/// The warpgroup kernels as networks call them, with weights packed as they are for a model: that what a call gives is what its kernel
/// takes. On an emulated device, whose library has to be there, beside the portable kernels.
/// </summary>
[Collection(GpuCollection.Name)]
public class EmulatedHopperTests(GpuFixture gpu)
{
    /// <summary>Both sides round what they pass on to fp16, and a norm is folded into fp16 weights on one of them.</summary>
    private const double Bound = 1e-6;

    /// <summary>A block of the published transformers at its full size, by what its sizes are given, or by one block for all.</summary>
    [Theory]
    [InlineData(2, 33, 768, "40x64", "48", 1)]
    [InlineData(2, 129, 1024, "72x64", "64", 6)]
    [InlineData(1, 289, 1024, "136x128", "64", 5)]
    [InlineData(2, 129, 1024, "128x256", "64", 2)]
    [InlineData(2, 129, 1024, "192x256", "64", 7)]
    public void ABlockOfATransformerIsRight(int batch, int tokens, int width, string block, string head, int how)
    {
        using var hopper = EmulatedHopper.Require();
        hopper.How = (uint)how;
        int large = Index(WarpgroupBlock.Linears, b => !b.MayJoin && $"{b.Rows}x{b.Columns}" == block);
        GemmUnit unit = large < 0 ? EmulatedHopper.Unit : EmulatedHopper.Unit with { LinearBlocks = 1 << large, Processors = 1 };
        float[] found = Block(hopper, unit, batch, tokens, width), portable = Block(null, null, batch, tokens, width);
        Assert.Contains($"linear_warpgroup_{block}.fp16", hopper.Programs);
        Assert.Contains($"attention_warpgroup_{head}.fp16", hopper.Programs);
        Agreement.Assert("block", portable, found, Bound);
        hopper.AssertNoMessages();
        gpu.AssertNoMessages();
    }

    /// <summary>
    /// Logits of the published generators' networks with one block of a kind, of which a U-ViT has three. With 32 tokens the first layer's
    /// statistics would be gathered by cooperative matrices, which the device at hand has in another shape, if at all.
    /// </summary>
    [Theory]
    [InlineData("Bert", 768, 128, 1, 0)]
    [InlineData("UViT", 1024, 128, 2, 3)]
    public void AGeneratorIsRight(string kind, int width, int tokens, int layers, int how)
    {
        using var hopper = EmulatedHopper.Require();
        hopper.How = (uint)how;
        var spec = new GeneratorSpec
        {
            Kind = Enum.Parse<GeneratorKind>(kind),
            Hidden = width,
            Layers = layers,
            Heads = 16,
            Intermediate = 4 * width,
            LatentTokens = tokens,
            CodebookSize = 4096,
            Classes = 10,
        };
        float[] found = Logits(hopper, EmulatedHopper.Unit, spec), portable = Logits(null, null, spec);
        Assert.DoesNotContain(hopper.Programs, program => program.StartsWith("linear_matrix", StringComparison.Ordinal));
        Agreement.Assert("logits", portable, found, Bound);
        hopper.AssertNoMessages();
        gpu.AssertNoMessages();
    }

    /// <summary>A residual block of the pixel decoder's and a doubling, on small feature maps.</summary>
    [Theory]
    [InlineData(128, "128x128", 3)]
    [InlineData(256, "128x256", 4)]
    [InlineData(256, "192x256", 6)]
    public void ConvolutionsAreRight(int channels, string block, int how)
    {
        using var hopper = EmulatedHopper.Require();
        hopper.How = (uint)how;
        int index = Index(WarpgroupBlock.Convolutions, b => $"{b.Rows}x{b.Columns}" == block);
        GemmUnit unit = EmulatedHopper.Unit with { ConvolutionBlocks = 1 << index, Processors = 1 };
        float[] found = Convolutions(hopper, unit, channels), portable = Convolutions(null, null, channels);
        Assert.Equal(3, hopper.Programs.Count(program => program == $"conv3x3_warpgroup_{block}.fp16"));
        Agreement.Assert("convolutions", portable, found, Bound);
        hopper.AssertNoMessages();
        gpu.AssertNoMessages();
    }

    private static int Index(ImmutableArray<WarpgroupBlock> blocks, Func<WarpgroupBlock, bool> isWanted) => blocks.ToList().FindIndex(b => isWanted(b));

    private KernelRun Run(GemmUnit? unit) =>
        new(gpu.Device, unit is null ? new KernelProfile(KernelForm.Portable, DataType.Float16) : KernelProfile.Of(unit), new Random(1));

    /// <summary>A block behind a linear layer, as all but a network's first block are behind one: it leaves the statistics that their norms want.</summary>
    private float[] Block(EmulatedHopper? hopper, GemmUnit? unit, int batch, int tokens, int width)
    {
        const string Name = "block.transformer.0";
        KernelRun run = Run(unit);
        foreach (string norm in (string[])["ln_1", "ln_2"])
        {
            run.Weight($"{Name}.{norm}.weight", run.Random(width), width);
            run.Weight($"{Name}.{norm}.bias", run.Random(width, scale: 0.1), width);
        }
        foreach ((string weight, string bias, int columns, int inner) in ((string, string, int, int)[])
        [
            ("before.weight", "before.bias", width, width), ($"{Name}.attn.in_proj_weight", $"{Name}.attn.in_proj_bias", 3 * width, width),
            ($"{Name}.attn.out_proj.weight", $"{Name}.attn.out_proj.bias", width, width), ($"{Name}.mlp.c_fc.weight", $"{Name}.mlp.c_fc.bias", 4 * width, width),
            ($"{Name}.mlp.c_proj.weight", $"{Name}.mlp.c_proj.bias", width, 4 * width),
        ])
        {
            run.Weight(weight, run.Random((long)columns * inner, scale: 2 / Math.Sqrt(inner)), columns, inner);
            run.Weight(bias, run.Random(columns, scale: 0.1), columns);
        }
        Graph graph = run.Graph;
        Tensor x = run.Activation("x", run.Random((long)batch * tokens * width), batch, tokens, width);
        x = graph.Linear("before", x, graph.Matrix(width, width, "before.weight"), graph.Vector(width, "before.bias"));
        Tensor y = new TransformerBlocks(graph, "block", new TransformerSize(width, Layers: 1, Heads: 16, 4 * width)).Build(x, 0, tokens);
        return hopper is null ? run.Run(y) : run.Run(hopper, y);
    }

    /// <summary>Of one image with guidance, half of whose tokens are masked.</summary>
    private float[] Logits(EmulatedHopper? hopper, GemmUnit? unit, GeneratorSpec spec)
    {
        KernelRun run = Run(unit);
        foreach (ExpectedTensor tensor in spec.ExpectedTensors())
        {
            bool isVector = tensor.Shape.Length == 1;
            long count = TensorShape.ElementCount(tensor.Shape);
            double scale = isVector ? 0.1 : 2 / Math.Sqrt(count / (double)tensor.Shape[0]);
            float[] values = run.Random(count, scale: scale);
            if (isVector && tensor.Name.EndsWith("weight", StringComparison.Ordinal))
                values = Array.ConvertAll(values, v => 1 + v);
            run.Weight(tensor.Name, values, [.. tensor.Shape]);
        }
        uint[] tokens = [.. Enumerable.Range(0, spec.LatentTokens).Select(i => (uint)(i % 2 == 0 ? spec.MaskId : 37 * i % spec.CodebookSize))];
        Tensor ids = run.Words("ids", tokens, 1, spec.LatentTokens), classes = run.Words("classes", [3], 1);
        IGeneratorNetwork network = spec.Kind == GeneratorKind.Bert ? new BertGenerator(run.Graph, spec) : new UViTGenerator(run.Graph, spec);
        Tensor logits = network.Build(ids, classes, guided: true);
        return hopper is null ? run.Run(logits) : run.Run(hopper, logits);
    }

    private float[] Convolutions(EmulatedHopper? hopper, GemmUnit? unit, int channels)
    {
        const int Height = 12, Width = 20;
        KernelRun run = Run(unit);
        Graph graph = run.Graph;
        foreach (string layer in (string[])["first", "second", "doubling"])
        {
            run.Weight($"{layer}.weight", run.Random(9L * channels * channels, scale: 1 / Math.Sqrt(9 * channels)), channels, channels, 3, 3);
            run.Weight($"{layer}.bias", run.Random(channels, scale: 0.1), channels);
        }
        Tensor x = run.Activation("x", run.Random(2L * Height * Width * channels), 2, Height, Width, channels);
        Tensor y = Convolution("doubling", Convolution("second", Convolution("first", x, null), x), null, upsample: true);
        return hopper is null ? run.Run(y) : run.Run(hopper, y);

        Tensor Convolution(string name, Tensor from, Tensor? residual, bool upsample = false) => graph.Conv3x3(
            name, from, graph.Convolution($"{name}.weight", channels, channels, upsample), graph.Vector(channels, $"{name}.bias"), residual, upsample);
    }
}
