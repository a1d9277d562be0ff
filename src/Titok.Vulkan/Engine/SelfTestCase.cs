using System.Runtime.InteropServices;
using Titok.Vulkan.Gpu;
using Titok.Vulkan.Graphs;

namespace Titok.Vulkan.Engine;

/// <summary>
/// An op on random numbers, by kernels that are trusted and by others. Values of the same name have the same contents; those that a
/// call makes are its own. What the last call writes is compared.
/// </summary>
/// <param name="expected">The trusted calls.</param>
/// <param name="actual">The others.</param>
internal sealed class SelfTestCase(KernelCall[] expected, KernelCall[] actual)
{
    /// <summary>
    /// Relative length of the difference that is still right. Both sides add up the same fp16 products in fp32 and round
    /// the result to fp16, which costs up to 2^-11 where they round apart.
    /// </summary>
    private const double Bound = 1e-3;

    /// <summary>A prime, so that no row of a matrix is like another.</summary>
    private const int DifferentNumbers = 65521;

    /// <summary>Name of a weight, fp16 [N, K + 4], behind whose panels stand the fp32 sums and biases of a folded norm, N of each.</summary>
    public const string FoldedWeight = "folded weight";

    /// <summary>Halves in the panels of such a weight; what follows them are floats.</summary>
    public int FoldedPanels { get; init; }

    /// <summary>How often the others run, for what does not always go wrong.</summary>
    public int Runs { get; init; } = 1;

    /// <summary>Whether both add up the same in the same order.</summary>
    public bool IsExact { get; init; }

    public IEnumerable<KernelCall> Calls => [.. expected, .. actual];

    /// <summary>Whether all agree. Not either where the driver refuses to build a kernel, which is no reason to fail.</summary>
    public static bool AllAgree(GpuDevice device, SearchOptions options, IEnumerable<SelfTestCase> cases)
    {
        try
        {
            return cases.All(c =>
            {
                options.Pause();
                return c.Agrees(device);
            });
        }
        catch (TitokException e) when (e.IsRefusal(device))
        {
            return false;
        }
    }

    public bool Agrees(GpuDevice device)
    {
        float[] wanted = Compute(device, expected, runs: 1)[0];
        return Compute(device, actual, Runs).All(found => Agree(wanted, found));
    }

    private bool Agree(float[] wanted, float[] found)
    {
        double error = 0, norm = 0;
        for (int i = 0; i < wanted.Length; i++)
        {
            double value = wanted[i], difference = found[i] - value;
            error += difference * difference;
            norm += value * value;
        }
        // Also false where a number is not one.
        return norm > 0 && Math.Sqrt(error / norm) <= (IsExact ? 0 : Bound);
    }

    private float[][] Compute(GpuDevice device, KernelCall[] calls, int runs)
    {
        var random = new Random(1);
        var contents = new Dictionary<Value, byte[]>();
        // By name, since a form may have more of them than another.
        IEnumerable<Value> given = ValuesWith(calls, Access.Read).Except(ValuesWith(calls, Access.Write)).Where(v => v.Kind != ValueKind.Counters);
        foreach (Value value in given.OrderBy(v => v.Name, StringComparer.Ordinal))
            contents.Add(value, RandomBytes(value, random));
        using var run = new ScratchRun(device, calls, contents);
        Tensor result = calls[^1].Bindings.First(b => b.Access == Access.Write).Tensor;
        return [.. Enumerable.Range(0, runs).Select(_ =>
        {
            run.Run();
            return run.Read(result);
        })];
    }

    private static IEnumerable<Value> ValuesWith(KernelCall[] calls, Access access) =>
        calls.SelectMany(c => c.Bindings).Where(b => b.Access == access).Select(b => b.Tensor.Value).Distinct();

    private byte[] RandomBytes(Value value, Random random)
    {
        int count = (int)(value.SizeInBytes / value.Type.SizeInBytes());
        if (value.Type == DataType.Float32)
            return Floats(count);
        int halves = value.Name == FoldedWeight ? FoldedPanels : count;
        return [.. Repeated(Array.ConvertAll(Numbers(halves), f => (Half)f), halves), .. Floats((count - halves) / 2)];

        float[] Numbers(int length) => [.. Enumerable.Range(0, Math.Min(length, DifferentNumbers)).Select(_ => random.NextSingle() - 0.5f)];

        byte[] Floats(int length) => Repeated(Numbers(length), length);
    }

    /// <summary>So many elements, some again and again: a weight has millions.</summary>
    private static byte[] Repeated<T>(T[] some, int length)
        where T : unmanaged
    {
        var all = new T[length];
        for (int first = 0; first < length; first += some.Length)
            some.AsSpan(0, Math.Min(some.Length, length - first)).CopyTo(all.AsSpan(first));
        return MemoryMarshal.AsBytes(all.AsSpan()).ToArray();
    }
}
