using System.Runtime.InteropServices;
using Titok.Vulkan.Kernels;
using Titok.Vulkan.Models;

namespace Titok.Vulkan.Engine;

/// <summary>
/// What a request says, as the shaders read it and as it lies in the loop's buffer. Written over for the next request, so
/// that none allocates.
/// </summary>
internal sealed class SamplingInput(SamplingLayout layout, int batch, int latents, int maskId)
{
    private readonly byte[] _bytes = new byte[layout.SizeInBytes];

    /// <summary>All of it; the step's counter is 0.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>Of each step.</summary>
    public ReadOnlySpan<StepSettings> Settings => Part<StepSettings>(GeneratorPlans.Settings)[..Steps];

    public int Steps { get; private set; }

    /// <summary>Takes pictures [first, first + batch) of a request, which has been checked.</summary>
    public void Set(GenerationRequest request, int first)
    {
        Span<uint> classes = Part<uint>(GeneratorPlans.Classes), ids = Part<uint>(GeneratorPlans.Ids);
        for (int picture = 0; picture < batch; picture++)
            classes[picture] = (uint)request.Classes[first + picture];
        SetSeed(unchecked(request.Seed + (ulong)first));
        for (int index = 0; index < ids.Length; index++)
        {
            int known = request.KnownTokens is { } tokens ? tokens[first * latents + index] : -1;
            ids[index] = (uint)(known < 0 ? maskId : known);
        }
        Steps = request.Settings.Steps;
        SamplingSchedule.Fill(request.Settings, latents, Part<StepSettings>(GeneratorPlans.Settings));
    }

    /// <summary>Changes the seeds and leaves the rest.</summary>
    public void SetSeed(ulong seed) => PictureSeeds.Write(Part<byte>(GeneratorPlans.Seeds), seed, batch);

    private Span<T> Part<T>(string name)
        where T : unmanaged
    {
        (long offset, long size) = layout[name];
        return MemoryMarshal.Cast<byte, T>(_bytes.AsSpan((int)offset, (int)size));
    }
}
