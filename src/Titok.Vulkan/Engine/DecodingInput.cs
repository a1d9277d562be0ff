using Titok.Vulkan.Kernels;
using Titok.Vulkan.Models;

namespace Titok.Vulkan.Engine;

/// <summary>What a request says, as the shaders read it. Written over for the next request, so that none allocates.</summary>
internal sealed class DecodingInput(int batch, int latents, int stepCapacity, int maskId)
{
    /// <summary>Class of each picture.</summary>
    public uint[] Classes { get; } = new uint[batch];

    /// <summary>Seed of each picture: low half, high half.</summary>
    public byte[] Seeds { get; } = new byte[batch * sizeof(ulong)];

    /// <summary>Ids [B, K] to start from: the known ones, and the mask.</summary>
    public uint[] Ids { get; } = new uint[batch * latents];

    /// <summary>Of each step.</summary>
    public StepSettings[] Settings { get; } = new StepSettings[stepCapacity];

    public int Steps { get; private set; }

    /// <summary>Takes pictures [first, first + batch) of a request, which has been checked.</summary>
    public void Set(GenerationRequest request, int first)
    {
        for (int picture = 0; picture < batch; picture++)
            Classes[picture] = (uint)request.Classes[first + picture];
        SetSeed(unchecked(request.Seed + (ulong)first));
        for (int index = 0; index < Ids.Length; index++)
        {
            int known = request.KnownTokens is { } tokens ? tokens[first * latents + index] : -1;
            Ids[index] = (uint)(known < 0 ? maskId : known);
        }
        GenerationPreset settings = request.Settings;
        Steps = settings.Steps;
        DecodingSchedule.Fill(
            Settings.AsSpan(0, Steps), latents, settings.Guidance, settings.Decay, settings.GuidancePower, settings.Temperature, settings.Anneal);
    }

    /// <summary>Changes the seeds and leaves the rest.</summary>
    public void SetSeed(ulong seed) => PictureSeeds.Write(Seeds, seed, batch);
}
