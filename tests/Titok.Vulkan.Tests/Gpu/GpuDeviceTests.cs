using System.Runtime.InteropServices;
using Titok.Vulkan.Gpu;

namespace Titok.Vulkan.Tests.Gpu;

[Collection(GpuCollection.Name)]
public class GpuDeviceTests(GpuFixture fixture)
{
    private const int Count = 1000;

    [Fact]
    public void DispatchComputesWhatTheShaderSays()
    {
        GpuDevice device = fixture.Device;
        using GpuBuffer x = device.CreateBuffer(Count * 4, GpuMemoryKind.Device, "x");
        using GpuBuffer y = device.CreateBuffer(Count * 4, GpuMemoryKind.Device, "y");
        device.Upload<uint>(x, Numbers(Count));
        using GpuRecording recording = device.RecordScaleAdd(x.Whole, y.Whole, factor: 3, Count, addend: 7);
        device.Submit(recording);
        uint[] got = device.Download<uint>(y, Count);
        Assert.Equal(Numbers(Count).Select(n => 3 * n + 7), got);
        fixture.AssertNoMessages();
    }

    [Fact]
    public void ReplayRunsAgainAndInOrder()
    {
        GpuDevice device = fixture.Device;
        using GpuBuffer x = device.CreateBuffer(Count * 4, GpuMemoryKind.Device, "x");
        device.Upload<uint>(x, new uint[Count]);
        // In place, so that any two runs that overlapped would lose an addition.
        using GpuRecording recording = device.RecordScaleAdd(x.Whole, x.Whole, factor: 1, Count, addend: 1);
        ulong last = 0;
        for (int i = 0; i < 50; i++)
        {
            ulong value = device.Submit([recording, recording]);
            Assert.True(value > last);
            last = value;
        }
        device.Finish(last);
        Assert.True(device.IsComplete(last));
        Assert.True(device.IsComplete(1));
        Assert.Equal(last, device.Timeline.LastSubmitted);
        Assert.All(device.Download<uint>(x, Count), n => Assert.Equal(100u, n));
        fixture.AssertNoMessages();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void UploadAndDownloadMoveEveryByte(bool alwaysStage)
    {
        using GpuInstance instance = GpuFixture.NewInstance();
        using (GpuDevice device = GpuFixture.NewDevice(instance, new GpuDeviceOptions { AlwaysStage = alwaysStage, CacheFolder = "" }))
        {
            // More than all staging pieces together, with a tail, at an odd offset.
            byte[] data = new byte[(20 << 20) + 13];
            new Random(1).NextBytes(data);
            using GpuBuffer buffer = device.CreateBuffer(data.Length + 5, GpuMemoryKind.Device, "data");
            device.Upload(buffer, 5, data);
            byte[] got = new byte[data.Length];
            device.Download(buffer, 5, got);
            Assert.True(data.AsSpan().SequenceEqual(got));
            device.Upload(buffer, 5, []);
            device.Download(buffer, 5, []);
        }
        GpuFixture.AssertNoMessages(instance);
    }

    [Fact]
    public void UploadWaitsItsTurnBehindPendingWork()
    {
        GpuDevice device = fixture.Device;
        using GpuBuffer x = device.CreateBuffer(Count * 4, GpuMemoryKind.Device, "x");
        using GpuBuffer y = device.CreateBuffer(Count * 4, GpuMemoryKind.Device, "y");
        device.Upload<uint>(x, Numbers(Count));
        using GpuRecording recording = device.RecordScaleAdd(x.Whole, y.Whole, factor: 1, Count, addend: 0);
        for (int i = 0; i < 20; i++)
        {
            device.Submit(recording);
            device.Upload<uint>(x, Numbers(Count).Select(n => n + (uint)i + 1).ToArray());
        }
        Assert.Equal(Numbers(Count).Select(n => n + 19), device.Download<uint>(y, Count));
        fixture.AssertNoMessages();
    }

    [Fact]
    public void CopyFillAndMappedBuffersWork()
    {
        GpuDevice device = fixture.Device;
        using GpuBuffer upload = device.CreateBuffer(1024, GpuMemoryKind.Upload, "upload");
        using GpuBuffer middle = device.CreateBuffer(2048, GpuMemoryKind.Device, "middle");
        using GpuBuffer readback = device.CreateBuffer(2048, GpuMemoryKind.Readback, "readback");
        Numbers(256).CopyTo(MemoryMarshal.Cast<byte, uint>(upload.Mapped));
        using GpuRecording recording = device.CreateRecording("copies");
        recording.Begin();
        recording.BeginLabel("copies");
        recording.Fill(new GpuBufferRange(middle, 1024, 1024), 0xdeadbeef);
        recording.Copy(upload.Whole, new GpuBufferRange(middle, 0, 1024));
        recording.Barrier();
        recording.Copy(middle.Whole, readback.Whole);
        recording.ReadbackBarrier();
        recording.EndLabel();
        recording.End();
        device.Finish(device.Submit(recording));
        ReadOnlySpan<uint> got = MemoryMarshal.Cast<byte, uint>(readback.Mapped);
        Assert.True(got[..256].SequenceEqual(Numbers(256)));
        Assert.Equal(-1, got[256..].IndexOfAnyExcept(0xdeadbeefu));
        Assert.Throws<InvalidOperationException>(() => middle.Mapped.Length);
        fixture.AssertNoMessages();
    }

    [Fact]
    public void TimestampsGrowAndNameTheirParts()
    {
        GpuDevice device = fixture.Device;
        using GpuBuffer x = device.CreateBuffer(Count * 4, GpuMemoryKind.Device, "x");
        GpuProgram program = device.GetProgram("test_scale_add", [1], 2, 8);
        using GpuRecording recording = device.CreateRecording("timed");
        for (int round = 0; round < 2; round++)
        {
            recording.Begin();
            recording.Fill(x.Whole, 0);
            recording.Timestamp("start");
            for (int i = 0; i < 300; i++)
            {
                recording.Barrier();
                recording.Dispatch(program, [x.Whole, x.Whole], TestPush.Bytes(Count, 1), 16);
                recording.Timestamp($"step {i}");
            }
            recording.End();
            if (round == 0)
                Assert.Throws<InvalidOperationException>(recording.ReadTimestamps);
            device.Finish(device.Submit(recording));
            IReadOnlyList<(string Label, double Milliseconds)> times = recording.ReadTimestamps();
            if (device.Physical.TimestampBits == 0)
                Assert.Skip($"{device.Physical.Name} has no timestamps");
            Assert.Equal(301, times.Count);
            Assert.Equal(("start", 0), times[0]);
            Assert.Equal("step 299", times[300].Label);
            Assert.All(times, time => Assert.InRange(time.Milliseconds, 0, 60_000));
        }
        fixture.AssertNoMessages();
    }

    [Fact]
    public void WaitCanTimeOutAndBeCancelled()
    {
        GpuDevice device = fixture.Device;
        Assert.Throws<ArgumentOutOfRangeException>(() => device.Finish(device.Timeline.LastSubmitted + 1));
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        using GpuBuffer x = device.CreateBuffer(Count * 4, GpuMemoryKind.Device, "x");
        using GpuRecording recording = device.RecordScaleAdd(x.Whole, x.Whole, factor: 1, Count, addend: 1);
        using var gate = new Gate(device);
        ulong value = device.Submit([recording], [gate.Opened], []);
        Assert.Throws<TimeoutException>(() => device.Wait(value, TestContext.Current.CancellationToken, TimeSpan.FromMilliseconds(1)));
        Assert.Throws<OperationCanceledException>(() => device.Wait(value, cancelled.Token));
        Assert.False(device.IsComplete(value));
        Assert.Throws<InvalidOperationException>(recording.Begin);
        gate.Open();
        device.Finish(value);
        fixture.AssertNoMessages();
    }

    private static uint[] Numbers(int count) => Enumerable.Range(0, count).Select(i => (uint)i).ToArray();
}
