using Titok.Vulkan.Engine;
using Titok.Vulkan.Gpu;
using Titok.Vulkan.Graphs;
using Titok.Vulkan.Kernels;

namespace Titok.Vulkan.Benchmarks;

/// <summary>A kernel that one of the models' ops may be given on a device, to look at what its driver makes of it.</summary>
/// <param name="Op">The op, and how it is made where there are several ways.</param>
/// <param name="Form">Whose kernels.</param>
/// <param name="Call">Program and constants.</param>
internal sealed record OpKernel(string Op, string Form, KernelCall Call)
{
    /// <summary>
    /// The portable ones, those of multiply-adds, and where there are matrix units theirs, with weights as fragments and in panels, by
    /// the tile that suits the product and by all others; each once.
    /// </summary>
    public static IEnumerable<OpKernel> All(GpuPhysicalDevice device)
    {
        var profiles = new List<(string Form, KernelProfile Profile)> { ("portable", new KernelProfile(KernelForm.Portable, DataType.Float32)) };
        if (device.Features.Storage16Bit)
            profiles.Add(("portable", new KernelProfile(KernelForm.Portable, DataType.Float16)));
        if (KernelSupport.MultiplyAddsOf(device) is { } multiplyAdds)
            profiles.Add(("multiply-adds", Blocks(multiplyAdds)));
        if (KernelSupport.MatrixUnitsOf(device) is { } unit)
        {
            foreach (AttentionForm form in KernelSupport.AttentionForms(device, unit))
            {
                profiles.Add(("panels", Blocks(unit.WithFragments(false).With(form))));
                if (unit.MayKeepFragments)
                    profiles.Add(("fragments", Blocks(unit.WithFragments(true).With(form))));
            }
        }
        IEnumerable<OpKernel> kernels = profiles.SelectMany(p => Ops(p.Form, p.Profile).Concat(p.Profile.Unit is { } tiled ? Tiles(p.Form, p.Profile, tiled) : []));
        return kernels.DistinctBy(k => (k.Call.Program, string.Join(',', k.Call.Specialization)));
    }

    private static KernelProfile Blocks(GemmUnit unit) => new(unit.Form, DataType.Float16) { Unit = unit };

    private static IEnumerable<OpKernel> Ops(string form, KernelProfile profile) =>
        from op in Benchmarks.Op.All
        from call in op.Calls(profile)
        select new OpKernel(op.Name, form, call);

    private static IEnumerable<OpKernel> Tiles(string form, KernelProfile profile, GemmUnit unit) =>
        from product in TileProduct.All
        from tile in product.Tiles(unit)
        select new OpKernel($"{product.Name} by {TileProduct.Describe(tile, unit)}", form, product.Call(profile, tile));
}
