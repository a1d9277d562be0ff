using Silk.NET.Vulkan;
using Titok.Demo;
using Titok.Demo.Graphics;
using Titok.Demo.Making;
using Titok.Vulkan.Tests.Embedding;
using Titok.Vulkan.Tests.Gpu;

namespace Titok.Vulkan.Tests.Demo;

/// <summary>Jobs of the stream: whatever takes long is made before a frame begins them.</summary>
[Collection(GpuCollection.Name)]
public sealed class JobPoolTests(WindowTests.SmallModel model) : IClassFixture<WindowTests.SmallModel>
{
    private const int Together = 3;

    /// <summary>What the library calls to make kernels, memory and recordings, or to have something done at once.</summary>
    private static readonly string[] s_making =
        ["vkCreateComputePipelines", "vkAllocateMemory", "vkCreateBuffer", "vkAllocateDescriptorSets", "vkAllocateCommandBuffers", "vkCreateQueryPool", "vkQueueSubmit"];

    private readonly FaultLayer _layer = new();

    [Fact]
    public void WhatABirthNeedsIsMadeBeforeItBegins() => Run((jobs, request) =>
    {
        int before = Made();
        RentedJob job = Make(jobs.Generate(request));
        Assert.True(Made() > before);
        Assert.Equal(Together, job.Job.Pictures);
        // The next is prepared while the device still works on this one, and has a job of its own.
        RentedJob second = Make(jobs.Generate(request));
        int prepared = Made();
        Assert.NotSame(job.Job, second.Job);
        jobs.Return(job);
        jobs.Return(second);
        jobs.Return(Ready(jobs.Generate(request)));
        Assert.Equal(prepared, Made());
    });

    [Fact]
    public void AJobThatIsFreeIsReadyForWhateverNeedsNoMore() => Run((jobs, request) =>
    {
        jobs.Return(Make(jobs.Generate(request)));
        int prepared = Made(), tokens = model.Tokens;
        GenerationRequest other = request with { Classes = [2, 1, 0], Seed = 99, KnownTokens = [.. Enumerable.Range(0, Together * tokens).Select(i => i % 2 - 1)] };
        jobs.Return(Ready(jobs.Generate(other)));
        Assert.Equal(prepared, Made());
    });

    /// <summary>Steps without guidance have a plan of their own, and more steps more memory.</summary>
    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(1, 20, 0)]
    [InlineData(1, 0, 1)]
    public void WhatNeedsMoreIsPreparedAnew(float guidance, int moreSteps, int morePictures) => Run((jobs, request) =>
    {
        // A number of pictures that nothing is made for while the model loads.
        request = request with { Classes = [0, 1, 2, 3], Settings = GenerationSettings.Demo };
        jobs.Return(Make(jobs.Generate(request)));
        int before = Made();
        GenerationRequest other = request with
        {
            Classes = [.. request.Classes, .. Enumerable.Repeat(0, morePictures)],
            Settings = request.Settings with { Guidance = guidance, Steps = request.Settings.Steps + moreSteps },
        };
        jobs.Return(Make(jobs.Generate(other)));
        int prepared = Made();
        Assert.True(prepared > before);
        jobs.Return(Ready(jobs.Generate(other)));
        Assert.Equal(prepared, Made());
    });

    /// <summary>One that is prepared is nobody else's, whatever comes back meanwhile: a larger job takes the place of free ones only.</summary>
    [Fact]
    public void AJobThatIsPreparedIsNotGivenUp() => Run((jobs, request) =>
    {
        RentedJob larger = Make(jobs.Generate(request with { Settings = request.Settings with { Steps = 100 } }));
        Preparation preparation = jobs.Generate(request with { Settings = request.Settings with { Steps = 2 } });
        preparation.Wait();
        jobs.Return(larger);
        RentedJob smaller = preparation.Take();
        Assert.True(smaller.StepCapacity < larger.StepCapacity);
        Assert.False(smaller.Job.IsRecorded);
        jobs.Return(smaller);
    });

    /// <summary>Otherwise the wall would stay empty for as long once the model is loaded.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(Together)]
    public void LoadingMakesWhatTheFirstBirthsNeed(int pictures) => Run((jobs, request) =>
    {
        int before = _layer.CallsOf("vkAllocateDescriptorSets");
        jobs.Return(Make(jobs.Generate(request with { Classes = [.. Enumerable.Repeat(0, pictures)] })));
        int first = _layer.CallsOf("vkAllocateDescriptorSets");
        jobs.Return(Make(jobs.Generate(request with { Classes = [.. Enumerable.Repeat(0, Together + 1)] })));
        int other = _layer.CallsOf("vkAllocateDescriptorSets");
        // What makes pixels is one dispatch, and not of the births themselves.
        Assert.Equal(1, first - before);
        Assert.True(other - first > 1);
    });

    [Fact]
    public void WhatATokenizerNeedsIsMadeBeforeItBegins() => Run((jobs, request) =>
    {
        int[] ids = new int[model.Tokens];
        float[] planar = new float[model.PictureLength];
        int before = Made();
        RentedJob decoding = Make(jobs.Decode(ids)), reconstructing = Make(jobs.Reconstruct(planar));
        int prepared = Made();
        Assert.True(prepared > before);
        Assert.NotSame(decoding.Job, reconstructing.Job);
        // One that can't be begun is not lost.
        jobs.Return(decoding);
        Assert.Throws<ArgumentOutOfRangeException>(() => jobs.Decode([.. ids.Select(_ => -1)]));
        jobs.Return(Ready(jobs.Decode(ids)));
        jobs.Return(reconstructing);
        jobs.Return(Ready(jobs.Reconstruct(planar)));
        Assert.Equal(prepared, Made());
    });

    [Fact]
    public void NothingIsLeftOfAJobThatCouldNotBeMade() => Run((jobs, request) =>
    {
        // What comes last is the kernel that makes pixels.
        _layer.FailNext("vkCreateComputePipelines", Result.ErrorInitializationFailed);
        Assert.ThrowsAny<TitokException>(() => Make(jobs.Generate(request)));
        jobs.Return(Make(jobs.Generate(request)));
    });

    [Fact]
    public void AJobThatCouldNotBeChangedIsAsGoodAsBefore() => Run((jobs, request) =>
    {
        request = request with { Classes = [0, 1, 2, 3], Settings = GenerationSettings.Demo };
        jobs.Return(Make(jobs.Generate(request)));
        _layer.FailNext("vkAllocateDescriptorSets", Result.ErrorInitializationFailed);
        Assert.ThrowsAny<TitokException>(() => Make(jobs.Generate(request with { Settings = request.Settings with { Guidance = 0 } })));
        jobs.Return(Ready(jobs.Generate(request)));
    });

    /// <summary>The job of a preparation that had to make something.</summary>
    private static RentedJob Make(Preparation preparation)
    {
        Assert.Null(preparation.Ready);
        return preparation.Take();
    }

    /// <summary>The job of one that had not.</summary>
    private static RentedJob Ready(Preparation preparation)
    {
        Assert.NotNull(preparation.Ready);
        return preparation.Take();
    }

    private int Made() => s_making.Sum(_layer.CallsOf);

    /// <summary>Runs a test with a fresh device and model, and sees that nothing is left of them.</summary>
    private void Run(Action<JobPool, GenerationRequest> test)
    {
        _layer.Arm(null);
        using (var instance = new GraphicsInstance([], new VulkanLoader(_layer.Pointer)))
        {
            using var device = new GraphicsDevice(instance, GraphicsAdapter.All(instance, null)[0], presents: false);
            var options = new DemoOptions { TokenizerPath = model.Folder, GeneratorPath = model.Folder, Model = TitokModelInfo.Read(model.Folder) };
            using TitokModel loaded = TitokModel.Load(device, options, Together, TestContext.Current.CancellationToken);
            using var jobs = new JobPool(device, loaded.Pipeline);
            test(jobs, new GenerationRequest { Classes = [0, 1, 2], Seed = 1, Settings = loaded.Pipeline.DefaultSettings });
        }
        Assert.Equal("", _layer.Alive);
    }
}
