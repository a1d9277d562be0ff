using Titok.Vulkan.Graphs;
using Titok.Vulkan.Kernels;
using Titok.Vulkan.Tests.Gpu;
using Titok.Vulkan.Tests.Models;

namespace Titok.Vulkan.Tests.Kernels;

/// <summary>Norms and softmax on random shapes against the oracle.</summary>
[Collection(GpuCollection.Name)]
public class NormOpTests(GpuFixture gpu)
{
    private const int Shapes = 50;

    public static TheoryData<string> Names => [.. Profiles.StorageNames];

    [Theory]
    [MemberData(nameof(Names))]
    public void LayerNorm(string profileName) => KernelTheory.ForShapes(gpu, profileName, Shapes, (run, random, profile) =>
    {
        int batch = random.Next(1, 4), tokens = random.Next(1, 20), channels = random.Next(1, 300), first = random.Next(tokens);
        double epsilon = random.Next(2) == 0 ? 1e-5 : 1e-12;
        float[] x = run.Random(batch * tokens * channels), weight = run.Random(channels, stored: false), bias = run.Random(channels, stored: false);
        run.Weight("weight", weight, channels);
        run.Weight("bias", bias, channels);
        Tensor y = run.Graph.LayerNorm(
            "norm", run.Activation("x", x, batch, tokens, channels), run.Graph.Vector(channels, "weight"), run.Graph.Vector(channels, "bias"), (float)epsilon, first);
        // A row of one or two equal channels has no variance to speak of: the result is the bias, and rounding decides.
        float[] expected = Reference.LayerNorm.Apply(x, weight, bias, batch, tokens, channels, first, epsilon);
        Agreement.Assert($"layer norm [{batch}, {tokens}, {channels}], tokens from {first} on", expected, run.Run(y), Agreement.Bound(profile));
    });

    [Theory]
    [MemberData(nameof(Names))]
    public void GroupNorm(string profileName) => KernelTheory.ForShapes(gpu, profileName, Shapes, (run, random, profile) =>
    {
        int batch = random.Next(1, 4), height = random.Next(1, 15), width = random.Next(1, 15), groups = random.Next(1, 33), channels = groups * random.Next(1, 6);
        bool silu = random.Next(2) == 1;
        float[] x = run.Random(batch * height * width * channels);
        AssertGroupNorm(run, profile, x, (batch, height, width, channels), groups, silu);
    });

    /// <summary>Groups of whole fours of channels, as the published models have: many chunks of pixels, the last one ragged.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void GroupNormOfWholeFours(string profileName) => KernelTheory.ForShapes(gpu, profileName, Shapes, (run, random, profile) =>
    {
        int batch = random.Next(1, 3), height = random.Next(1, 40), width = random.Next(1, 40), groups = 1 << random.Next(6), channels = groups * (4 << random.Next(3));
        bool silu = random.Next(2) == 1;
        Assert.True(GroupNormPartsKernel.Suits(channels, groups));
        // A mean far from zero, which squares that are not centred would drown in.
        float[] x = run.Random(batch * height * width * channels);
        for (int i = 0; i < x.Length; i++)
            x[i] += i % channels < channels / 2 ? 64 : 0;
        if (profile.Activation == DataType.Float16)
            x = Array.ConvertAll(x, v => (float)(Half)v);
        AssertGroupNorm(run, profile, x, (batch, height, width, channels), groups, silu);
    });

    [Theory]
    [MemberData(nameof(Names))]
    public void Softmax(string profileName) => KernelTheory.ForShapes(gpu, profileName, Shapes, (run, random, profile) =>
    {
        int rows = random.Next(1, 20), columns = random.Next(1, 1100);
        // So far from zero that no exponential of them is a number by itself, or all are nothing.
        float shift = random.Next(-300, 300);
        float[] x = [.. run.Random(rows * columns, stored: false, scale: random.Next(1, 20)).Select(number => number + shift)];
        Tensor y = run.Graph.Softmax("softmax", run.Floats("x", x, rows, columns));
        Agreement.Assert($"softmax [{rows}, {columns}]", Reference.Softmax.Apply(x, rows, columns), run.Run(y), Agreement.Bound(profile));
    });

    private static void AssertGroupNorm(KernelRun run, KernelProfile profile, float[] x, (int Batch, int Height, int Width, int Channels) shape, int groups, bool silu)
    {
        (int batch, int height, int width, int channels) = shape;
        float[] weight = run.Random(channels, stored: false), bias = run.Random(channels, stored: false);
        run.Weight("weight", weight, channels);
        run.Weight("bias", bias, channels);
        Tensor y = run.Graph.GroupNorm(
            "norm", run.Activation("x", x, batch, height, width, channels), run.Graph.Vector(channels, "weight"), run.Graph.Vector(channels, "bias"), groups, 1e-6f, silu);
        float[] expected = Reference.GroupNorm.Apply(x, weight, bias, batch, height * width, channels, groups, 1e-6, silu);
        Agreement.Assert($"group norm [{batch}, {height}, {width}, {channels}] in {groups}, silu {silu}", expected, run.Run(y), Agreement.Bound(profile));
    }
}
