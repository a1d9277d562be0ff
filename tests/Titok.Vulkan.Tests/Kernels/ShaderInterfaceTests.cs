using System.Reflection;
using System.Runtime.InteropServices;
using Titok.Vulkan.Kernels;

namespace Titok.Vulkan.Tests.Kernels;

/// <summary>Push-constant structs and specialization constants as the shaders have them and as the kernels fill them.</summary>
public class ShaderInterfaceTests
{
    /// <summary>For each shader: its struct (null if it has no push constants), addresses in front of it, specialization constants.</summary>
    private static readonly Dictionary<string, (Type? Push, int Addresses, int Specialization)> s_shaders = new()
    {
        ["advance_step"] = (null, 0, 0),
        ["assemble_tokens"] = (typeof(AssembleTokensKernel.Push), 0, 1),
        ["attention"] = (typeof(AttentionKernel.Push), 0, 1),
        ["attention_fma"] = (typeof(AttentionKernel.Push), 0, 3),
        ["attention_matrix"] = (typeof(AttentionKernel.Push), 0, 6),
        ["attention_lanes"] = (typeof(AttentionKernel.Push), 0, 1),
        ["attention_subgroup"] = (typeof(AttentionKernel.Push), 0, 7),
        ["attention_uniform"] = (typeof(AttentionKernel.Push), 1, 1),
        ["conv3x3"] = (typeof(Conv3x3Kernel.Push), 0, 3),
        ["conv3x3_fma"] = (typeof(Conv3x3Kernel.Push), 0, 20),
        ["conv3x3_lanes"] = (typeof(Conv3x3Kernel.Push), 0, 3),
        ["conv3x3_matrix"] = (typeof(Conv3x3Kernel.Push), 0, 20),
        ["conv3x3_uniform"] = (typeof(Conv3x3Kernel.Push), 6, 5),
        ["embed_ids"] = (typeof(EmbedIdsKernel.Push), 0, 1),
        ["fold_norm"] = (typeof(FoldNormKernel.Push), 0, 0),
        ["from_pixels"] = (typeof(PictureKernels.PixelsPush), 0, 2),
        ["group_norm_apply"] = (typeof(GroupNormKernel.ApplyPush), 0, 1),
        ["group_norm_combine"] = (typeof(GroupNormPartsKernel.CombinePush), 0, 0),
        ["group_norm_partial"] = (typeof(GroupNormPartsKernel.PartialPush), 0, 2),
        ["group_norm_quads"] = (typeof(GroupNormKernel.QuadsPush), 0, 2),
        ["group_norm_statistics"] = (typeof(GroupNormKernel.StatisticsPush), 0, 0),
        ["layer_norm"] = (typeof(LayerNormKernel.Push), 0, 0),
        ["layer_norm_quads"] = (typeof(LayerNormKernel.Push), 0, 2),
        ["linear"] = (typeof(LinearKernel.Push), 0, 3),
        ["linear_fma"] = (typeof(LinearKernel.TiledPush), 0, 24),
        ["linear_lanes"] = (typeof(LinearKernel.Push), 0, 3),
        ["linear_matrix"] = (typeof(LinearKernel.TiledPush), 0, 24),
        ["linear_uniform"] = (typeof(LinearKernel.Push), 5, 5),
        ["lookup_code"] = (typeof(CodebookKernels.Push), 0, 1),
        ["pack_int8"] = (typeof(PackInt8Kernel.Push), 0, 0),
        ["pack_phases"] = (typeof(PackTapsKernel.Push), 0, 0),
        ["pack_weight"] = (typeof(PackWeightKernel.Push), 0, 0),
        ["pack_winograd"] = (typeof(PackTapsKernel.Push), 0, 0),
        ["patchify"] = (typeof(PatchKernels.Push), 0, 0),
        ["quantize"] = (typeof(CodebookKernels.Push), 0, 1),
        ["remask"] = (typeof(SamplingKernels.RemaskPush), 0, 0),
        ["reshape_latents"] = (typeof(ReshapeLatentsKernel.Push), 0, 0),
        ["row_statistics"] = (typeof(RowStatisticsKernel.Push), 0, 2),
        ["sample_tokens"] = (typeof(SamplingKernels.SamplePush), 0, 0),
        ["softmax"] = (typeof(SoftmaxKernel.Push), 0, 0),
        ["take_tokens"] = (typeof(TakeTokensKernel.Push), 0, 0),
        ["to_activation"] = (typeof(ToActivationKernel.Push), 0, 0),
        ["to_pixels"] = (typeof(PictureKernels.PixelsPush), 0, 2),
        ["to_planar"] = (typeof(PictureKernels.PlanarPush), 0, 0),
        ["unpatchify"] = (typeof(PatchKernels.Push), 0, 0),
        ["vae_sample"] = (typeof(VaeSampleKernel.Push), 0, 1),
        ["weight_fragments"] = (typeof(WeightFragmentsKernel.Push), 0, 4),
        ["winograd_input"] = (typeof(WinogradKernels.InputPush), 4, 2),
        ["winograd_output"] = (typeof(WinogradKernels.OutputPush), 5, 3),
        ["winograd_product"] = (typeof(WinogradKernels.ProductPush), 3, 1),
    };

    public static TheoryData<string> Binaries => [.. EmbeddedShaders.Names];

    [Fact]
    public void EveryShaderIsListed() =>
        Assert.Equal(s_shaders.Keys.Order(), EmbeddedShaders.Names.Select(n => n.Split('.')[0]).Distinct().Order());

    [Theory]
    [MemberData(nameof(Binaries))]
    public void PushConstantsAgree(string binary)
    {
        (Type? push, int addresses, _) = s_shaders[binary.Split('.')[0]];
        var expected = Enumerable.Range(0, addresses).Select(i => (8 * i, typeof(ulong))).ToList();
        foreach (FieldInfo field in push?.GetFields(BindingFlags.Public | BindingFlags.Instance) ?? [])
            expected.Add((8 * addresses + (int)Marshal.OffsetOf(push!, field.Name), field.FieldType));
        Assert.Equal(expected, new SpirvReflection(EmbeddedShaders.Read(binary)).PushConstants);
    }

    [Theory]
    [MemberData(nameof(Binaries))]
    public void SpecializationConstantsAreNumberedFromZero(string binary)
    {
        int count = s_shaders[binary.Split('.')[0]].Specialization;
        // Multiply-adds have no fragments, of which constant 15 tells how many sides there are, and 16 how they lie.
        IEnumerable<uint> ids = Enumerable.Range(0, count).Where(id => id is not (15 or 16) || !binary.Contains("_fma", StringComparison.Ordinal)).Select(id => (uint)id);
        // The matrix kernels' size of a workgroup is one constant that the module has twice.
        Assert.Equal(ids, new SpirvReflection(EmbeddedShaders.Read(binary)).SpecializationIds.Distinct().Order());
    }
}
