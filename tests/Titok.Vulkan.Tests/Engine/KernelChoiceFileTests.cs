using Titok.Vulkan.Engine;
using Titok.Vulkan.Gpu;
using Titok.Vulkan.Graphs;
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
        GemmUnit unit = RequireUnit();
        unit = unit with { Linear = false, LongAttention = AttentionForm.TwoPasses, LinearTile = GemmTiles.Large(unit)[3], LinearBlocks = 13 };
        AssertIsReadBack(new KernelChoice(unit));
        AssertIsReadBack(new KernelChoice(unit with { LinearBlocks = 0, ConvolutionBlocks = 2 }));
    }

    /// <summary>Each part of it by itself, so that none is taken for another, in every form that the device has.</summary>
    [Fact]
    public void EveryPartOfAChoiceIsReadBack()
    {
        foreach (KernelForm form in Enum.GetValues<KernelForm>().Where(form => KernelSupport.Supports(_device.Physical, form)))
        {
            if (KernelSupport.UnitOf(_device.Physical, form) is not { } unit)
            {
                AssertIsReadBack(new KernelChoice(form));
                continue;
            }
            GemmUnit plain = Measured(unit.WithFragments(false)).With(AttentionForm.Portable);
            GemmUnit[] units =
            [
                plain, plain with { Linear = false }, plain with { Convolution = false }, .. unit.MayKeepFragments ? [plain.WithFragments(true)] : (GemmUnit[])[],
                plain with { LinearTile = GemmTiles.Large(unit)[1] }, plain with { ConvolutionTile = GemmTiles.Large(unit)[1] },
                plain with { LinearBlocks = 1 }, plain with { ConvolutionBlocks = 1 }, plain with { ChainsLaunches = true },
                .. KernelSupport.AttentionForms(_device.Physical, unit).SelectMany(a => (GemmUnit[])[plain with { ShortAttention = a }, plain with { LongAttention = a }]),
            ];
            Assert.Equal(units.Distinct(), units);
            Assert.All(units, used => AssertIsReadBack(new KernelChoice(used)));
        }
    }

    [Fact]
    public void WithoutAFileThereIsNoChoice() => Assert.Null(KernelChoiceFile.For(_device).Read());

    [Fact]
    public void MatrixUnitsAreNotTakenWhereThereAreNone()
    {
        Assert.SkipWhen(KernelSupport.Supports(_device.Physical, KernelForm.Matrix), $"{_device.Physical.Name} has matrix units");
        KernelChoiceFile.For(_device).Write(new KernelChoice(Measured(new GemmUnit(16, 16, 16, 32, 48 << 10))));
        Assert.Null(KernelChoiceFile.For(_device).Read());
    }

    [Fact]
    public void MatricesThatReduceAreNotTakenWhereThereAreNone()
    {
        Assert.SkipWhen(KernelSupport.Supports(_device.Physical, AttentionForm.Subgroup), $"{_device.Physical.Name} has matrices whose rows can be reduced");
        GemmUnit unit = RequireUnit();
        KernelChoiceFile.For(_device).Write(new KernelChoice(unit with { ShortAttention = AttentionForm.Subgroup }));
        Assert.Null(KernelChoiceFile.For(_device).Read());
        KernelChoiceFile.For(_device).Write(new KernelChoice(unit with { LongAttention = AttentionForm.Subgroup }));
        Assert.Null(KernelChoiceFile.For(_device).Read());
    }

    /// <summary>On a CPU it may have been measured beside the host's frames, and is not.</summary>
    [Fact]
    public void AHostsChoiceIsRememberedToo()
    {
        using var host = new LentDevice(_folder);
        KernelForm found = KernelForms.ProfileFor(host.Device, DataType.Float16, SearchOptions.Thorough).Form;
        Assert.Equal(_device.Physical.Type == TitokDeviceType.Cpu ? null : found, KernelChoiceFile.For(host.Device).Read()?.Form);
    }

    /// <summary>Each keeps a file of its own, and does not take the other's even under its own name.</summary>
    [Fact]
    public void WhatSuitsOneHostIsNotGivenToOneThatEnablesLess()
    {
        using LentDevice all = new(_folder), less = new(_folder, TitokProfile.Portable);
        Assert.SkipWhen(
            KernelSupport.SupportOf(all.Device.Physical) == KernelSupport.SupportOf(less.Device.Physical), $"{_device.Physical.Name} has nothing to enable");
        KernelChoiceFile.For(all.Device).Write(new KernelChoice(KernelForm.Portable));
        string file = Assert.Single(Directory.GetFiles(_folder, "*.kernels"));
        Assert.Null(KernelChoiceFile.For(less.Device).Read());
        KernelChoiceFile.For(less.Device).Write(new KernelChoice(KernelForm.Portable));
        string other = Assert.Single(Directory.GetFiles(_folder, "*.kernels"), path => path != file);
        Assert.NotNull(KernelChoiceFile.For(all.Device).Read());
        Assert.NotNull(KernelChoiceFile.For(less.Device).Read());
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
        }.Select(features => KernelSupport.SupportOf(physical with { Features = features, MatrixFragment = new GpuMatrixFragment(16, 16, 16, 32) }))];
        Assert.Equal(supports.Distinct(), supports);
    }

    [Theory]
    [InlineData("")]
    [InlineData("STAMP")]
    [InlineData("other Portable")]
    [InlineData("STAMP Fastest")]
    [InlineData("STAMP 99")]
    [InlineData("STAMP Portable 0")]
    [InlineData("STAMP Portable 0 0 Portable Portable 0 0 0 0 0 0")]
    public void AnythingElseIsAsGoodAsNone(string text)
    {
        KernelChoiceFile.For(_device).Write(new KernelChoice(KernelForm.Portable));
        Assert.EndsWith(" Portable\n", Text, StringComparison.Ordinal);
        Assert.NotNull(KernelChoiceFile.For(_device).Read());
        Overwrite(text);
        Assert.Null(KernelChoiceFile.For(_device).Read());
    }

    [Theory]
    [InlineData("other FORM 0 0 Portable Portable 0 0 0 0 0 0")]
    [InlineData("STAMP FORM")]
    [InlineData("STAMP FORM 0 0 Portable Portable 0 0 0 0 0")]
    [InlineData("STAMP FORM 0 0 Portable Portable 0 0 0 0 0 0 0")]
    [InlineData("STAMP FORM 0 0 Portable Portable 7 0 0 0 0 0")]
    [InlineData("STAMP FORM 0 0 Portable Portable 0 99 0 0 0 0")]
    [InlineData("STAMP FORM 0 0 Portable Portable -1 0 0 0 0 0")]
    [InlineData("STAMP FORM 0 0 Quick Portable 0 0 0 0 0 0")]
    [InlineData("STAMP FORM 0 0 Portable 9 0 0 0 0 0 0")]
    [InlineData("STAMP FORM 2 0 Portable Portable 0 0 0 0 0 0")]
    [InlineData("STAMP FORM 0 x Portable Portable 0 0 0 0 0 0")]
    [InlineData("STAMP FORM 0 0 Portable Portable 0 0 True 0 0 0")]
    [InlineData("STAMP FORM 0 0 Portable Portable 0 0 0 LINEARS 0 0")]
    [InlineData("STAMP FORM 0 0 Portable Portable 0 0 0 -1 0 0")]
    [InlineData("STAMP FORM 0 0 Portable Portable 0 0 0 0 CONVOLUTIONS 0")]
    [InlineData("STAMP FORM 0 0 Portable Portable 0 0 0 0 x 0")]
    [InlineData("STAMP FORM 0 0 Portable Portable 0 0 0 0 0 2")]
    public void AnythingElseOfAUnitIsAsGoodAsNone(string text)
    {
        string form = RequireUnit().Form.ToString();
        KernelChoiceFile.For(_device).Write(new KernelChoice(KernelForm.Portable));
        Overwrite($"STAMP {form} 0 0 Portable Portable 0 0 0 0 0 0");
        Assert.NotNull(KernelChoiceFile.For(_device).Read());
        // The least masks with a block that is not there.
        Overwrite(text.Replace("FORM", form, StringComparison.Ordinal)
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

    private static GemmUnit Measured(GemmUnit unit) => unit with { LinearTile = GemmTiles.Large(unit)[0], ConvolutionTile = GemmTiles.Large(unit)[0] };

    private GemmUnit RequireUnit()
    {
        GemmUnit? unit = KernelSupport.MatrixUnitsOf(_device.Physical) ?? KernelSupport.MultiplyAddsOf(_device.Physical);
        Assert.SkipWhen(unit is null, $"{_device.Physical.Name} has neither matrix units nor what takes their place");
        return Measured(unit);
    }

    private void AssertIsReadBack(KernelChoice choice)
    {
        KernelChoiceFile.For(_device).Write(choice);
        Assert.Equal(choice, KernelChoiceFile.For(_device).Read());
    }

    /// <summary>Puts a text in place of the file's, in which STAMP stands for the one that it begins with.</summary>
    private void Overwrite(string text)
    {
        string path = Assert.Single(Directory.GetFiles(_folder, "*.kernels"));
        File.WriteAllText(path, text.Replace("STAMP", Text.Split(' ')[0], StringComparison.Ordinal));
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
