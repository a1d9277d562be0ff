using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Titok.Vulkan.Engine;
using Titok.Vulkan.Gpu;
using Titok.Vulkan.Kernels;
using Titok.Vulkan.Tests.Gpu;
using Titok.Vulkan.Tests.Models;

namespace Titok.Vulkan.Tests.Engine;

/// <summary>Kernels that lose the device or the process are left out once they have, and no others are.</summary>
[Collection(GpuCollection.Name)]
public sealed class KernelTrialTests : IDisposable
{
    private const string Kernels = "quick kernels";

    private static readonly KernelForm[] s_onGpu = [KernelForm.Matrix, KernelForm.MultiplyAdd];

    private readonly string _folder = Directory.CreateTempSubdirectory("titok").FullName;
    private readonly GpuInstance _instance = GpuFixture.NewInstance();
    private readonly ListLog _log = new();
    private readonly GpuDevice _device;

    public KernelTrialTests() => _device = NewDevice();

    private string[] Notes => Directory.GetFiles(_folder, "*.trial");

    [Fact]
    public void ATrialThatIsOverLeavesNoNote()
    {
        Assert.Equal(7, Try(() => 7));
        Assert.Empty(Notes);
    }

    /// <summary>As when somebody stops the search, or there is no memory for it.</summary>
    [Fact]
    public void OneThatIsStoppedLeavesNoneEither()
    {
        Assert.Throws<OperationCanceledException>(() => Try(() => throw new OperationCanceledException()));
        Assert.Throws<OutOfDeviceMemoryException>(() => Try(() => throw new OutOfDeviceMemoryException("none", 1, 0)));
        Assert.Empty(Notes);
    }

    [Fact]
    public void WhatLostTheDeviceIsLeftOut()
    {
        var error = Assert.Throws<DeviceLostException>(() => Try(() => throw new DeviceLostException("lost")));
        Assert.Equal($"The GPU {_device.Physical.Name} was lost while quick kernels were tried on it; the next time they are left out.", error.Message);
        Assert.Equal(-1, Try(() => throw new InvalidOperationException("tried again")));
        (LogLevel level, string text) = Assert.Single(_log.Lines, line => line.Text.Contains(Kernels, StringComparison.Ordinal));
        Assert.Equal(LogLevel.Warning, level);
        Assert.Contains(_folder, text, StringComparison.Ordinal);
        Assert.Equal(7, KernelTrial.Run(_device, "other kernels", leftOut: -1, () => 7));
    }

    /// <summary>Played by a copy of the note that stands there while it lasts.</summary>
    [Fact]
    public void WhatNeverCameBackIsLeftOutTheFourthTime()
    {
        string copy = Path.Combine(_folder, "copy");
        for (int trial = 0; trial < 3; trial++)
        {
            string? path = null;
            Assert.Equal(7, Try(() =>
            {
                path = Assert.Single(Notes);
                // Another process, which is not bound by who has the note open.
                using var cp = Process.Start("cp", [path, copy]);
                cp.WaitForExit();
                Assert.Equal(0, cp.ExitCode);
                return 7;
            }));
            File.Move(copy, path!);
        }
        Assert.Equal(-1, Try(() => throw new InvalidOperationException("tried again")));
    }

    /// <summary>The second could not tell a trial that never came back from one that goes on.</summary>
    [Fact]
    public void TwoAtATimeKeepOneNote()
    {
        Assert.Equal(7, Try(() =>
        {
            Assert.Single(Notes);
            Assert.Throws<DeviceLostException>(() => Try(() => throw new DeviceLostException("lost")));
            return 7;
        }));
        Assert.Empty(Notes);
    }

    [Theory]
    [InlineData("")]
    [InlineData("STAMP")]
    [InlineData("other 3")]
    [InlineData("STAMP -3")]
    [InlineData("STAMP 3 3")]
    [InlineData("STAMP three")]
    [InlineData("STAMP 2")]
    public void NoOtherNoteSaysSo(string note)
    {
        File.WriteAllText(NoteOf(Kernels), note.Replace("STAMP", KernelStamp.Of(_device.Physical), StringComparison.Ordinal));
        Assert.Equal(7, Try(() => 7));
        Assert.Empty(Notes);
    }

    /// <summary>A folder where the note would be.</summary>
    [Fact]
    public void KernelsAreTriedWithoutANote()
    {
        Directory.CreateDirectory(NoteOf(Kernels));
        Assert.Equal(7, Try(() => 7));
        Assert.Throws<DeviceLostException>(() => Try(() => throw new DeviceLostException("lost")));
        Assert.Equal(7, Try(() => 7));
    }

    /// <summary>A device lost in the middle of its first model, and what it is given when it is there again.</summary>
    [Fact]
    public void ASearchLeavesOutWhatLostTheDevice()
    {
        Profiles.Require(_device, "fma-fp16");
        // One form after the other, until there are only the portable kernels.
        foreach (KernelForm form in s_onGpu.Where(form => KernelSupport.UnitOf(_device.Physical, form) is not null))
        {
            using GpuDevice lost = NewDevice();
            SearchOptions losing = SearchOptions.Brief with { Pause = lost.SimulateLoss };
            var error = Assert.Throws<DeviceLostException>(() => KernelSearch.FastestOnGpu(lost, losing));
            Assert.Contains($" lost while {KernelReport.Name(form)} were tried ", error.Message, StringComparison.Ordinal);
        }
        using GpuDevice last = NewDevice();
        Assert.Equal(new KernelChoice(KernelForm.Portable), KernelSearch.FastestOnGpu(last, SearchOptions.Brief));
    }

    /// <summary>Though the self-test ends well each time: measuring has a note of its own.</summary>
    [Fact]
    public void ASearchLeavesOutWhatNeverCameBackFromMeasuring()
    {
        Profiles.Require(_device, "fma-fp16");
        string[] forms = [.. s_onGpu.Where(form => KernelSupport.UnitOf(_device.Physical, form) is not null).Select(KernelReport.Name)];
        foreach (string kernels in forms)
            File.WriteAllText(NoteOf($"{kernels} in parts of an image"), $"{KernelStamp.Of(_device.Physical)} 3");
        Assert.Equal(new KernelChoice(KernelForm.Portable), KernelSearch.FastestOnGpu(_device, SearchOptions.Brief));
        Assert.Equal(forms.Length, _log.Lines.Count(line => line.Text.Contains("in parts of an image", StringComparison.Ordinal)));
    }

    /// <summary>On a CPU there is something to choose from as well.</summary>
    [Fact]
    public void ACpuIsGivenTheOtherForm()
    {
        Assert.SkipUnless(
            _device.Physical.Type == TitokDeviceType.Cpu && KernelSupport.Supports(_device.Physical, KernelForm.CpuUniform),
            $"{_device.Physical.Name} is no CPU with loads by address");
        string kernels = KernelReport.Name(KernelForm.CpuUniform);
        Assert.Throws<DeviceLostException>(() => KernelTrial.Run<int>(_device, kernels, leftOut: 0, () => throw new DeviceLostException("lost")));
        Assert.Equal(new KernelChoice(KernelForm.CpuLanes), KernelSearch.FindOut(_device, SearchOptions.Brief));
    }

    public void Dispose()
    {
        _device.Dispose();
        _instance.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private GpuDevice NewDevice() => DeviceOpening.Open(_instance, options: new GpuDeviceOptions { CacheFolder = _folder, Logger = _log });

    private int Try(Func<int> run) => KernelTrial.Run(_device, Kernels, leftOut: -1, run);

    private string NoteOf(string kernels) => KernelStamp.PathFor(_device, $"{kernels.Replace(' ', '-')}.trial")!;
}
