using Silk.NET.Vulkan;
using Titok.Demo;
using Titok.Demo.Graphics;
using Titok.Demo.Making;
using Titok.Demo.Scene;
using Titok.Vulkan.Tests.Embedding;
using Titok.Vulkan.Tests.Gpu;

namespace Titok.Vulkan.Tests.Demo;

/// <summary>Sessions that can't begin.</summary>
[Collection(GpuCollection.Name)]
public sealed class SessionTests(WindowTests.SmallModel model) : IClassFixture<WindowTests.SmallModel>
{
    private readonly FaultLayer _layer = new();

    /// <summary>Every call of the function that opening a session makes fails once.</summary>
    [Theory]
    [InlineData("vkCreateShaderModule", Result.ErrorOutOfHostMemory)]
    [InlineData("vkCreateDescriptorSetLayout", Result.ErrorOutOfHostMemory)]
    [InlineData("vkCreatePipelineLayout", Result.ErrorOutOfHostMemory)]
    [InlineData("vkCreateDescriptorPool", Result.ErrorOutOfDeviceMemory)]
    [InlineData("vkAllocateDescriptorSets", Result.ErrorOutOfPoolMemory)]
    [InlineData("vkCreateCommandPool", Result.ErrorOutOfHostMemory)]
    [InlineData("vkAllocateCommandBuffers", Result.ErrorOutOfHostMemory)]
    [InlineData("vkCreateSemaphore", Result.ErrorOutOfHostMemory)]
    [InlineData("vkCreateBuffer", Result.ErrorOutOfDeviceMemory)]
    [InlineData("vkAllocateMemory", Result.ErrorOutOfDeviceMemory)]
    [InlineData("vkBindBufferMemory", Result.ErrorOutOfDeviceMemory)]
    [InlineData("vkMapMemory", Result.ErrorMemoryMapFailed)]
    public void NothingIsLeftOfASessionThatCouldNotBegin(string function, Result result)
    {
        // A model that isn't there ends the loading that begins with a session at once.
        var options = new DemoOptions { TokenizerPath = "/there/is/none", GeneratorPath = "/there/is/none", Model = TitokModelInfo.Read(model.Folder) };
        int failed = 0;
        while (Fails(options, function, result, failed))
            failed++;
        Assert.True(failed > 0, $"opening a session does not call {function}");
    }

    private bool Fails(DemoOptions options, string function, Result result, int call)
    {
        _layer.Arm(null);
        bool failed = false;
        using (var instance = new GraphicsInstance([], new VulkanLoader(_layer.Pointer)))
        {
            var device = new GraphicsDevice(instance, GraphicsAdapter.All(instance, null)[0], presents: false);
            Director director = Scenes.Create(options, new IdleHost());
            _layer.FailNext(function, result, call);
            try
            {
                using Session session = Session.Open(device, on => new OffscreenTarget(on, 320, 240), options, director);
            }
            catch (DemoException e)
            {
                failed = true;
                Assert.Contains(function[2..], e.Message, StringComparison.Ordinal);
            }
        }
        Assert.Equal("", _layer.Alive);
        return failed;
    }
}
