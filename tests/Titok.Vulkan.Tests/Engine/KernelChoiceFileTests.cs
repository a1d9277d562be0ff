using Titok.Vulkan.Engine;
using Titok.Vulkan.Gpu;
using Titok.Vulkan.Kernels;
using Titok.Vulkan.Tests.Embedding;
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
        _device = DeviceOpening.Open(_instance, options: new GpuDeviceOptions { CacheFolder = _folder });

    private string Text => File.ReadAllText(Assert.Single(Directory.GetFiles(_folder, "*.kernels")));

    [Fact]
    public void AChoiceIsReadBack()
    {
        var choice = new KernelChoice(KernelForm.Portable, Linear: true)
        {
            LongAttention = AttentionForm.TwoPasses,
            WeightFragments = true,
            LinearTile = 3,
            ConvolutionTile = 1,
            LinearBlocks = 13,
        };
        KernelChoiceFile.For(_device).Write(choice);
        Assert.Equal(choice, KernelChoiceFile.For(_device).Read());
        KernelChoiceFile.For(_device).Write(choice = choice with { LinearBlocks = 0, ConvolutionBlocks = 2 });
        Assert.Equal(choice, KernelChoiceFile.For(_device).Read());
    }

    /// <summary>Each part of it by itself, so that none is taken for another, in every form that the device has.</summary>
    [Fact]
    public void EveryPartOfAChoiceIsReadBack()
    {
        foreach (KernelForm form in Enum.GetValues<KernelForm>().Where(form => KernelSupport.Supports(_device.Physical, form)))
        {
            var plain = new KernelChoice(form);
            KernelChoice[] choices =
            [
                plain, plain with { Linear = true }, plain with { Convolution = true }, plain with { WeightFragments = true },
                plain with { LinearTile = 1 }, plain with { ConvolutionTile = 1 }, plain with { LinearBlocks = 1 }, plain with { ConvolutionBlocks = 1 },
                .. KernelSupport.AttentionForms(_device.Physical).SelectMany(a => (KernelChoice[])[plain with { ShortAttention = a }, plain with { LongAttention = a }]),
            ];
            Assert.Equal(choices.Distinct(), choices);
            foreach (KernelChoice choice in choices)
            {
                KernelChoiceFile.For(_device).Write(choice);
                Assert.Equal(choice, KernelChoiceFile.For(_device).Read());
            }
        }
    }

    [Fact]
    public void WithoutAFileThereIsNoChoice() => Assert.Null(KernelChoiceFile.For(_device).Read());

    [Fact]
    public void MatrixUnitsAreNotTakenWhereThereAreNone()
    {
        Assert.SkipWhen(KernelSupport.Supports(_device.Physical, KernelForm.Matrix), $"{_device.Physical.Name} has matrix units");
        KernelChoiceFile.For(_device).Write(new KernelChoice(KernelForm.Matrix));
        Assert.Null(KernelChoiceFile.For(_device).Read());
    }

    [Fact]
    public void MatricesThatReduceAreNotTakenWhereThereAreNone()
    {
        Assert.SkipWhen(KernelSupport.Supports(_device.Physical, AttentionForm.Subgroup), $"{_device.Physical.Name} has matrices whose rows can be reduced");
        KernelChoiceFile.For(_device).Write(new KernelChoice(KernelForm.Portable) { ShortAttention = AttentionForm.Subgroup });
        Assert.Null(KernelChoiceFile.For(_device).Read());
        KernelChoiceFile.For(_device).Write(new KernelChoice(KernelForm.Portable) { LongAttention = AttentionForm.Subgroup });
        Assert.Null(KernelChoiceFile.For(_device).Read());
    }

    /// <summary>On a CPU it may have been measured beside the host's frames, and is not.</summary>
    [Fact]
    public void AHostsChoiceIsRememberedToo()
    {
        using var host = new LentDevice(_folder);
        KernelForm found = KernelForms.Fastest(host.Device);
        Assert.Equal(_device.Physical.Type == TitokDeviceType.Cpu ? null : found, KernelChoiceFile.For(host.Device).Read()?.Form);
    }

    /// <summary>Each keeps a file of its own, and does not take the other's even under its own name.</summary>
    [Fact]
    public void WhatSuitsOneHostIsNotGivenToOneThatEnablesLess()
    {
        using LentDevice all = new(_folder), less = new(_folder, TitokProfile.Portable);
        Assert.SkipWhen(
            KernelSupport.SupportOf(all.Device.Physical) == KernelSupport.SupportOf(less.Device.Physical), $"{_device.Physical.Name} has nothing to enable");
        KernelChoiceFile.For(all.Device).Write(new KernelChoice(KernelForm.Portable, Linear: true));
        string file = Assert.Single(Directory.GetFiles(_folder, "*.kernels"));
        Assert.Null(KernelChoiceFile.For(less.Device).Read());
        KernelChoiceFile.For(less.Device).Write(new KernelChoice(KernelForm.Portable));
        string other = Assert.Single(Directory.GetFiles(_folder, "*.kernels"), path => path != file);
        Assert.True(KernelChoiceFile.For(all.Device).Read()!.Linear);
        Assert.False(KernelChoiceFile.For(less.Device).Read()!.Linear);
        File.Copy(file, other, overwrite: true);
        Assert.Null(KernelChoiceFile.For(less.Device).Read());
    }

    [Fact]
    public void WhatKernelsAreChosenByTellsDevicesApart()
    {
        GpuPhysicalDevice physical = _device.Physical;
        GpuFeatures has = physical.Features;
        int[] supports = [.. new[]
        {
            has,
            has with { SubgroupSizeControl = !has.SubgroupSizeControl },
            has with { MatrixReductions = !has.MatrixReductions },
            has with { BinaryImport = !has.BinaryImport },
            has with { SubgroupSizeControl = !has.SubgroupSizeControl, MatrixReductions = !has.MatrixReductions },
        }.Select(features => KernelSupport.SupportOf(physical with { Features = features, MatrixFragment = new GpuMatrixFragment(16, 16, 16) }))];
        Assert.Equal(supports.Distinct(), supports);
    }

    [Theory]
    [InlineData("")]
    [InlineData("STAMP")]
    [InlineData("other Portable 0 0 Portable Portable 0 0 0 0 0")]
    [InlineData("STAMP Fastest 0 0 Portable Portable 0 0 0 0 0")]
    [InlineData("STAMP Portable 0 0 Portable Portable 0 0 0 0")]
    [InlineData("STAMP Portable 0 0 Portable Portable 0 0 0 0 0 0")]
    [InlineData("STAMP Portable 0 0 Portable Portable 7 0 0 0 0")]
    [InlineData("STAMP Portable 0 0 Portable Portable 0 99 0 0 0")]
    [InlineData("STAMP Portable 0 0 Portable Portable -1 0 0 0 0")]
    [InlineData("STAMP Portable 0 0 Quick Portable 0 0 0 0 0")]
    [InlineData("STAMP Portable 0 0 Portable 9 0 0 0 0 0")]
    [InlineData("STAMP Portable 2 0 Portable Portable 0 0 0 0 0")]
    [InlineData("STAMP Portable 0 x Portable Portable 0 0 0 0 0")]
    [InlineData("STAMP Portable 0 0 Portable Portable 0 0 True 0 0")]
    [InlineData("STAMP Portable 0 0 Portable Portable 0 0 0 LINEARS 0")]
    [InlineData("STAMP Portable 0 0 Portable Portable 0 0 0 -1 0")]
    [InlineData("STAMP Portable 0 0 Portable Portable 0 0 0 0 CONVOLUTIONS")]
    [InlineData("STAMP Portable 0 0 Portable Portable 0 0 0 0 x")]
    [InlineData("STAMP 99 0 0 Portable Portable 0 0 0 0 0")]
    public void AnythingElseIsAsGoodAsNone(string text)
    {
        KernelChoiceFile.For(_device).Write(new KernelChoice(KernelForm.Portable));
        string path = Assert.Single(Directory.GetFiles(_folder, "*.kernels"));
        string stamp = Text.Split(' ')[0];
        File.WriteAllText(path, $"{stamp} Portable 0 0 Portable Portable 0 0 0 0 0");
        Assert.NotNull(KernelChoiceFile.For(_device).Read());
        // The least masks with a block that is not there.
        File.WriteAllText(path, text.Replace("STAMP", stamp, StringComparison.Ordinal)
            .Replace("LINEARS", $"{1 << WarpgroupBlock.Linears.Length}", StringComparison.Ordinal)
            .Replace("CONVOLUTIONS", $"{1 << WarpgroupBlock.Convolutions.Length}", StringComparison.Ordinal));
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
        KernelChoiceFile.For(_device).Write(new KernelChoice(KernelForm.Portable));
        string path = Assert.Single(Directory.GetFiles(_folder, "*.kernels"));
        File.Delete(path);
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

    /// <summary>A host's device, of a driver of its own: what the process has found out about another must not answer for it.</summary>
    private sealed class LentDevice : IDisposable
    {
        private readonly TestHost _host;
        private readonly GpuInstance _instance;

        public LentDevice(string folder, TitokProfile profile = TitokProfile.Auto)
        {
            _host = new TestHost(profile);
            GpuHost lent = _host.Lend().ToHost();
            _instance = GpuInstance.Adopt(lent, null);
            GpuPhysicalDevice physical = _instance.PhysicalDevices[0] with { Driver = folder };
            Device = new GpuDevice(_instance, physical, LogicalDevice.Adopt(lent), new GpuDeviceOptions { CacheFolder = folder });
        }

        public GpuDevice Device { get; }

        public void Dispose()
        {
            Device.Dispose();
            _instance.Dispose();
            _host.AssertNoMessages();
            _host.Dispose();
        }
    }
}
