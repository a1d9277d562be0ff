using Titok.Vulkan.Gpu;

namespace Titok.Vulkan.Tests.Gpu;

/// <summary>What a recording refuses, so that no mistake of ours reaches a driver.</summary>
[Collection(GpuCollection.Name)]
public class GpuRecordingTests(GpuFixture fixture)
{
    [Fact]
    public void RefusesBindingsThatDontFit()
    {
        GpuDevice device = fixture.Device;
        int alignment = device.Physical.Limits.MinStorageBufferOffsetAlignmentInBytes;
        using GpuBuffer x = device.CreateBuffer(4096, GpuMemoryKind.Device, "x");
        GpuProgram program = device.GetProgram("test_scale_add", [2], 2, 8);
        using GpuRecording recording = device.CreateRecording("refusals");
        byte[] push = TestPush.Bytes(1, 0);
        Assert.Throws<InvalidOperationException>(() => recording.Dispatch(program, [x.Whole, x.Whole], push, 1));
        recording.Begin();
        Assert.Throws<ArgumentException>(() => recording.Dispatch(program, [x.Whole], push, 1));
        Assert.Throws<ArgumentException>(() => recording.Dispatch(program, [x.Whole, x.Whole], push[..4], 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => recording.Dispatch(program, [x.Whole, new(x, 0, 4100)], push, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => recording.Dispatch(program, [x.Whole, new(x, -4, 16)], push, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => recording.Dispatch(program, [x.Whole, new(x, long.MaxValue - 3, 16)], push, 1));
        Assert.Throws<ArgumentException>(() => recording.Dispatch(program, [x.Whole, x.Whole], push, uint.MaxValue));
        ArgumentException unaligned = Assert.Throws<ArgumentException>(() => recording.Dispatch(program, [x.Whole, new(x, alignment / 2, 16)], push, 1));
        Assert.Contains($"multiple of {alignment}", unaligned.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => recording.Fill(new(x, 0, 3), 0));
        Assert.Throws<ArgumentException>(() => recording.Copy(new(x, 0, 8), new(x, 4, 8)));
        Assert.Throws<ArgumentException>(() => recording.Copy(new(x, 0, 8), new(x, 16, 12)));
        Assert.Throws<InvalidOperationException>(() => device.Submit(recording));
        recording.End();
        device.Finish(device.Submit(recording));
        fixture.AssertNoMessages();
    }

    [Fact]
    public void RefusesARangePastTheDevicesLimit()
    {
        GpuDevice device = fixture.Device;
        long most = device.Physical.Limits.MaxStorageBufferRangeInBytes;
        if (most > 256 << 20)
            Assert.Skip($"maxStorageBufferRange of {device.Physical.Name} is too large to exceed in a test: {most}");
        using GpuBuffer x = device.CreateBuffer(most + 64, GpuMemoryKind.Device, "x");
        GpuProgram program = device.GetProgram("test_scale_add", [2], 2, 8);
        using GpuRecording recording = device.CreateRecording("refusals");
        recording.Begin();
        ArgumentException error = Assert.Throws<ArgumentException>(() => recording.Dispatch(program, [x.Whole, x.Whole], TestPush.Bytes(1, 0), 1));
        Assert.Contains("maxStorageBufferRange", error.Message, StringComparison.Ordinal);
        recording.Dispatch(program, [new(x, 0, most), new(x, 0, most)], TestPush.Bytes(1, 0), 1);
        recording.End();
        fixture.AssertNoMessages();
    }

    [Fact]
    public void RefusesABufferThatIsGone()
    {
        GpuDevice device = fixture.Device;
        GpuBuffer x = device.CreateBuffer(4096, GpuMemoryKind.Device, "fleeting");
        using GpuRecording recording = device.RecordScaleAdd(x.Whole, x.Whole, factor: 1, 64, addend: 1);
        device.Submit(recording);
        x.Dispose();
        x.Dispose();
        ObjectDisposedException error = Assert.Throws<ObjectDisposedException>(() => device.Submit(recording));
        Assert.Contains("fleeting", error.Message, StringComparison.Ordinal);
        Assert.Throws<ObjectDisposedException>(() => device.Upload(x, 0, [1]));
        fixture.AssertNoMessages();
    }

    [Fact]
    public void ManyDispatchesNeedManyPoolsAndRecordingAgainReusesThem()
    {
        GpuDevice device = fixture.Device;
        using GpuBuffer x = device.CreateBuffer(256, GpuMemoryKind.Device, "x");
        GpuProgram program = device.GetProgram("test_scale_add", [1], 2, 8);
        using GpuRecording recording = device.CreateRecording("long");
        long live = 0;
        for (int round = 0; round < 3; round++)
        {
            device.Upload<uint>(x, new uint[64]);
            recording.Begin();
            for (int i = 0; i < 1000; i++)
            {
                recording.Dispatch(program, [x.Whole, x.Whole], TestPush.Bytes(64, 1), 1);
                recording.Barrier();
            }
            recording.End();
            Assert.Equal(1000, recording.DispatchCount);
            device.Finish(device.Submit(recording));
            Assert.All(device.Download<uint>(x, 64), n => Assert.Equal(1000u, n));
            if (round == 1)
                live = device.LiveObjects.Count;
        }
        Assert.Equal(live, device.LiveObjects.Count);
        fixture.AssertNoMessages();
    }
}
