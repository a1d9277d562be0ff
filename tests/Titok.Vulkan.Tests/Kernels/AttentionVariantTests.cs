using Titok.Vulkan.Graphs;
using Titok.Vulkan.Kernels;

namespace Titok.Vulkan.Tests.Kernels;

/// <summary>Which attention kernel a sequence is given, where the device has several.</summary>
public class AttentionVariantTests
{
    private const string Portable = "attention", TwoPasses = "attention_matrix", Subgroup = "attention_subgroup";

    private static readonly GemmUnit s_unit = new(16, 16, 16, 32, 48 << 10);

    [Fact]
    public void ShortSequencesHaveAFormOfTheirOwn()
    {
        GemmUnit unit = s_unit with { ShortAttention = AttentionForm.Subgroup, LongAttention = AttentionForm.TwoPasses };
        Assert.Equal([Subgroup, TwoPasses], new[] { AttentionVariant.ShortTokens, AttentionVariant.ShortTokens + 1 }.Select(tokens => For(unit, tokens).Shader));
    }

    [Theory]
    [InlineData(nameof(AttentionForm.TwoPasses), 64, TwoPasses)]
    [InlineData(nameof(AttentionForm.TwoPasses), 40, Portable)]
    [InlineData(nameof(AttentionForm.Subgroup), 48, Subgroup)]
    [InlineData(nameof(AttentionForm.Subgroup), 40, Portable)]
    [InlineData(nameof(AttentionForm.Warpgroup), 48, "attention_warpgroup_48")]
    [InlineData(nameof(AttentionForm.Warpgroup), 64, "attention_warpgroup_64")]
    [InlineData(nameof(AttentionForm.Warpgroup), 32, TwoPasses)]
    [InlineData(nameof(AttentionForm.Portable), 64, Portable)]
    public void HeadsThatAreNotOfWholeFragmentsGoToThePortableKernel(string form, int headDim, string shader) =>
        Assert.Equal(shader, For(s_unit.With(Enum.Parse<AttentionForm>(form)), headDim: headDim).Shader);

    /// <summary>Scores are multiplied along N, keys along K: a head has to be a multiple of both, and in one pass they are the same.</summary>
    [Fact]
    public void FragmentsMayBeLongerThanWide()
    {
        GemmUnit unit = new(16, 8, 16, 32, 48 << 10);
        Assert.Equal(TwoPasses, For(unit.With(AttentionForm.TwoPasses), headDim: 32).Shader);
        Assert.Equal(Portable, For(unit.With(AttentionForm.TwoPasses), headDim: 24).Shader);
        Assert.Equal(Portable, For(unit.With(AttentionForm.Subgroup), headDim: 32).Shader);
    }

    /// <summary>One subgroup's queries and what it multiplies them by are the least: to the byte.</summary>
    [Theory]
    [InlineData(nameof(AttentionForm.TwoPasses), 15360)]
    [InlineData(nameof(AttentionForm.Subgroup), 6912)]
    public void WhereNoSubgroupHasRoomThePortableKernelAttends(string form, int leastInBytes)
    {
        GemmUnit unit = s_unit.With(Enum.Parse<AttentionForm>(form));
        AttentionVariant least = For(unit with { SharedMemoryInBytes = leastInBytes });
        Assert.NotEqual(Portable, least.Shader);
        Assert.Equal(unit.M, least.TileQueries);
        Assert.Equal(Portable, For(unit with { SharedMemoryInBytes = leastInBytes - 1 }).Shader);
    }

    [Theory]
    [InlineData(16, 1u)]
    [InlineData(17, 0u)]
    public void FewWorkgroupsLoadTheirNextKeysAhead(int sequences, uint ahead)
    {
        GemmUnit unit = s_unit.With(AttentionForm.Subgroup) with { Processors = 8 };
        AttentionVariant variant = For(unit, sequences: sequences);
        Assert.Equal((64, ahead), (variant.TileQueries, variant.Constants[^1]));
    }

    [Theory]
    [InlineData(nameof(KernelForm.CpuUniform), "attention_uniform")]
    [InlineData(nameof(KernelForm.CpuLanes), "attention_lanes")]
    public void OnACpuHeadsOfFoursHaveAKernelOfTheirOwn(string form, string shader)
    {
        var profile = new KernelProfile(Enum.Parse<KernelForm>(form), DataType.Float32);
        Assert.Equal(shader, AttentionVariant.For(profile, tokens: 64, headDim: 12, sequences: 1).Shader);
        Assert.Equal(Portable, AttentionVariant.For(profile, tokens: 64, headDim: 6, sequences: 1).Shader);
    }

    private static AttentionVariant For(GemmUnit unit, int tokens = 64, int headDim = 64, int sequences = 1) =>
        AttentionVariant.For(KernelProfile.Of(unit), tokens, headDim, sequences);
}
