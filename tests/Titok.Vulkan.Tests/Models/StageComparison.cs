using Titok.Vulkan.Engine;
using Titok.Vulkan.Gpu;
using Titok.Vulkan.Graphs;
using Titok.Vulkan.Kernels;

namespace Titok.Vulkan.Tests.Models;

/// <summary>Compares every stage that a plan kept with the golden of the same name.</summary>
internal static class StageComparison
{
    /// <param name="compared">The golden's stages that are expected to be among the plan's, so that none drops out when either is renamed.</param>
    public static void AssertAll(
        GpuDevice device, ExecutionPlan plan, PlanInstance instance, GoldenModel golden, KernelProfile profile, Func<string, string> goldenName,
        IEnumerable<string> compared)
    {
        var found = new List<string>();
        foreach ((string stage, Tensor tensor) in plan.Stages.OrderBy(s => s.Key, StringComparer.Ordinal))
        {
            string name = goldenName(stage);
            if (!golden.StageNames.Contains(name))
                continue;
            IReadOnlyList<int> shape = golden.ShapeOf(name);
            float[] expected = GoldenLayout.Bring(name, golden.Floats(name), shape);
            float[] actual = GoldenModel.DownloadFloats(device, instance.StageRange(stage), tensor.Type);
            int channels = tensor.Shape[-1];

            // The last layer keeps only what is read of it: generators and decoders what stands behind the class token, the
            // encoder the latents at the end. And guidance adds unconditional rows at the end.
            if (shape.Count == 3)
            {
                (int batch, int tokens) = GoldenLayout.IsTimeFirst(name) ? (shape[1], shape[0]) : (shape[0], shape[1]);
                int kept = tensor.Shape[1], first = name.StartsWith("encoder.", StringComparison.Ordinal) ? tokens - kept : 1;
                if (kept < tokens)
                    expected = GoldenLayout.Tokens(expected, first, kept, batch, tokens, channels);
            }
            if (actual.Length == 2 * expected.Length)
                actual = actual[..expected.Length];

            Closeness.AssertRelativeL2(stage, expected, actual, Profiles.StageBound(profile));
            found.Add(name);
        }
        Assert.Equal(compared.Order(StringComparer.Ordinal), found.Order(StringComparer.Ordinal));
    }
}
