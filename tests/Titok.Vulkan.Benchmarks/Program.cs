using System.Globalization;
using System.Text.Json;
using Titok.Vulkan;
using Titok.Vulkan.Benchmarks;
using Titok.Vulkan.Checkpoints;
using Titok.Vulkan.Engine;
using Titok.Vulkan.Gpu;
using Titok.Vulkan.Graphs;
using Titok.Vulkan.Kernels;

// Times single ops at the published models' shapes on a device, a line of JSON each:
//
//     Titok.Vulkan.Benchmarks [fp32|fp16] [int8] [portable|fma] [WORD]
//     Titok.Vulkan.Benchmarks attention|chains|kernels [WORD]
//     Titok.Vulkan.Benchmarks tiles [WORD [TILE]]
//
// With int8 the linear layers' weights are kept so, and with `portable` or `fma` kernels are of that form, whichever is the
// fastest. `tiles` times linear layers by each tile of the matrix kernels, and by warpgroups where there are any, instead,
// `attention` times attention by each of its forms on matrix units, and `chains` blocks of transformers with barriers between launches and,
// where the device has kernels for it, in chains. `kernels` runs nothing: it builds every kernel that an op may be
// given and prints what the driver's compiler says of each, such as registers and spills (VK_KHR_pipeline_executable_properties);
// it fails if the driver refuses one. WORD picks the ops whose name has it, TILE the tiles, such as warpgroups. TITOK_DEVICE picks a
// device. A plain program rather than a framework's: it has to run where there is no .NET SDK, beside its peers, which are measured the
// same way.
var activation = args.Contains("fp16") ? DataType.Float16 : DataType.Float32;
string[] words = [.. args.Where(a => a is not ("fp16" or "fp32" or "int8" or "portable" or "fma" or "tiles" or "attention" or "chains" or "kernels"))];
string? word = words.FirstOrDefault();
using GpuInstance instance = GpuInstance.Create();
using GpuDevice device = DeviceOpening.Open(
    instance,
    DeviceSelection.Choose(instance.PhysicalDevices, Environment.GetEnvironmentVariable("TITOK_DEVICE")),
    new GpuDeviceOptions { KeepStatistics = args.Contains("kernels") });
if (args.Contains("kernels"))
{
    Console.Error.WriteLine(device.Physical);
    return Kernels();
}
if (args.Contains("tiles") || args.Contains("attention") || args.Contains("chains"))
{
    Console.Error.WriteLine(device.Physical);
    if (KernelSupport.MatrixUnitsOf(device.Physical) is { } unit)
        return args.Contains("tiles") ? Tiles(unit) : args.Contains("attention") ? AttentionForms(unit) : Chains(unit);
    Console.Error.WriteLine($"{device.Physical.Name} has no matrix units that multiply fp16");
    return 1;
}
KernelForm? form = args.Contains("portable") ? KernelForm.Portable : args.Contains("fma") ? KernelForm.MultiplyAdd : null;
if (form == KernelForm.MultiplyAdd && (activation != DataType.Float16 || KernelSupport.MultiplyAddsOf(device.Physical) is null))
{
    Console.Error.WriteLine($"fma is for fp16, on a device that stores it: {device.Physical.Name}, {activation}");
    return 1;
}
KernelProfile profile = form is { } told
    ? new KernelProfile(told, activation) { Unit = activation == DataType.Float16 ? KernelSupport.UnitOf(device.Physical, told) : null }
    : KernelForms.ProfileFor(device, activation, SearchOptions.Thorough);
profile = profile with { Int8Weights = args.Contains("int8") };
Console.Error.WriteLine($"{device.Physical}, {profile}");
foreach (Op op in Op.All.Where(op => word is null || op.Name.Contains(word, StringComparison.Ordinal)))
{
    OpTime time = OpTime.Measure(device, profile, op);
    Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $$"""{"peer":"titok","op":"{{JsonEncodedText.Encode(op.Name)}}","precision":"{{profile.Suffix}}","int8_weights":{{(profile.Int8Weights ? "true" : "false")}},"form":"{{profile.Form}}","ms":{{time.MedianMilliseconds:f3}},"least_ms":{{time.LeastMilliseconds:f3}},"gflops":{{time.Operations / time.MedianMilliseconds / 1e6:f1}},"gbytes_per_second":{{time.Bytes / time.MedianMilliseconds / 1e6:f1}}}"""));
}
return 0;

int Kernels()
{
    int refused = 0;
    foreach (OpKernel kernel in OpKernel.All(device.Physical).Where(k => word is null || k.Op.Contains(word, StringComparison.Ordinal)))
    {
        string head = $$"""{"op":"{{JsonEncodedText.Encode(kernel.Op)}}","form":"{{kernel.Form}}","kernel":"{{kernel.Call.Program}}","constants":[{{string.Join(',', kernel.Call.Specialization)}}],""";
        try
        {
            Console.WriteLine($$"""{{head}}"statistics":{{Statistics(KernelCallRecording.ProgramOf(device, kernel.Call))}}""" + "}");
        }
        catch (TitokException e)
        {
            refused++;
            Console.WriteLine($$"""{{head}}"refused":"{{JsonEncodedText.Encode(e.Message)}}"}""");
        }
    }
    return refused > 0 ? 1 : 0;
}

// An object without members where the driver does not tell.
string Statistics(GpuProgram program)
{
    if (!device.KeepsStatistics)
        return "{}";
    IEnumerable<string> members = PipelineStatisticsQuery.Of(program)
        .Select(s => string.Create(CultureInfo.InvariantCulture, $"\"{JsonEncodedText.Encode(s.Name)}\":{s.Value}"));
    return "{" + string.Join(',', members) + "}";
}

int AttentionForms(GemmUnit unit)
{
    foreach (Op op in Op.Attentions.Where(op => word is null || op.Name.Contains(word, StringComparison.Ordinal)))
    {
        foreach (AttentionForm form in KernelSupport.AttentionForms(device.Physical, unit))
        {
            OpTime time = OpTime.Measure(device, new KernelProfile(KernelForm.Matrix, DataType.Float16) { Unit = unit.With(form) }, op);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $$"""{"op":"{{op.Name}}","form":"{{form}}","ms":{{time.MedianMilliseconds:f4}},"least_ms":{{time.LeastMilliseconds:f4}},"gflops":{{time.Operations / time.MedianMilliseconds / 1e6:f1}}}"""));
        }
    }
    return 0;
}

int Chains(GemmUnit unit)
{
    const int Layers = 4, Heads = 16;
    GemmUnit used = KernelForms.ProfileFor(device, DataType.Float16, SearchOptions.Thorough).Unit is { Form: KernelForm.Matrix } found ? found : unit;
    foreach ((int batch, int tokens, int width) in ((int, int, int)[])[(2, 33, 768), (2, 129, 1024), (1, 289, 1024), (8, 33, 768)])
    {
        string name = $"{Layers} blocks of {width}, {batch}x{tokens} tokens";
        if (word is not null && !name.Contains(word, StringComparison.Ordinal))
            continue;
        var size = new TransformerSize(width, Layers, Heads, 4 * width);
        KernelCall[][] forms =
        [
            .. ((bool[])[false, true]).Select(chains => TransformerCalls.Of(KernelProfile.Of(used with { ChainsLaunches = chains }), batch, tokens, size))
                .Where((calls, chains) => chains == 0 || calls.Any(call => call.IsChained)),
        ];
        double[] seconds = AlternatingRuns.LeastSeconds(device, forms, leastSeconds: 0.2, leastRounds: 20, maxSeconds: 2, () => { });
        foreach ((KernelCall[] calls, double least) in forms.Zip(seconds))
        {
            string form = calls.Any(call => call.IsChained) ? "chains" : "barriers";
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $$"""{"op":"{{name}}","form":"{{form}}","ms":{{1e3 * least:f4}},"launches":{{calls.Length}},"gflops":{{calls.Sum(call => call.Operations) / least / 1e9:f1}}}"""));
        }
    }
    return 0;
}

int Tiles(GemmUnit unit)
{
    var matrix = KernelProfile.Of(unit);
    foreach (TileProduct product in TileProduct.All.Where(p => word is null || p.Name.Contains(word, StringComparison.Ordinal)))
    {
        foreach (GemmTile tile in product.Tiles(unit))
            Print(product, TileProduct.Describe(tile, unit), tile.WeightSteps, product.Call(matrix, tile));
        foreach (WarpgroupBlock block in KernelSupport.MayUseWarpgroups(device.Physical, unit) ? WarpgroupBlock.Linears : [])
        {
            foreach ((int parts, KernelCall call) in product.Calls(matrix, block))
                Print(product, $"{block.Rows}x{block.Columns} by warpgroups, {parts} parts", 0, call);
        }
    }
    return 0;

    void Print(TileProduct product, string tile, int weightSteps, KernelCall call)
    {
        if (words.Length > 1 && !tile.Contains(words[1], StringComparison.Ordinal))
            return;
        // There are many of them.
        OpTime time = OpTime.Measure(device, [call], product.Operations, enoughSeconds: 0.1);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $$"""{"op":"{{product.Name}}","tile":"{{tile}}","weight_steps":{{weightSteps}},"ms":{{time.MedianMilliseconds:f4}},"gflops":{{time.Operations / time.MedianMilliseconds / 1e6:f1}}}"""));
    }
}
