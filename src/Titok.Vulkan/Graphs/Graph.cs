using System.Collections.Immutable;
using Titok.Vulkan.Kernels;

namespace Titok.Vulkan.Graphs;

/// <summary>
/// A network being described. Every op checks its shapes, makes the tensor that it returns, and notes the kernel call;
/// <see cref="Compile"/> places the tensors in memory. Nothing here touches a GPU.
/// </summary>
internal sealed partial class Graph(string name, KernelProfile profile)
{
    private readonly List<(string Label, KernelCall Call)> _calls = [];
    private readonly Dictionary<string, Value> _weights = [];
    private readonly Dictionary<string, Value> _externals = [];
    private readonly Dictionary<string, Tensor> _stages = [];
    private readonly Dictionary<ValueRange, NormedInput> _norms = [];
    private Tensor? _counters;
    private int _nextId;

    public KernelProfile Profile => profile;

    /// <summary>A buffer that whoever runs the plan provides under this name.</summary>
    public Tensor External(string externalName, DataType type, params ReadOnlySpan<int> extents)
    {
        var shape = new Shape(extents);
        if (_externals.ContainsKey(externalName))
            throw new ArgumentException($"{name}: external {externalName} is declared twice.");
        var value = new Value(_nextId++, ValueKind.External, externalName, type, shape.Count);
        _externals.Add(externalName, value);
        return new Tensor(value, shape);
    }

    /// <summary>A linear layer's weight [N, K] (PyTorch's [out, in]); several names are stacked along N.</summary>
    public Tensor Matrix(int outFeatures, int inFeatures, params ReadOnlySpan<string> names) =>
        Matrix(new WeightRequest([.. names], WeightLayout.Panels, outFeatures, inFeatures, inFeatures, 0, profile.MatrixType(inFeatures)));

    /// <summary>The same of a layer after which nothing evens its errors out: never kept as int8.</summary>
    public Tensor OutputMatrix(int outFeatures, int inFeatures, string weightName) =>
        Matrix(new WeightRequest([weightName], WeightLayout.Panels, outFeatures, inFeatures, inFeatures, 0, profile.Activation));

    /// <summary>Columns [first, first + K) of a linear layer's weight [N, M].</summary>
    public Tensor MatrixColumns(string weightName, int outFeatures, int storedColumns, int first, int count) =>
        Matrix(new WeightRequest([weightName], WeightLayout.Panels, outFeatures, count, storedColumns, first, profile.MatrixType(count)));

    /// <summary>A matrix that is stored [K, N] and used as a linear layer's weight [N, K].</summary>
    public Tensor TransposedMatrix(string weightName, int outFeatures, int inFeatures) =>
        Matrix(new WeightRequest([weightName], WeightLayout.TransposedPanels, outFeatures, inFeatures, outFeatures, 0, profile.Activation));

    /// <summary>A 3×3 convolution's weight [N, C, 3, 3]; for a doubled input [N, C, 2, 2], four times.</summary>
    public Tensor Convolution(string weightName, int outChannels, int inChannels, bool upsample = false)
    {
        WeightLayout layout = upsample ? WeightLayout.PhasePanels : WeightLayout.ConvolutionPanels;
        int taps = upsample ? 2 : 3;
        return Weight(
            new WeightRequest([weightName], layout, outChannels, inChannels, inChannels, 0, profile.Activation)
            {
                Fragments = GemmVariant.ConvolutionFragments(profile, inChannels, taps * taps),
            },
            new Shape(outChannels, inChannels, taps, taps));
    }

    /// <summary>A table or vector kept as fp32 in the file's order; several names are stacked along the first axis.</summary>
    public Tensor Table(Shape shape, params ReadOnlySpan<string> names) =>
        Weight(new WeightRequest([.. names], WeightLayout.Plain, 1, (int)shape.Count, (int)shape.Count, 0, DataType.Float32), shape);

    private Tensor Matrix(WeightRequest request) =>
        Weight(
            request with { Fragments = GemmVariant.LinearFragments(profile, request.Columns, request.Type) },
            new Shape(request.Rows, request.Columns));

    /// <summary>A constant row of zeros.</summary>
    private Tensor Zeros(int length) =>
        Weight(new WeightRequest([], WeightLayout.Zeros, 1, length, length, 0, profile.Activation), new Shape(length));

    /// <summary>A bias, or the weight of a norm.</summary>
    public Tensor Vector(int length, params ReadOnlySpan<string> names) => Table(new Shape(length), names);

    /// <summary>Names a tensor so that <see cref="Compile"/> can be asked to keep it for a look.</summary>
    public Tensor Stage(string stageName, Tensor tensor)
    {
        _stages[stageName] = tensor;
        return tensor;
    }

    /// <summary>Places everything in memory.</summary>
    /// <param name="keepStages">Keep every named stage to the end instead of reusing its memory.</param>
    public ExecutionPlan Compile(bool keepStages = false) =>
        CompileKeeping(keepStages ? _stages.ToImmutableDictionary() : ImmutableDictionary<string, Tensor>.Empty);

    /// <summary>The same, keeping one stage.</summary>
    public ExecutionPlan CompileFor(string stage) => CompileKeeping(ImmutableDictionary<string, Tensor>.Empty.Add(stage, _stages[stage]));

    private ExecutionPlan CompileKeeping(ImmutableDictionary<string, Tensor> stages)
    {
        Value[] kept = [.. stages.Values.Select(t => t.Value)];
        List<(string Label, KernelCall Call)> calls = LiveCalls(kept);
        Tensor? counters = LaunchCounters(calls.Count);
        var (offsets, sizeInBytes) = ArenaPlanner.Place([.. calls.Select(c => c.Call)], kept, counters?.Value);
        ImmutableArray<Dispatch> dispatches = BarrierPlanner.Place(calls, offsets);
        return new ExecutionPlan(
            name,
            counters is null ? dispatches : LaunchChain.Link(dispatches, counters),
            sizeInBytes,
            offsets,
            [.. calls.SelectMany(c => c.Call.Bindings).Select(b => b.Tensor.Value).Where(v => v.Kind == ValueKind.Weight).Distinct()],
            [.. _externals.Values],
            stages);
    }

    /// <summary>The calls whose results somebody reads: a norm that has been folded into all its readers is not made.</summary>
    private List<(string Label, KernelCall Call)> LiveCalls(IEnumerable<Value> kept)
    {
        var wanted = new HashSet<Value>(kept);
        var live = new List<(string Label, KernelCall Call)>();
        foreach ((string label, KernelCall call) in Enumerable.Reverse(_calls))
        {
            if (!call.Bindings.Any(b => b.Access != Access.Read && (b.Tensor.Value.Kind == ValueKind.External || wanted.Contains(b.Tensor.Value))))
                continue;
            live.Add((label, call));
            // That a call counts is no result.
            wanted.UnionWith(call.Bindings.Where(b => b.Access != Access.Write).Select(b => b.Tensor.Value).Where(v => v.Kind != ValueKind.Counters));
        }
        live.Reverse();
        return live;
    }

    private Tensor Weight(WeightRequest request, Shape shape)
    {
        if (!_weights.TryGetValue(request.Key, out Value? value))
        {
            value = new Value(_nextId++, ValueKind.Weight, request.Label, request.Type, request.Count) { Weight = request };
            _weights.Add(request.Key, value);
        }
        return new Tensor(value, shape);
    }

    private Tensor Intermediate(string label, DataType type, Shape shape) =>
        new(new Value(_nextId++, ValueKind.Intermediate, label, type, shape.Count), shape);

    /// <summary>
    /// What a product whose k is split needs, null for others. All share the counters: between two products, as both write them, stands a
    /// barrier, or a launch's wait (<see cref="LaunchChain"/>).
    /// </summary>
    public JoinedParts? PartsOf(string label, GemmVariant variant, int rows, int columns, int phases = 1)
    {
        if (variant.Parts == 1)
            return null;
        _counters ??= new Tensor(
            new Value(_nextId++, ValueKind.Counters, "counters", DataType.UInt32, JoinedParts.MaxBlocks), new Shape(JoinedParts.MaxBlocks));
        int blocks = variant.Blocks(rows, columns, phases);
        Check(blocks <= JoinedParts.MaxBlocks, label, $"{blocks} blocks in parts");
        return new JoinedParts(
            Intermediate($"{label}.parts", DataType.Float32, new Shape(blocks, variant.Parts, variant.TileRows, variant.TileColumns)), _counters);
    }

    /// <summary>Null where launches are not in chains.</summary>
    private Tensor? LaunchCounters(int calls)
    {
        if (profile.Unit is not { ChainsLaunches: true } || calls == 0)
            return null;
        int words = LaunchChain.CounterWords(calls);
        return new Tensor(new Value(_nextId++, ValueKind.Counters, "launch counters", DataType.UInt32, words), new Shape(words));
    }

    private void Add(string label, KernelCall call) => _calls.Add((label, call));

    private void Check(bool holds, string label, string expectation)
    {
        if (!holds)
            throw new ArgumentException($"{name}: {label}: {expectation}.");
    }
}
