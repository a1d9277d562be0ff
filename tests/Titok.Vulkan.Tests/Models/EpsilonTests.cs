using System.Runtime.InteropServices;
using Titok.Vulkan.Checkpoints;
using Titok.Vulkan.Graphs;
using Titok.Vulkan.Kernels;
using Titok.Vulkan.Models;

namespace Titok.Vulkan.Tests.Models;

/// <summary>What norms add to a variance in the published code, where the goldens' variances are too large to tell.</summary>
public class EpsilonTests
{
    private static readonly KernelProfile s_portable = new(KernelForm.Portable, DataType.Float32);

    [Theory]
    [InlineData("L-32", 1e-12f)]
    [InlineData("S-128", 1e-5f)]
    public void OfAGenerator(string name, float epsilon) =>
        Assert.Equal([epsilon], LayerNorms(new GeneratorPlans(PublishedPair.Find(name).Generator, s_portable).Step(1, 1, guided: true)));

    [Fact]
    public void OfATokenizer()
    {
        var plans = new TokenizerPlans(PublishedPair.Find("L-32").Tokenizer, s_portable);
        ExecutionPlan decode = plans.Decode(1);
        Assert.Equal([1e-5f], LayerNorms(plans.Encode(1)));
        Assert.Equal([1e-5f], LayerNorms(decode));
        Assert.Equal([1e-6f], Of<GroupNormPartsKernel.CombinePush>(decode, "group_norm_combine").Select(push => push.Epsilon).Distinct());
    }

    private static IEnumerable<float> LayerNorms(ExecutionPlan plan) => Of<LayerNormKernel.Push>(plan, "layer_norm").Select(push => push.Epsilon).Distinct();

    private static IEnumerable<T> Of<T>(ExecutionPlan plan, string program)
        where T : unmanaged =>
        plan.Dispatches.Where(dispatch => dispatch.Call.Program.StartsWith(program, StringComparison.Ordinal))
            .Select(dispatch => MemoryMarshal.Read<T>(dispatch.Call.PushConstants.AsSpan()));
}
