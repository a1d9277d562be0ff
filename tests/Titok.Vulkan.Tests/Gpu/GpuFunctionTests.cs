using System.Text;
using Titok.Vulkan.Engine;
using Titok.Vulkan.Gpu;
using Titok.Vulkan.Graphs;
using Titok.Vulkan.Kernels;
using Titok.Vulkan.Tests.Embedding;
using Titok.Vulkan.Tests.Models;
using Vk = Silk.NET.Vulkan;

namespace Titok.Vulkan.Tests.Gpu;

/// <summary>Programs in PTX, on devices that take them and on others; the driver that takes them is ours, so none of them runs.</summary>
[Collection(GpuCollection.Name)]
public class GpuFunctionTests(GpuFixture fixture)
{
    private const string Text = ".version 8.0";

    [Fact]
    public void ADeviceWithoutTheExtensionRefusesThem()
    {
        GpuDevice device = fixture.Device;
        Assert.SkipWhen(device.Physical.Features.BinaryImport, $"{device.Physical.Name} has {BinaryImport.Extension}");
        KernelCall call = Call("no_such_module.function");
        MissingFeatureException error = Assert.Throws<MissingFeatureException>(() => KernelCallRecording.ProgramOf(device, call));
        Assert.Equal(BinaryImport.Extension, error.Feature);
        Assert.Contains(BinaryImport.Extension, error.Message, StringComparison.Ordinal);
        Assert.Contains(device.Physical.Name, error.Message, StringComparison.Ordinal);
        Assert.False(KernelCallRecording.TryBuildPrograms(device, [call]));
        fixture.AssertNoMessages();
    }

    [Fact]
    public void ALaunchIsGivenOneBufferOfParameters() => OnADriverOfOurs((device, driver) =>
    {
        KernelCall call = Call("module.function");
        using GpuBuffer buffer = device.CreateBuffer(1024, GpuMemoryKind.Device, "x");
        using GpuRecording recording = device.CreateRecording("launch");
        recording.Begin();
        recording.Dispatch(device, call, _ => buffer.Whole);
        recording.End();
        byte[] parameters = KernelCallRecording.Arguments(call, [buffer.Address, buffer.Address + 256]);
        Assert.Equal([$"1:function, 5×3×2 of 128×1×1, 49152 bytes: {Convert.ToHexString(parameters)}"], driver.Commands);
        Assert.Equal([Text + '\0'], driver.Texts);
    });

    /// <summary>In a recording and in a list: nothing says that a pipeline is still bound after a launch.</summary>
    [Fact]
    public void APipelineIsBoundAgainAfterALaunch() => OnADriverOfOurs((device, driver) =>
    {
        GpuProgram pipeline = device.GetProgram("test_scale_add", [1], 2, 8), function = device.GetFunction("module.function", 32, 0, 1, 8);
        using GpuBuffer buffer = device.CreateBuffer(1024, GpuMemoryKind.Device, "x");
        using GpuDispatchList list = device.CreateDispatchList("list");
        using GpuRecording recording = device.CreateRecording("recording");
        recording.Begin();
        foreach (GpuProgram program in (GpuProgram[])[pipeline, pipeline, function, function, pipeline])
        {
            GpuBufferRange[] bindings = [.. Enumerable.Repeat(buffer.Whole, program.BindingCount)];
            recording.Dispatch(program, bindings, new byte[8], 1);
            recording.Barrier();
            list.Add(program, bindings, new byte[8], 1, 1, 1, barrierBefore: true);
        }
        recording.Emit(list, 0, list.Count);
        recording.End();
        const string Launch = "1:function, 1×1×1 of 32×1×1, 0 bytes: 0000000000000000";
        string[] once = ["bind", "dispatch", "dispatch", Launch, Launch, "bind", "dispatch"];
        Assert.Equal([.. once, .. once], driver.Commands);
        Assert.Equal(10, recording.DispatchCount);
    });

    [Fact]
    public void WhatDoesNotFitIsRefused() => OnADriverOfOurs((device, _) =>
    {
        GpuProgram function = device.GetFunction("module.function", 32, 0, 1, 8);
        using GpuBuffer buffer = device.CreateBuffer(1024, GpuMemoryKind.Device, "x");
        using GpuRecording recording = device.CreateRecording("refusals");
        recording.Begin();
        Assert.Throws<ArgumentException>(() => recording.Dispatch(function, [], new byte[8], 1));
        Assert.Throws<ArgumentException>(() => recording.Dispatch(function, [buffer.Whole], new byte[12], 1));
        Assert.Throws<ArgumentException>(() => recording.Dispatch(function, [buffer.Whole], new byte[8], uint.MaxValue, uint.MaxValue));
        Assert.Throws<ArgumentOutOfRangeException>(() => recording.Dispatch(function, [new(buffer, 1020, 8)], new byte[8], 1));
        // Found by its address, and read 16 bytes at a time.
        Assert.Throws<ArgumentException>(() => recording.Dispatch(function, [new(buffer, 8, 8)], new byte[8], 1));
        recording.Dispatch(function, [new(buffer, 16, 8)], new byte[8], 1);
        recording.End();
        Assert.Throws<ArgumentException>(() => device.GetFunction("module.function", 32, (48 << 10) + 1, 1, 8));
        Assert.Throws<ArgumentException>(() => device.GetFunction("module", 32, 0, 1, 8));
        Assert.Contains("absent.ptx", Assert.Throws<InvalidOperationException>(() => device.GetFunction("absent.function", 32, 0, 1, 8)).Message, StringComparison.Ordinal);
    });

    [Fact]
    public void AModuleIsMadeOnceForItsFunctions()
    {
        PtxDriver? last = null;
        OnADriverOfOurs((device, driver) =>
        {
            last = driver;
            var programs = new GpuProgram[16];
            long live = device.LiveObjects.Count;
            Parallel.For(0, programs.Length, i => programs[i] = device.GetFunction(i % 2 == 0 ? "module.even" : "module.odd", 32, 0, 1, 8));
            Assert.All(programs.Select((program, i) => (program, i)), p => Assert.Same(programs[p.i % 2], p.program));
            Assert.NotSame(programs[0], device.GetFunction("module.even", 64, 0, 1, 8));
            Assert.Equal((1, 3, 4), (driver.Modules, driver.Functions, device.LiveObjects.Count - live));
            Assert.True(device.PipelineBuildTime > TimeSpan.Zero);
        });
        Assert.Equal((0, 0), (last!.Modules, last.Functions));
    }

    [Theory]
    [InlineData(Vk.Result.ErrorUnknown)]
    [InlineData(Vk.Result.ErrorInitializationFailed)]
    public void WhatTheDriverRefusesIsARefusalAndMayBeTriedAgain(Vk.Result answer) => OnADriverOfOurs((device, driver) =>
    {
        KernelCall call = Call("module.function");
        long live = device.LiveObjects.Count;
        driver.Answer = answer;
        Assert.False(KernelCallRecording.TryBuildPrograms(device, [call]));
        Assert.Equal(live, device.LiveObjects.Count);
        driver.Answer = Vk.Result.Success;
        device.GetFunction("module.another", 32, 0, 1, 8);
        driver.Answer = answer;
        Assert.False(KernelCallRecording.TryBuildPrograms(device, [call]));
        driver.Answer = Vk.Result.Success;
        Assert.True(KernelCallRecording.TryBuildPrograms(device, [call]));
    });

    /// <summary>There are machines where no device can be made with the extension: then one is made without.</summary>
    [Theory]
    [InlineData(Vk.Result.Success, true)]
    [InlineData(Vk.Result.ErrorInitializationFailed, false)]
    public void ADeviceIsMadeWithTheExtensionWhereOneCanBe(Vk.Result answer, bool hasIt)
    {
        Assert.SkipUnless(fixture.Device.Physical.Features.BufferDeviceAddress, $"{fixture.Device.Physical.Name} has no bufferDeviceAddress");
        var driver = new PtxDriver(VulkanFunctions.LoadGetInstanceProcAddr()) { DeviceAnswer = answer };
        using var instance = GpuInstance.Create(new GpuInstanceOptions { GetInstanceProcAddr = driver.Pointer });
        using GpuDevice device = DeviceOpening.Open(instance, options: new GpuDeviceOptions { CacheFolder = "" });
        Assert.Equal(hasIt, device.Physical.Features.BinaryImport);
    }

    /// <summary>Only Hopper's PCI IDs: H100, H200, GH200; not an L40S, a B200, nor another vendor's.</summary>
    [Theory]
    [InlineData(0x10de, 0x2330, true)]
    [InlineData(0x10de, 0x2335, true)]
    [InlineData(0x10de, 0x2342, true)]
    [InlineData(0x10de, 0x26b9, false)]
    [InlineData(0x10de, 0x2901, false)]
    [InlineData(0x1002, 0x2330, false)]
    public void OnlyHopperTakesThem(uint vendor, uint device, bool takes) => Assert.Equal(takes, BinaryImport.Takes(vendor, device));

    /// <summary>It is for the same kernels as cooperative matrices, and needs addresses of buffers, which those do not.</summary>
    [Fact]
    public void TheExtensionIsWishedForWithTheAddressesThatItNeeds()
    {
        foreach ((TitokProfile profile, bool isWanted) in new[] { (TitokProfile.Auto, true), (TitokProfile.Half, true), (TitokProfile.Cpu, false), (TitokProfile.Portable, false) })
        {
            using var host = new TestHost(profile);
            var driver = new PtxDriver(host.Instance.Functions.GetInstanceProcAddrPointer);
            using TitokRequirements wanted = TitokRequirements.Of(host.Instance.Handle.Handle, host.Physical.Handle, driver.Pointer, profile);
            Assert.SkipUnless(fixture.Device.Physical.Features.BufferDeviceAddress, $"{fixture.Device.Physical.Name} has no bufferDeviceAddress");
            Assert.Equal(isWanted, wanted.DeviceExtensions.Contains(BinaryImport.Extension));
            Assert.Equal(isWanted, wanted.Enabled.Contains(BinaryImport.Extension));
            Assert.Equal(isWanted || profile == TitokProfile.Cpu, wanted.Enabled.Contains("bufferDeviceAddress"));
        }
    }

    [Theory]
    [InlineData(BinaryImport.Extension)]
    [InlineData("bufferDeviceAddress")]
    public void AHostsDeviceTakesThemWhereAllThatTheyNeedIsOn(string name)
    {
        using var host = new TestHost();
        GpuHost all = Lend(host, out _);
        Assert.True(HasThem(all));
        Assert.False(HasThem(all with { Enabled = all.Enabled.Where(n => n != name).ToHashSet() }));

        static bool HasThem(GpuHost host)
        {
            using GpuInstance instance = GpuInstance.Adopt(host, logger: null);
            return instance.PhysicalDevices[0].Features.BinaryImport;
        }
    }

    /// <summary>The mock driver takes the warpgroup kernels and runs none, so that they are wrong.</summary>
    [Fact]
    public void WarpgroupKernelsThatAreWrongChangeNothing() => OnADriverOfOurs((device, driver) =>
    {
        Profiles.Require(device, "matrix-fp16");
        KernelChoice choice = KernelSearch.FastestOnGpu(device, SearchOptions.Brief);
        Assert.NotEmpty(driver.Texts);
        Assert.Contains(driver.Commands, command => command.Contains(" of ", StringComparison.Ordinal));
        Assert.True(choice.IsComplete);
        Assert.False(choice.Unit is { LinearBlocks: not 0 } or { ConvolutionBlocks: not 0 });
        Assert.False(choice.Unit is { ShortAttention: AttentionForm.Warpgroup } or { LongAttention: AttentionForm.Warpgroup });
    });

    /// <summary>A host's device that seems to have the extension, which the host says is on.</summary>
    private static GpuHost Lend(TestHost host, out PtxDriver driver)
    {
        GpuHost lent = host.Lend().ToHost();
        Assert.SkipUnless(lent.Enabled.Contains("bufferDeviceAddress"), "the device has no bufferDeviceAddress");
        driver = new PtxDriver(lent.GetInstanceProcAddr);
        return lent with { GetInstanceProcAddr = driver.Pointer, Enabled = lent.Enabled.Append(BinaryImport.Extension).ToHashSet() };
    }

    /// <summary>A call of a function on a tensor and a part of it.</summary>
    private static KernelCall Call(string program)
    {
        var tensor = new Tensor(new Value(0, ValueKind.External, "x", DataType.Float32, 256), new Shape(4, 64));
        return new KernelCall(program, [7, 8, 9], [new Binding(tensor, Access.Read), new Binding(tensor.Slice(1, 1), Access.Write)], [1, 2, 3, 4], new GroupCount(5, 3, 2))
        {
            ThreadBlock = new ThreadBlock(128, 48 << 10),
        };
    }

    private static void OnADriverOfOurs(Action<GpuDevice, PtxDriver> test)
    {
        using var host = new TestHost();
        GpuHost lent = Lend(host, out PtxDriver driver);
        using (GpuInstance instance = GpuInstance.Adopt(lent, logger: null))
        {
            using (GpuDevice device = DeviceOpening.Adopt(instance, lent, new GpuDeviceOptions
            {
                CacheFolder = "",
                ShaderSource = name => name == "module.ptx" ? Encoding.UTF8.GetBytes(Text) : GpuFixture.TestShader(name),
            }))
                test(device, driver);
            Assert.Equal(0, instance.LiveObjects.Count);
        }
        host.AssertNoMessages();
    }
}
