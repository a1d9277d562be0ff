namespace Titok.Vulkan.Graphs;

/// <summary>What a kernel call has to do, from the sizes of its tensors, each of which counts whole.</summary>
/// <param name="Operations">Multiplications and additions of matrix products, convolutions and attention; 0 for all else.</param>
/// <param name="Bytes">Bytes of all its tensors, each read or written once.</param>
internal readonly record struct KernelWork(double Operations, double Bytes)
{
    public static KernelWork Of(KernelCall call)
    {
        double bytes = 0, operations = 0;
        // The first that is written; what follows it are statistics, or the kernel's own.
        Tensor y = call.Bindings.First(b => b.Access != Access.Read).Tensor;
        foreach (Tensor tensor in call.Bindings.Select(b => b.Tensor).DistinctBy(t => (t.Value, t.OffsetInBytes)))
            bytes += tensor.SizeInBytes;
        foreach (Tensor weight in call.Bindings.Select(b => b.Tensor).DistinctBy(t => t.Value))
        {
            // A matrix or a convolution's kernel meets every row or pixel of the output.
            if (weight is { Value: { Kind: ValueKind.Weight, Weight.Layout: not WeightLayout.Plain }, Shape.Rank: >= 2 })
                operations += 2.0 * weight.Shape.Count * y.Shape.Rows;
        }
        // Attention has no weight: every token of a row meets all others.
        if (call.Program.StartsWith("attention", StringComparison.Ordinal))
            operations += 4.0 * y.Shape.Count * y.Shape[1];
        return new KernelWork(operations, bytes);
    }
}
