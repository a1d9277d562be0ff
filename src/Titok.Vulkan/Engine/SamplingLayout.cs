using Titok.Vulkan.Graphs;
using Titok.Vulkan.Kernels;
using Titok.Vulkan.Models;

namespace Titok.Vulkan.Engine;

/// <summary>Where all that a request says lies in the one buffer that it is written to.</summary>
internal sealed class SamplingLayout
{
    private readonly Dictionary<string, (long Offset, long Size)> _parts = [];

    /// <param name="batch">Pictures.</param>
    /// <param name="latents">Tokens a picture.</param>
    /// <param name="stepCapacity">Steps that there is room for.</param>
    public SamplingLayout(int batch, int latents, int stepCapacity)
    {
        Add(GeneratorPlans.State, 4 * sizeof(uint));
        Add(GeneratorPlans.Classes, batch * sizeof(uint));
        Add(GeneratorPlans.Seeds, batch * sizeof(ulong));
        Add(GeneratorPlans.Settings, stepCapacity * StepSettings.SizeInBytes);
        Add(GeneratorPlans.Ids, (long)batch * latents * sizeof(uint));
    }

    /// <summary>The names of the parts, which are those of the plans' buffers.</summary>
    public IEnumerable<string> Names => _parts.Keys;

    public long SizeInBytes { get; private set; }

    /// <summary>Offset and size of a part, in bytes.</summary>
    public (long Offset, long Size) this[string name] => _parts[name];

    private void Add(string name, long sizeInBytes)
    {
        _parts.Add(name, (SizeInBytes, sizeInBytes));
        SizeInBytes += ArenaPlanner.Align(sizeInBytes);
    }
}
