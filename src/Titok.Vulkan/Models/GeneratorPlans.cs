using Titok.Vulkan.Checkpoints;
using Titok.Vulkan.Graphs;
using Titok.Vulkan.Kernels;

namespace Titok.Vulkan.Models;

/// <summary>One step of the sampling loop as a plan. It is replayed for every step: what differs lies in its buffers.</summary>
internal sealed class GeneratorPlans(GeneratorSpec spec, KernelProfile profile)
{
    /// <summary>Token ids [B, K], before and after the step; V is the mask.</summary>
    public const string Ids = "ids";

    /// <summary>Token ids [B, K] with a guess for every position that is masked still.</summary>
    public const string Candidates = "candidates";

    /// <summary>Class of each picture, [B].</summary>
    public const string Classes = "classes";

    /// <summary>[4]; the first counts the steps.</summary>
    public const string State = "state";

    /// <summary><see cref="StepSettings"/> of every step.</summary>
    public const string Settings = "settings";

    /// <summary>Seed of each picture, [B, 2]: low half, high half.</summary>
    public const string Seeds = "seeds";

    /// <summary>Ids after every step, [steps, B, K].</summary>
    public const string History = "history";

    public ExecutionPlan Step(int batch, int steps, bool guided, bool keepStages = false)
    {
        var graph = new Graph(guided ? "step with guidance" : "step", profile);
        Tensor ids = graph.External(Ids, DataType.UInt32, batch, spec.LatentTokens);
        Tensor classes = graph.External(Classes, DataType.UInt32, batch);
        IGeneratorNetwork network = spec.Kind == GeneratorKind.Bert ? new BertGenerator(graph, spec) : new UViTGenerator(graph, spec);
        Tensor logits = graph.Stage("logits", network.Build(ids, classes, guided));
        graph.SamplingStep(
            "step",
            logits,
            ids,
            graph.External(Candidates, DataType.UInt32, batch, spec.LatentTokens),
            graph.External(State, DataType.UInt32, 4),
            graph.External(Settings, DataType.UInt32, steps, StepSettings.SizeInBytes / sizeof(uint)),
            graph.External(Seeds, DataType.UInt32, batch, 2),
            graph.External(History, DataType.UInt32, steps, batch, spec.LatentTokens));
        return graph.Compile(keepStages);
    }
}
