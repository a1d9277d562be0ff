using Titok.Vulkan.Engine;
using Titok.Vulkan.Gpu;
using Titok.Vulkan.Kernels;
using Titok.Vulkan.Tests.Gpu;

namespace Titok.Vulkan.Tests.Engine;

/// <summary>What was found out about a device, on disk: read back as it was written, and anything else as nothing.</summary>
[Collection(GpuCollection.Name)]
public sealed class KernelChoiceFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("titok").FullName;
    private readonly GpuInstance _instance = GpuFixture.NewInstance();
    private readonly GpuDevice _device;

    public KernelChoiceFileTests() =>
        _device = DeviceOpening.Open(_instance, options: new GpuDeviceOptions { PipelineCacheFolder = _folder });

    private string Text => File.ReadAllText(Assert.Single(Directory.GetFiles(_folder, "*.kernels")));

    [Fact]
    public void AChoiceIsReadBack()
    {
        var choice = new KernelChoice(KernelForm.Portable, Linear: true, Attention: true)
        {
            LinearTile = 3,
            ConvolutionTile = 1,
        };
        KernelChoiceFile.For(_device).Write(choice);
        Assert.Equal(choice, KernelChoiceFile.For(_device).Read());
    }

    [Fact]
    public void WithoutAFileThereIsNoChoice() => Assert.Null(KernelChoiceFile.For(_device).Read());

    /// <summary>A host may turn on less than whoever wrote the file had.</summary>
    [Fact]
    public void MatricesOfWorkgroupsAreNotTakenWhereThereAreNone()
    {
        if (KernelForms.HasWorkgroupMatrices(_device.Physical))
            Assert.Skip($"{_device.Physical.Name} has matrices of workgroups");
        KernelChoiceFile.For(_device).Write(new KernelChoice(KernelForm.Portable, WorkgroupAttention: true));
        Assert.False(KernelChoiceFile.For(_device).Read()!.WorkgroupAttention);
    }

    [Theory]
    [InlineData("")]
    [InlineData("STAMP")]
    [InlineData("other Portable 0 0 0 0 0 0")]
    [InlineData("STAMP Fastest 0 0 0 0 0 0")]
    [InlineData("STAMP Portable 0 0 0 0 0")]
    [InlineData("STAMP Portable 0 0 0 0 0 0 0")]
    [InlineData("STAMP Portable 0 0 0 0 7 0")]
    [InlineData("STAMP Portable 0 0 0 0 0 99")]
    [InlineData("STAMP Portable 0 0 0 0 -1 0")]
    [InlineData("STAMP 99 0 0 0 0 0 0")]
    public void AnythingElseIsAsGoodAsNone(string text)
    {
        KernelChoiceFile.For(_device).Write(new KernelChoice(KernelForm.Portable));
        string path = Assert.Single(Directory.GetFiles(_folder, "*.kernels"));
        File.WriteAllText(path, text.Replace("STAMP", Text.Split(' ')[0], StringComparison.Ordinal));
        Assert.Null(KernelChoiceFile.For(_device).Read());
    }

    [Fact]
    public void AFileTooLongToBeOneIsNotRead()
    {
        KernelChoiceFile.For(_device).Write(new KernelChoice(KernelForm.Portable));
        File.AppendAllText(Assert.Single(Directory.GetFiles(_folder, "*.kernels")), new string(' ', 2000));
        Assert.Null(KernelChoiceFile.For(_device).Read());
    }

    /// <summary>A folder where the file would be: nothing is written, and nobody fails.</summary>
    [Fact]
    public void WhatCanNotBeWrittenIsFoundOutAgain()
    {
        string path = Path.ChangeExtension(_device.PipelineCache.FilePath!, ".kernels");
        Directory.CreateDirectory(path);
        KernelChoiceFile.For(_device).Write(new KernelChoice(KernelForm.Portable));
        Assert.Null(KernelChoiceFile.For(_device).Read());
        Assert.Empty(Directory.GetFiles(_folder));
    }

    public void Dispose()
    {
        _device.Dispose();
        _instance.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
