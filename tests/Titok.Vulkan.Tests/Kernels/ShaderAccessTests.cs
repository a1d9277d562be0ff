using Titok.Vulkan.Checkpoints;
using Titok.Vulkan.Graphs;
using Titok.Vulkan.Kernels;
using Titok.Vulkan.Models;
using Titok.Vulkan.Tests.Models;

namespace Titok.Vulkan.Tests.Kernels;

/// <summary>
/// What kernels' calls say that is read and written, by which barriers are placed, against what their shaders may do. Not of
/// buffers that a shader reads by address, of which its binary says nothing that can be told by binding.
/// </summary>
public class ShaderAccessTests
{
    private static readonly GemmUnit s_unit = new(16, 16, 16, 32, 48 << 10) { MaxSubgroups = 32 };

    /// <summary>Statistics that the kernel gathers for later ones, or, as a specialization constant says, takes from an earlier one.</summary>
    private static readonly (string Shader, int Binding)[] s_eitherWay = [("linear_matrix", 5), ("linear_fma", 5)];

    private static readonly KernelProfile[] s_profiles =
    [
        .. from form in new[] { KernelForm.Portable, KernelForm.CpuUniform, KernelForm.CpuLanes }
           from type in new[] { DataType.Float32, DataType.Float16 }
           select new KernelProfile(form, type),
        new(KernelForm.Matrix, DataType.Float16) { Unit = s_unit },
        new(KernelForm.MultiplyAdd, DataType.Float16) { Unit = GemmUnit.OfMultiplyAdds(32 << 10, maxInvocations: 1024) },
        new(KernelForm.Matrix, DataType.Float16) { Unit = s_unit with { WeightFragments = true } },
        new(KernelForm.Matrix, DataType.Float16) { Unit = s_unit.With(AttentionForm.Subgroup) },
    ];

    [Fact]
    public void CallsSayWhatTheirShadersDo()
    {
        var wrong = new SortedSet<string>(StringComparer.Ordinal);
        var programs = new HashSet<string>();
        foreach (KernelCall call in Plans().SelectMany(plan => plan.Dispatches).Select(d => d.Call)
            .DistinctBy(c => (c.Program, string.Join(',', c.Bindings.Select(b => b.Access)), string.Join(',', c.Addressed))))
        {
            programs.Add(call.Program);
            IReadOnlyDictionary<int, (bool MayRead, bool MayWrite)> buffers = new SpirvReflection(EmbeddedShaders.Read(call.Program)).Buffers;
            for (int binding = 0; binding < call.Bindings.Length; binding++)
            {
                if (s_eitherWay.Contains((call.Program.Split('.')[0], binding)) || !buffers.TryGetValue(binding, out (bool MayRead, bool MayWrite) may))
                    continue;
                Access said = call.Bindings[binding].Access;
                if (may.MayWrite && said == Access.Read || may.MayRead && said == Access.Write || !may.MayRead && said != Access.Write || !may.MayWrite && said != Access.Read)
                    wrong.Add($"{call.Program}, binding {binding}: the call says {said}, the shader may {(may.MayRead ? "read " : "")}{(may.MayWrite ? "write" : "")}");
            }
        }
        Assert.True(wrong.Count == 0, string.Join("\n", wrong));
        Assert.True(programs.Count >= 50, $"only {programs.Count} shaders were met: {string.Join(", ", programs.Order())}");
    }

    private static IEnumerable<ExecutionPlan> Plans()
    {
        foreach (KernelProfile profile in s_profiles)
        {
            foreach (PublishedPair pair in PublishedPair.All)
            {
                yield return new TokenizerPlans(pair.Tokenizer, profile).Encode(1);
                yield return new TokenizerPlans(pair.Tokenizer, profile).Decode(2);
                foreach (bool int8 in new[] { false, true })
                {
                    foreach (bool guided in new[] { false, true })
                        yield return new GeneratorPlans(pair.Generator, profile with { Int8Weights = int8 }).Step(1, 8, guided);
                }
            }
            foreach (string name in new[] { "tokenizer_vae", "tokenizer_vq" })
            {
                using var golden = new GoldenModel(name);
                (Checkpoint checkpoint, TokenizerSpec spec) = golden.Part.OpenTokenizer();
                using (checkpoint)
                {
                    var plans = new TokenizerPlans(spec, profile);
                    yield return spec.Kind == TokenizerKind.Vae ? plans.EncodeLatents(1, sample: true) : plans.Encode(1);
                    yield return spec.Kind == TokenizerKind.Vae ? plans.DecodeLatents(1) : plans.Decode(1);
                }
            }
            var pixels = new Graph("pixels", profile);
            Tensor planes = pixels.External("planes", DataType.Float32, 1, 3, 8, 8), words = pixels.External("words", DataType.UInt32, 1, 8, 8);
            pixels.ToPixels("to", planes, words, PixelFormat.Rgba8, linear: false);
            pixels.FromPixels("from", words, planes, PixelFormat.Rgba8, linear: false);
            yield return pixels.Compile();
        }
    }
}
