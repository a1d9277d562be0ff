using Titok.Vulkan.Gpu;
using Titok.Vulkan.Graphs;
using Titok.Vulkan.Kernels;

namespace Titok.Vulkan.Engine;

/// <summary>Which kernels a device is given: found out once, and remembered.</summary>
internal static class KernelForms
{
    /// <summary>
    /// What was found out in this process, by device and driver, since a host may make many devices; and by what there
    /// is to choose from, since a host may enable less than there is.
    /// </summary>
    private static readonly Dictionary<(string Name, string Driver, int Support), KernelChoice> s_chosen = [];

    /// <summary>One thread finds out at a time: two that measure would measure each other.</summary>
    private static readonly Lock s_lock = new();

    /// <summary>The kernels for a storage type on this device.</summary>
    public static KernelProfile ProfileFor(GpuDevice device, DataType activation, SearchOptions options)
    {
        // All that there is to choose from on a GPU is for fp16.
        if (activation != DataType.Float16 && device.Physical.Type != TitokDeviceType.Cpu)
            return new KernelProfile(KernelForm.Portable, activation);
        return Choose(device, options).ProfileFor(activation);
    }

    /// <summary>
    /// Found out once for a device and driver (<see cref="KernelSearch"/>): remembered in the process, and beside the pipeline
    /// cache.
    /// </summary>
    private static KernelChoice Choose(GpuDevice device, SearchOptions options)
    {
        GpuPhysicalDevice physical = device.Physical;
        (string, string, int) key = (physical.Name, physical.Driver, KernelSupport.SupportOf(physical));
        lock (s_lock)
        {
            // A host may keep a CPU busy with frames while forms are measured on it.
            bool isKept = device.Host is null || physical.Type != TitokDeviceType.Cpu;
            var file = KernelChoiceFile.For(device);
            if (s_chosen.TryGetValue(key, out KernelChoice? chosen))
            {
                if (isKept && !file.IsThere)
                    file.Write(chosen);
                return chosen;
            }
            if (file.Read() is not { } choice)
            {
                choice = KernelSearch.FindOut(device, options);
                // What there was no memory to try is tried again by the next model.
                if (!choice.IsComplete)
                    return choice;
                if (isKept)
                    file.Write(choice);
            }
            // Not added: who is told of progress may have loaded a model meanwhile.
            s_chosen[key] = choice;
            return choice;
        }
    }
}
