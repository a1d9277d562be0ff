using System.Buffers.Binary;
using Titok.Vulkan.Gpu;

namespace Titok.Vulkan.Tests.Gpu;

[Collection(GpuCollection.Name)]
public sealed class PipelineCacheTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("titok-pipelines-").FullName;

    [Fact]
    public void TheCacheIsWrittenAndReadBack()
    {
        using GpuInstance instance = GpuFixture.NewInstance();
        Assert.False(BuildOne(instance, out string path));
        bool again = BuildOne(instance, out _);
        GpuFixture.AssertNoMessages(instance);
        if (!File.Exists(path))
            Assert.Skip($"{Physical(instance).Name} gives no pipeline cache data to keep");
        Assert.True(again);
        // Only the file itself: nothing temporary is left.
        Assert.Equal([path], Directory.GetFiles(_folder));
    }

    [Theory]
    [InlineData("empty")]
    [InlineData("short")]
    [InlineData("cut")]
    [InlineData("longer")]
    [InlineData("magic")]
    [InlineData("version")]
    [InlineData("uuid")]
    [InlineData("length")]
    [InlineData("checksum")]
    [InlineData("payload")]
    [InlineData("zeros")]
    [InlineData("noise")]
    public void ADamagedFileIsIgnoredAndReplaced(string damage)
    {
        using GpuInstance instance = GpuFixture.NewInstance();
        GpuPhysicalDevice physical = Physical(instance);
        string path = Path.Combine(_folder, PipelineCacheFile.NameFor(physical));
        byte[] payload = PayloadFor(physical);
        PipelineCacheFile.Write(path, physical, payload);
        Assert.Equal(payload, PipelineCacheFile.Read(path, physical));
        byte[] damaged = Damage(File.ReadAllBytes(path), damage);
        File.WriteAllBytes(path, damaged);
        Assert.Null(PipelineCacheFile.Read(path, physical));
        // The device works all the same, and replaces the file where its driver gives it something to write.
        Assert.False(BuildOne(instance, out string devicePath));
        Assert.Equal(path, devicePath);
        if (!File.ReadAllBytes(path).AsSpan().SequenceEqual(damaged))
            Assert.True(BuildOne(instance, out _));
        PipelineCacheFile.Write(path, physical, payload);
        Assert.Equal(payload, PipelineCacheFile.Read(path, physical));
        GpuFixture.AssertNoMessages(instance);
    }

    [Fact]
    public void AnotherDriversFileIsIgnored()
    {
        using GpuInstance instance = GpuFixture.NewInstance();
        GpuPhysicalDevice physical = Physical(instance);
        string path = Path.Combine(_folder, "other.bin");
        PipelineCacheFile.Write(path, physical, PayloadFor(physical));
        Assert.NotNull(PipelineCacheFile.Read(path, physical));
        Assert.Null(PipelineCacheFile.Read(path, physical with { Driver = physical.Driver + " updated" }));
        Assert.Null(PipelineCacheFile.Read(path, physical with { DriverVersion = physical.DriverVersion + 1 }));
        Assert.Null(PipelineCacheFile.Read(path, physical with { PipelineCacheUuid = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16] }));
        // A payload that is whole but says it is another device's.
        PipelineCacheFile.Write(path, physical, PayloadFor(physical with { DeviceId = physical.DeviceId + 1 }));
        Assert.Null(PipelineCacheFile.Read(path, physical));
    }

    [Fact]
    public void AFolderThatCantBeWrittenMeansNothing()
    {
        using GpuInstance instance = GpuFixture.NewInstance();
        string file = Path.Combine(_folder, "a file");
        File.WriteAllText(file, "in the way");
        using (GpuDevice device = GpuFixture.NewDevice(instance, new GpuDeviceOptions { CacheFolder = file }))
            device.GetProgram("test_scale_add", [1], 2, 8);
        Assert.Equal("in the way", File.ReadAllText(file));
        GpuFixture.AssertNoMessages(instance);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>Makes a device, builds a pipeline, disposes; says whether a cache file was taken.</summary>
    private bool BuildOne(GpuInstance instance, out string path)
    {
        using GpuDevice device = GpuFixture.NewDevice(instance, new GpuDeviceOptions { CacheFolder = _folder });
        device.GetProgram("test_scale_add", [5], 2, 8);
        path = device.PipelineCache.FilePath!;
        return device.PipelineCache.LoadedFromDisk;
    }

    private static GpuPhysicalDevice Physical(GpuInstance instance) =>
        DeviceSelection.Choose(instance.PhysicalDevices, Environment.GetEnvironmentVariable("TITOK_DEVICE"));

    /// <summary>A Vulkan cache header of this device and some bytes after it.</summary>
    private static byte[] PayloadFor(GpuPhysicalDevice device)
    {
        var payload = new byte[100];
        new Random(2).NextBytes(payload);
        BinaryPrimitives.WriteUInt32LittleEndian(payload, 32);
        BinaryPrimitives.WriteUInt32LittleEndian(payload.AsSpan(4), 1);
        BinaryPrimitives.WriteUInt32LittleEndian(payload.AsSpan(8), device.VendorId);
        BinaryPrimitives.WriteUInt32LittleEndian(payload.AsSpan(12), device.DeviceId);
        device.PipelineCacheUuid.CopyTo(payload.AsSpan(16));
        return payload;
    }

    private static byte[] Damage(byte[] good, string damage)
    {
        byte[] bytes = [.. good];
        switch (damage)
        {
            case "empty": return [];
            case "short": return bytes[..50];
            case "cut": return bytes[..^1];
            case "longer": return [.. bytes, 0];
            case "magic": bytes[0] ^= 1; break;
            case "version": bytes[16] ^= 1; break;
            case "uuid": bytes[45] ^= 1; break;
            case "length": bytes[88] ^= 1; break;
            case "checksum": bytes[100] ^= 1; break;
            case "payload": bytes[^1] ^= 1; break;
            case "zeros": Array.Clear(bytes); break;
            default: new Random(3).NextBytes(bytes); break;
        }
        return bytes;
    }
}
