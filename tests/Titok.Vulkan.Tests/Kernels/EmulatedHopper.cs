using System.Runtime.InteropServices;
using System.Text;
using Titok.Vulkan.Checkpoints;
using Titok.Vulkan.Engine;
using Titok.Vulkan.Gpu;
using Titok.Vulkan.Graphs;
using Titok.Vulkan.Kernels;
using Titok.Vulkan.Tests.Gpu;
using Titok.Vulkan.Tests.Models;

namespace Titok.Vulkan.Tests.Kernels;

/// <summary>
/// Runs plans for NVIDIA's Hopper GPUs where there is none: their warpgroup kernels on the device that tests/warpgroup emulates, everything
/// else on the device at hand. A kernel is given what its call binds and no more, on the host; one that reads or writes anything else, or
/// waits for ever, is an error.
/// </summary>
internal sealed unsafe class EmulatedHopper : IDisposable
{
    /// <summary>Names the library of the emulated device, as <c>tests/warpgroup/emulated.sh</c> has it.</summary>
    private const string Variable = "TITOK_EMULATED_HOPPER";

    private const int FailureSize = 512, Alignment = 256;

    private static readonly string? s_path = Environment.GetEnvironmentVariable(Variable);

    private readonly GpuInstance _instance;
    private readonly GpuDevice _device;
    private readonly delegate* unmanaged<byte*, uint, uint, uint, uint, uint, byte*, uint, Range*, uint, uint, byte*, uint, byte> _launch;

    private EmulatedHopper(nint launch)
    {
        _launch = (delegate* unmanaged<byte*, uint, uint, uint, uint, uint, byte*, uint, Range*, uint, uint, byte*, uint, byte>)launch;
        _instance = GpuFixture.NewInstance();
        try
        {
            _device = DeviceOpening.Open(
                _instance, DeviceSelection.Choose(_instance.PhysicalDevices, Environment.GetEnvironmentVariable("TITOK_DEVICE")), new GpuDeviceOptions
                {
                    CacheFolder = "",
                    // Fragments are as the device has them, which is another.
                    ShaderSource = name => name == WeightFragmentsKernel.Program ? GpuFixture.TestShader("test_hopper_fragments") : null,
                });
        }
        catch
        {
            _instance.Dispose();
            throw;
        }
    }

    /// <summary>What may be read or written, some of it not before the launch before has been waited for, as the library has it.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Range
    {
        public ulong Begin, End;
        public byte MayBeWritten, IsAwaited;
    }

    /// <summary>An H100 as the kernels know it, with all its blocks, attention by warpgroups, and launches in chains.</summary>
    public static GemmUnit Unit { get; } = new GemmUnit(16, 16, 16, 32, 48 << 10)
    {
        MaxSubgroups = 32,
        WeightFragments = true,
        WarpgroupOrder = true,
        Processors = 132,
        LinearBlocks = (1 << WarpgroupBlock.Linears.Length) - 1,
        ConvolutionBlocks = (1 << WarpgroupBlock.Convolutions.Length) - 1,
        ChainsLaunches = true,
    }.With(AttentionForm.Warpgroup);

    /// <summary>Where everything but the warpgroup kernels runs.</summary>
    public GpuDevice Device => _device;

    /// <summary>Whether copies (1) and multiplications (2) happen as late as they may, and whether the last thread runs ahead (4).</summary>
    public uint How { get; set; }

    /// <summary>Names of all programs that have run, in order.</summary>
    public List<string> Programs { get; } = [];

    /// <summary>Skips the test where there is no library, or a device cannot store fp16.</summary>
    public static EmulatedHopper Require()
    {
        if (s_path is null)
            Assert.Skip("there is no library of the emulated device; tests/warpgroup/emulated.sh makes one");
        var hopper = new EmulatedHopper(NativeLibrary.GetExport(NativeLibrary.Load(s_path), "emulate_launch"));
        if (hopper._device.Physical.Features.Storage16Bit)
            return hopper;
        string name = hopper._device.Physical.Name;
        hopper.Dispose();
        Assert.Skip($"{name} has no storageBuffer16BitAccess");
        throw new InvalidOperationException();
    }

    /// <summary>Runs a plan whose weights are of fp16, and reads one of its stages.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="checkpoint">Its weights.</param>
    /// <param name="inputs">Contents of its externals; of those that are not named, nothing is known.</param>
    /// <param name="stage">Name of the stage.</param>
    public float[] Run(ExecutionPlan plan, Checkpoint checkpoint, IReadOnlyDictionary<string, byte[]> inputs, string stage)
    {
        using var weights = new WeightStore(_device);
        using (checkpoint)
            weights.Load(checkpoint, plan.Weights);
        var made = new Dictionary<Value, GpuBuffer>();
        try
        {
            foreach (Value value in plan.Dispatches.SelectMany(d => d.Call.Bindings).Select(b => b.Tensor.Value).Distinct().Where(v => v.Kind != ValueKind.Weight))
            {
                made.Add(value, _device.CreateBuffer(ArenaPlanner.Align(value.SizeInBytes), GpuMemoryKind.Device, value.Name));
                var contents = new byte[value.SizeInBytes];
                // NaN, whichever type it is of.
                if (value.Kind != ValueKind.Counters)
                    contents.AsSpan().Fill(0xff);
                _device.Upload(made[value], 0, value.Kind == ValueKind.External && inputs.TryGetValue(value.Name, out byte[]? input) ? input : contents);
            }
            foreach (KernelCall call in plan.Dispatches.Select(d => d.Call))
            {
                Programs.Add(call.Program);
                if (call.ThreadBlock is { } block)
                    Launch(call, block, value => value.Kind == ValueKind.Weight ? weights[value] : made[value]);
                else
                    Dispatch(call, value => new GpuBufferRange(value.Kind == ValueKind.Weight ? weights[value] : made[value], 0, value.SizeInBytes));
            }
            Tensor result = plan.Stages[stage];
            return GoldenModel.DownloadFloats(_device, new GpuBufferRange(made[result.Value], result.OffsetInBytes, result.SizeInBytes), result.Type);
        }
        finally
        {
            foreach (GpuBuffer buffer in made.Values)
                buffer.Dispose();
        }
    }

    public void AssertNoMessages() => GpuFixture.AssertNoMessages(_instance);

    public void Dispose()
    {
        _device.Dispose();
        _instance.Dispose();
    }

    private void Dispatch(KernelCall call, Func<Value, GpuBufferRange> locate)
    {
        using GpuRecording recording = _device.CreateRecording(call.Program);
        recording.Begin();
        recording.Dispatch(_device, call, locate);
        recording.Barrier();
        recording.End();
        _device.Wait(_device.Submit(recording));
    }

    private void Launch(KernelCall call, ThreadBlock block, Func<Value, GpuBuffer> locate)
    {
        Value[] values = [.. call.Bindings.Select(b => b.Tensor.Value).Distinct()];
        var memory = values.ToDictionary(value => value, value => (nint)NativeMemory.AlignedAlloc((nuint)value.SizeInBytes, Alignment));
        try
        {
            foreach (Value value in values)
                _device.Download(locate(value), 0, new Span<byte>((void*)memory[value], (int)value.SizeInBytes));
            ulong[] addresses = [.. call.Bindings.Select(b => (ulong)memory[b.Tensor.Value] + (ulong)b.Tensor.OffsetInBytes)];
            Range[] ranges = [.. call.Bindings.Select((b, i) => new Range
            {
                Begin = addresses[i],
                End = addresses[i] + (ulong)b.Tensor.SizeInBytes,
                MayBeWritten = b.Access == Access.Read ? (byte)0 : (byte)1,
                IsAwaited = call.IsChained && b.Tensor.Value.Kind is not (ValueKind.Weight or ValueKind.Counters) ? (byte)1 : (byte)0,
            })];
            byte[] parameters = KernelCallRecording.Arguments(call, addresses), failure = new byte[FailureSize];
            fixed (byte* name = Encoding.UTF8.GetBytes(call.Program + '\0'), given = parameters, told = failure)
            fixed (Range* all = ranges)
            {
                byte isDone = _launch(
                    name, call.Groups.X, call.Groups.Y, call.Groups.Z, (uint)block.Threads, (uint)block.SharedMemoryInBytes, given, (uint)parameters.Length, all,
                    (uint)ranges.Length, How, told, FailureSize);
                Assert.True(isDone != 0, $"{call.Program}: {NativeStrings.Read(told)}");
            }
            foreach (Value value in call.Bindings.Where(b => b.Access != Access.Read).Select(b => b.Tensor.Value).Distinct())
                _device.Upload(locate(value), 0, new ReadOnlySpan<byte>((void*)memory[value], (int)value.SizeInBytes));
        }
        finally
        {
            foreach (nint allocated in memory.Values)
                NativeMemory.AlignedFree((void*)allocated);
        }
    }
}
