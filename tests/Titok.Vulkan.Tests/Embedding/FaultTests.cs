using System.Text;
using Silk.NET.Vulkan;
using Titok.Vulkan.Gpu;
using Titok.Vulkan.Tests.Cli;
using Titok.Vulkan.Tests.Gpu;

namespace Titok.Vulkan.Tests.Embedding;

/// <summary>
/// Each Vulkan function that can fail is made to fail, at calls all through a whole life (at every one of them, one by
/// one, with TITOK_FAULTS=all): a typed error or a picture as ever, nothing left behind, and a fresh device works.
/// </summary>
[Collection(GpuCollection.Name)]
public sealed class FaultTests(FaultTests.World world) : IClassFixture<FaultTests.World>
{
    public static TheoryData<string> Functions => [.. FaultLayer.Faults.Keys];

    [Theory]
    [MemberData(nameof(Functions))]
    public void AFailingCallIsATypedErrorAndLeavesNothing(string function)
    {
        int calls = world.CallsOf(function);
        Assert.True(calls > 0, $"{function} is never called: take it off the list");
        var told = new StringBuilder();
        foreach (Result result in FaultLayer.Faults[function])
        {
            // Of the codes past the first, once is enough: the place is the same.
            int most = Environment.GetEnvironmentVariable("TITOK_FAULTS") == "all" ? calls : Math.Min(calls, 8);
            int[] places = result == FaultLayer.Faults[function][0] ? [.. Enumerable.Range(0, most).Select(i => most == 1 ? 0 : (int)((long)i * (calls - 1) / (most - 1)))] : [0];
            foreach (int place in places)
                told.AppendLine($"{result} at call {place} of {calls}: {Outcome((function, place, result))}");
        }
        TestContext.Current.TestOutputHelper?.WriteLine(told.ToString());
    }

    /// <summary>The library asks the driver for functions one by one, by name: a new one is put on the list, or among those that give no VkResult.</summary>
    [Fact]
    public void EveryFunctionThatCanFailIsOnTheList()
    {
        _ = world.Tokens;
        string[] silent = ["vkCmd", "vkDestroy", "vkFree", "vkUpdate"];
        string[] others =
        [
            "vkGetBufferDeviceAddress", "vkGetBufferMemoryRequirements", "vkGetDeviceProcAddr", "vkGetDeviceQueue", "vkGetPhysicalDeviceFeatures2",
            "vkGetPhysicalDeviceMemoryProperties", "vkGetPhysicalDeviceMemoryProperties2", "vkGetPhysicalDeviceProperties", "vkGetPhysicalDeviceProperties2",
            "vkGetPhysicalDeviceQueueFamilyProperties",
        ];
        Assert.Empty(world.Layer.Resolved.Where(name => !silent.Any(kind => name.StartsWith(kind, StringComparison.Ordinal)))
            .Except(others).Except(FaultLayer.Faults.Keys).Except(FaultLayer.OfSomeDevices));
    }

    /// <summary>In one process with all those failures behind it.</summary>
    [Fact]
    public void AFreshDeviceWorks() => Assert.Equal(world.Tokens, world.Run(null));

    /// <summary>As where the host's own calls have told it, and none of the library's.</summary>
    [Fact]
    public void AJobIsDisposedOfWhenADeviceIsLostThatTheLibraryHoldsToBeWell()
    {
        world.Layer.Arm(null);
        using (TitokDevice device = world.Open())
        using (TitokPipeline pipeline = world.Load(device))
        {
            TitokGenerationJob job = pipeline.Begin(World.Request);
            job.SetOutput(new TitokMemoryOutput());
            job.Submit(TitokSlice.Dispatches(60));
            world.Layer.FailNext("vkGetSemaphoreCounterValue", Result.ErrorDeviceLost);
            job.Dispose();
            Assert.True(world.Layer.HasFailed);
            job.Dispose();
            Assert.Throws<DeviceLostException>(() => pipeline.Begin(World.Request).Submit(TitokSlice.Everything));
        }
        Assert.Equal("", world.Layer.Alive);
    }

    /// <summary>Whatever was made before the call that fails goes at once, and not with the device only.</summary>
    [Theory]
    [InlineData("vkCreateBuffer", Result.ErrorOutOfDeviceMemory)]
    [InlineData("vkCreateCommandPool", Result.ErrorOutOfHostMemory)]
    [InlineData("vkBeginCommandBuffer", Result.ErrorOutOfHostMemory)]
    [InlineData("vkCreateDescriptorPool", Result.ErrorOutOfHostMemory)]
    [InlineData("vkCreateQueryPool", Result.ErrorOutOfHostMemory)]
    public void WhatFailsOnTheWayLeavesTheDeviceAsItWas(string function, Result result)
    {
        world.Layer.Arm(null);
        using TitokDevice device = world.Open();
        AssertLeavesNothing(device, function, result, most: 8, () => world.Load(device).Dispose());
        using TitokPipeline pipeline = world.Load(device);
        var input = new TitokMemoryInput { Pixels = new byte[new TitokMemoryOutput().SizeInBytes(1, pipeline.Tokenizer.Info.ImageSize)] };
        int failed = AssertLeavesNothing(device, function, result, most: 100, () =>
        {
            using (TitokGenerationJob job = pipeline.Begin(World.Request))
                job.SetOutput(new TitokMemoryOutput());
            using (TitokTokenizerJob job = pipeline.Tokenizer.BeginReconstruct(input, 1))
                job.SetOutput(new TitokMemoryOutput());
        }, pipeline);
        Assert.True(failed > 0, $"no job calls {function}");
    }

    /// <summary>Also where memory that was there had to go for it, of a size that is asked for again.</summary>
    [Fact]
    public void AnOutputThatHasNoRoomLeavesRoomForTheOneBefore()
    {
        var small = new TitokMemoryOutput { Format = TitokPixelFormat.Rgba8 };
        var large = new TitokMemoryOutput { Format = TitokPixelFormat.Rgba16Float };
        world.Layer.Arm(null);
        using TitokDevice device = world.Open();
        using TitokPipeline pipeline = world.Load(device);
        byte[] expected = new byte[small.SizeInBytes(1, pipeline.Tokenizer.Info.ImageSize)], pixels = new byte[expected.Length];
        int failed = 0;
        for (bool hasFailed = true; hasFailed;)
        {
            using TitokGenerationJob job = pipeline.Begin(World.Request);
            job.SetOutput(small);
            JobTests.Run(job, TitokSlice.Everything);
            job.ReadOutput(expected);
            world.Layer.FailNext("vkCreateBuffer", Result.ErrorOutOfDeviceMemory, after: failed);
            Exception? error = Record.Exception(() => job.SetOutput(large));
            hasFailed = world.Layer.HasFailed;
            Assert.Equal(hasFailed, error is OutOfDeviceMemoryException);
            failed += hasFailed ? 1 : 0;
            job.SetOutput(small);
            JobTests.Run(job, TitokSlice.Everything);
            job.ReadOutput(pixels);
            Assert.Equal(expected, pixels);
        }
        world.Layer.Arm(null);
        Assert.True(failed > 1, $"{failed} buffers were to be made");
    }

    /// <summary>Makes one call after the other fail, up to so many, while something is done that makes no kernels after the first time.</summary>
    /// <returns>How many have failed.</returns>
    private int AssertLeavesNothing(TitokDevice device, string function, Result result, int most, Action use, TitokPipeline? pipeline = null)
    {
        use();
        long objects = Left();
        long memory = device.MemoryInUseInBytes;
        int failed = 0;
        for (bool hasFailed = true; hasFailed && failed < most;)
        {
            int call = failed;
            world.Layer.FailNext(function, result, after: call);
            try
            {
                use();
            }
            catch (TitokException)
            {
            }
            hasFailed = world.Layer.HasFailed;
            failed += hasFailed ? 1 : 0;
            Assert.True(objects == Left(), $"call {call} of {function} left {Left() - objects} objects");
            Assert.Equal(memory, device.MemoryInUseInBytes);
        }
        world.Layer.Arm(null);
        return failed;

        long Left()
        {
            pipeline?.Generator.Engine.FreeIdle();
            pipeline?.Tokenizer.Engine.FreeIdle();
            device.Gpu.Disposals.Finish();
            return device.LiveObjects;
        }
    }

    private string Outcome((string, int, Result) fault)
    {
        string outcome;
        try
        {
            Assert.Equal(world.Tokens, world.Run(fault));
            outcome = "made up for";
        }
        catch (TitokException e)
        {
            Assert.DoesNotContain('\n', e.Message);
            outcome = $"{e.GetType().Name}: {e.Message}";
        }
        // How often the library asks whether the device is done depends on how fast the device is.
        bool isSure = fault.Item2 == 0 || fault.Item1 is not ("vkWaitSemaphores" or "vkGetSemaphoreCounterValue" or "vkGetQueryPoolResults");
        Assert.True(world.Layer.HasFailed || !isSure, $"{fault} did not come to pass");
        if (!world.Layer.HasFailed)
            outcome = "not reached this time";
        Assert.True(world.Layer.Alive.Length == 0, $"{fault} left {world.Layer.Alive}");
        return outcome;
    }

    /// <summary>The model, the layer, and what a life without a fault gives.</summary>
    public sealed class World : IDisposable
    {
        private readonly CliModel _files = new();
        private Dictionary<string, int>? _calls;

        internal FaultLayer Layer => field ??= new FaultLayer();

        internal int[] Tokens
        {
            get
            {
                _ = CallsOf("");
                return field!;
            }
            private set;
        }

        internal static GenerationRequest Request { get; } = new() { Classes = [2], Seed = 8, Settings = GenerationSettings.Demo with { Steps = 2 } };

        public void Dispose() => _files.Dispose();

        internal TitokDevice Open() => TitokDevice.Create(new TitokDeviceOptions
        {
            Device = Environment.GetEnvironmentVariable("TITOK_DEVICE"),
            GetInstanceProcAddr = Layer.Pointer,
        });

        internal TitokPipeline Load(TitokDevice device) => TitokPipeline.Load(device, _files.Folder, TestLoad.Fp32);

        internal int CallsOf(string function)
        {
            if (_calls is null)
            {
                GpuFixture.NewInstance().Dispose();
                // A first life finds out which kernels suit the device, with calls that no later one makes.
                Run(null);
                Tokens = Run(null);
                _calls = FaultLayer.Faults.Keys.ToDictionary(f => f, Layer.CallsOf);
                Assert.Equal("", Layer.Alive);
            }
            return _calls.GetValueOrDefault(function);
        }

        /// <summary>A device's whole life: a model, a picture in slices and one by a blocking call.</summary>
        internal int[] Run((string, int, Result)? fault)
        {
            Layer.Arm(fault);
            using TitokDevice device = Open();
            BeginTwice(device.Gpu);
            using TitokPipeline pipeline = Load(device);
            using TitokGenerationJob job = pipeline.Begin(Request);
            job.SetOutput(new TitokMemoryOutput());
            while (!job.IsRecorded)
            {
                if (job.Submit(TitokSlice.Dispatches(60)).Number < 0)
                    job.Wait(TimeSpan.FromMilliseconds(50));
            }
            job.Wait();
            int[] tokens = new int[pipeline.Generator.Info.LatentTokens];
            job.ReadTokens(tokens);
            job.ReadImages(new float[3 * pipeline.Tokenizer.Info.ImageSize * pipeline.Tokenizer.Info.ImageSize]);
            Assert.Equal(tokens, pipeline.Generate(Request).Tokens);
            return tokens;
        }

        /// <summary>A recording that has dispatched begins anew, as the staging of a large model's weights does.</summary>
        private static void BeginTwice(GpuDevice device)
        {
            using GpuBuffer state = device.CreateBuffer(256, GpuMemoryKind.Device, "state");
            using GpuRecording recording = device.CreateRecording("twice");
            recording.Begin();
            recording.Dispatch(device.GetProgram("advance_step", [], 1, 0), [state.Whole], [], 1);
            recording.End();
            recording.Begin();
            recording.End();
        }
    }
}
