namespace Titok.Vulkan.Graphs;

/// <summary>What a kernel call has to do.</summary>
/// <param name="Operations"><see cref="KernelCall.Operations"/>.</param>
/// <param name="Bytes">Bytes of all its tensors, each read or written once.</param>
internal readonly record struct KernelWork(double Operations, double Bytes)
{
    public static KernelWork Of(KernelCall call)
    {
        double bytes = 0;
        foreach (Tensor tensor in call.Bindings.Select(b => b.Tensor).DistinctBy(t => (t.Value, t.OffsetInBytes)))
            bytes += tensor.SizeInBytes;
        return new KernelWork(call.Operations, bytes);
    }
}
