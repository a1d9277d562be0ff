using System.Runtime.InteropServices;
using Silk.NET.Vulkan;
using Titok.Vulkan.Gpu;
using Titok.Vulkan.Tests.Engine;
using Titok.Vulkan.Tests.Gpu;

namespace Titok.Vulkan.Tests.Embedding;

/// <summary>Pictures for another Vulkan device, by exported memory and an exported semaphore.</summary>
[Collection(GpuCollection.Name)]
public sealed class SharingTests(PipelineTests.Model model) : IClassFixture<PipelineTests.Model>
{
    [Theory]
    [InlineData(TitokHandleType.OpaqueFileDescriptor)]
    [InlineData(TitokHandleType.DmaBuf)]
    public unsafe void AnotherDeviceSeesThePictures(TitokHandleType type)
    {
        TitokPipeline pipeline = model.Load();
        int[] tokens = [.. Enumerable.Range(3, pipeline.Tokenizer.Info.LatentTokens)];
        int size = pipeline.Tokenizer.Info.ImageSize;
        float[] images = new float[3 * size * size];
        pipeline.Tokenizer.Decode(tokens, 1, images);
        uint[] expected = Reference.Picture.ToBytes(images, 1, size, blueFirst: false, linear: false);

        using TitokSharedBuffer shared = Share(() => new TitokSharedBuffer(model.Device, expected.Length * sizeof(uint), type));
        using TitokTokenizerJob job = pipeline.Tokenizer.BeginDecode(tokens, 1);
        job.SetOutput(new TitokBufferOutput { Buffer = shared.Buffer, ReleaseToExternal = true });
        job.Submit(TitokSlice.Everything);
        job.Wait(TestContext.Current.CancellationToken);

        using var other = new TestHost();
        var external = new ExternalMemoryBufferCreateInfo { SType = StructureType.ExternalMemoryBufferCreateInfo, HandleTypes = GpuSharedHandle.Memory(type) };
        var info = new BufferCreateInfo { SType = StructureType.BufferCreateInfo, PNext = &external, Size = (ulong)shared.SizeInBytes, Usage = GpuSharedBuffer.Usage };
        Silk.NET.Vulkan.Buffer buffer;
        TestHost.Check(other.Vk.CreateBuffer(other.Device, &info, null, &buffer));
        var dedicated = new MemoryDedicatedAllocateInfo { SType = StructureType.MemoryDedicatedAllocateInfo, Buffer = buffer };
        var import = new ImportMemoryFdInfoKHR
        {
            SType = StructureType.ImportMemoryFDInfoKhr,
            PNext = &dedicated,
            HandleType = GpuSharedHandle.Memory(type),
            Fd = (int)shared.Export(),
        };
        var allocate = new MemoryAllocateInfo
        {
            SType = StructureType.MemoryAllocateInfo,
            PNext = &import,
            AllocationSize = (ulong)shared.MemorySizeInBytes,
            MemoryTypeIndex = (uint)shared.MemoryTypeIndex,
        };
        DeviceMemory memory;
        TestHost.Check(other.Vk.AllocateMemory(other.Device, &allocate, null, &memory));
        TestHost.Check(other.Vk.BindBufferMemory(other.Device, buffer, memory, 0));
        Silk.NET.Vulkan.Buffer source = buffer;
        using TestHostBuffer read = other.CreateBuffer(shared.SizeInBytes);
        other.Frame(commands =>
        {
            var acquire = new BufferMemoryBarrier
            {
                SType = StructureType.BufferMemoryBarrier,
                DstAccessMask = AccessFlags.TransferReadBit,
                SrcQueueFamilyIndex = Vk.QueueFamilyExternal,
                DstQueueFamilyIndex = other.Family,
                Buffer = source,
                Size = Vk.WholeSize,
            };
            other.Vk.CmdPipelineBarrier(commands, PipelineStageFlags.AllCommandsBit, PipelineStageFlags.TransferBit, 0, 0, null, 1, &acquire, 0, null);
            var region = new BufferCopy { Size = (ulong)shared.SizeInBytes };
            other.Vk.CmdCopyBuffer(commands, source, read.Buffer, 1, &region);
        });
        Assert.Equal(expected, MemoryMarshal.Cast<byte, uint>(read.Read()).ToArray());
        other.Vk.DestroyBuffer(other.Device, buffer, null);
        other.Vk.FreeMemory(other.Device, memory, null);
        other.AssertNoMessages();
        TestDevice.AssertNoMessages(model.Device);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public unsafe void AnotherDeviceWaitsForThePictures(bool isTimeline)
    {
        TitokPipeline pipeline = model.Load();
        using TitokSharedSemaphore shared = Share(() => new TitokSharedSemaphore(model.Device, TitokHandleType.OpaqueFileDescriptor, isTimeline));
        using var other = new TestHost();
        var type = new SemaphoreTypeCreateInfo { SType = StructureType.SemaphoreTypeCreateInfo, SemaphoreType = isTimeline ? SemaphoreType.Timeline : SemaphoreType.Binary };
        var info = new SemaphoreCreateInfo { SType = StructureType.SemaphoreCreateInfo, PNext = &type };
        Silk.NET.Vulkan.Semaphore semaphore;
        TestHost.Check(other.Vk.CreateSemaphore(other.Device, &info, null, &semaphore));
        var import = new ImportSemaphoreFdInfoKHR
        {
            SType = StructureType.ImportSemaphoreFDInfoKhr,
            Semaphore = semaphore,
            HandleType = ExternalSemaphoreHandleTypeFlags.OpaqueFDBit,
            Fd = (int)shared.Export(),
        };
        var functions = new VulkanFunctions(other.Instance.Functions.GetInstanceProcAddrPointer, other.Instance.Handle.Handle, other.Device.Handle);
        var importSemaphore = (delegate* unmanaged<nint, ImportSemaphoreFdInfoKHR*, Result>)functions.GetProcAddress("vkImportSemaphoreFdKHR");
        TestHost.Check(importSemaphore(other.Device.Handle, &import));
        using TitokGenerationJob job = pipeline.Begin(new GenerationRequest { Classes = [1], Settings = GenerationSettings.Demo });
        job.Submit(TitokSlice.Everything, [], [new TitokSemaphore(shared.Semaphore, 5)]);
        ulong five = 5;
        PipelineStageFlags stage = PipelineStageFlags.AllCommandsBit;
        var values = new TimelineSemaphoreSubmitInfo { SType = StructureType.TimelineSemaphoreSubmitInfo, WaitSemaphoreValueCount = 1, PWaitSemaphoreValues = &five };
        var submit = new SubmitInfo { SType = StructureType.SubmitInfo, PNext = isTimeline ? &values : null, WaitSemaphoreCount = 1, PWaitSemaphores = &semaphore, PWaitDstStageMask = &stage };
        TestHost.Check(other.Vk.QueueSubmit(other.Queue, 1, &submit, default));
        TestHost.Check(other.Vk.QueueWaitIdle(other.Queue));
        Assert.True(job.IsFinished);
        job.Wait(TestContext.Current.CancellationToken);
        Assert.True(job.IsFinished);
        other.Vk.DestroySemaphore(other.Device, semaphore, null);
        other.AssertNoMessages();
    }

    [Fact]
    public void NoMoreIsSharedThanTheDeviceAllocates()
    {
        Share(() => new TitokSharedBuffer(model.Device, 16, TitokHandleType.OpaqueFileDescriptor)).Dispose();
        Assert.Throws<OutOfDeviceMemoryException>(() => new TitokSharedBuffer(model.Device, 1L << 50, TitokHandleType.OpaqueFileDescriptor));
        TestDevice.AssertNoMessages(model.Device);
    }

    /// <summary>A program in C reads it too, which has other names for the types.</summary>
    [Fact]
    public void WhatCannotBeSharedIsToldInWordsOfAnyLanguage()
    {
        TitokHandleType foreign = OperatingSystem.IsWindows() ? TitokHandleType.DmaBuf : TitokHandleType.OpaqueWin32;
        string named = OperatingSystem.IsWindows() ? "dma_bufs" : "opaque NT handles";
        MissingFeatureException e = Assert.Throws<MissingFeatureException>(() => new TitokSharedBuffer(model.Device, 16, foreign));
        Assert.Equal($"{model.Device.Info.Name} can't share buffers as {named}: it lacks {e.Feature}, or the host has not enabled it.", e.Message);
        e = Assert.Throws<MissingFeatureException>(() => new TitokSharedSemaphore(model.Device, foreign));
        Assert.Equal($"{model.Device.Info.Name} can't share semaphores as {named}: it lacks {e.Feature}, or the host has not enabled it.", e.Message);
    }

    /// <summary>What the device can share, or a skip that says what it lacks.</summary>
    private static T Share<T>(Func<T> make)
    {
        try
        {
            return make();
        }
        catch (MissingFeatureException e)
        {
            Assert.Skip(e.Message);
            throw;
        }
    }
}
