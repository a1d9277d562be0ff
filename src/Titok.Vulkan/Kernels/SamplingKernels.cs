using Titok.Vulkan.Graphs;

namespace Titok.Vulkan.Kernels;

/// <summary>One step of the sampling loop after the logits: choose tokens, mask the least certain again, count the step.</summary>
internal static class SamplingKernels
{
    internal struct SamplePush
    {
        public uint Images;
        public uint Latents;
        public uint Codes;
        public uint Guided;
    }

    internal struct RemaskPush
    {
        public uint Images;
        public uint Latents;
        public uint Codes;
    }

    /// <summary>Chooses candidates[B, K] and their confidence[B, K] from logits[B or 2B, K, V].</summary>
    public static KernelCall CreateSample(
        Tensor logits, Tensor ids, Tensor state, Tensor settings, Tensor seeds, Tensor candidates, Tensor confidence) =>
        new("sample_tokens",
            [],
            [
                new(logits, Access.Read), new(ids, Access.Read), new(state, Access.Read), new(settings, Access.Read),
                new(seeds, Access.Read), new(candidates, Access.Write), new(confidence, Access.Write),
            ],
            PushConstants.Of(new SamplePush
            {
                Images = (uint)ids.Shape[0],
                Latents = (uint)ids.Shape[1],
                Codes = (uint)logits.Shape[2],
                Guided = logits.Shape[0] == ids.Shape[0] ? 0u : 1u,
            }),
            GroupCount.Line(ids.Shape.Count));

    public static KernelCall CreateRemask(
        Tensor candidates, Tensor confidence, Tensor ids, Tensor state, Tensor settings, Tensor history, int codes) =>
        new("remask",
            [],
            [
                new(candidates, Access.Read), new(confidence, Access.Read), new(ids, Access.ReadWrite),
                new(state, Access.Read), new(settings, Access.Read), new(history, Access.Write),
            ],
            PushConstants.Of(new RemaskPush
            {
                Images = (uint)ids.Shape[0],
                Latents = (uint)ids.Shape[1],
                Codes = (uint)codes,
            }),
            GroupCount.Line(ids.Shape[0]));

    public static KernelCall CreateAdvance(Tensor state) =>
        new("advance_step", [], [new(state, Access.ReadWrite)], [], new GroupCount(1, 1, 1));
}
