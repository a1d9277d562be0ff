using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Titok.Vulkan.Gpu;
using Titok.Vulkan.Reference;
using Titok.Vulkan.Tests.Gpu;

namespace Titok.Vulkan.Tests.Kernels;

/// <summary>The shaders' noise itself: its words exactly, and its samples to the last bit on every driver.</summary>
[Collection(GpuCollection.Name)]
public class NoiseTests(GpuFixture gpu)
{
    private const int Counters = 4096;

    [Fact]
    public void KnownAnswer()
    {
        uint[] expected = [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8];
        Assert.Equal(expected, Philox.Words(0, 0, 0, 0, 0));
        Assert.Equal(expected, Draw(0, 0, 0, 0).Words[..4]);
        gpu.AssertNoMessages();
    }

    [Theory]
    [InlineData(0, 0, Philox.TokenNoise, 0)]
    [InlineData(31, 7, Philox.ConfidenceNoise, 0xFFFFFFFFFFFFFFFF)]
    [InlineData(127, 63, Philox.LatentNoise, 0x0123456789ABCDEF)]
    public void WordsAreTheOracles(uint position, uint step, uint stream, ulong seed)
    {
        uint[] expected = [.. Enumerable.Range(0, Counters).SelectMany(i => Philox.Words((uint)i, position, step, stream, seed))];
        (uint[] words, float[] samples) = Draw(position, step, stream, seed);
        Assert.Equal(expected, words);
        Agreement.Assert("gumbel noise", [.. expected.Select(w => (float)Philox.Gumbel(w))], samples, 1e-12);
        gpu.AssertNoMessages();
    }

    /// <summary>The samples' bits, hashed: written down once, and the same on whatever device this runs.</summary>
    [Fact]
    public void SamplesAreTheSameBitsOnEveryDevice()
    {
        (_, float[] samples) = Draw(5, 3, Philox.TokenNoise, 42);
        Assert.StartsWith("32c1d11b58dee0e2", Convert.ToHexStringLower(SHA256.HashData(MemoryMarshal.AsBytes(samples.AsSpan()))), StringComparison.Ordinal);
        gpu.AssertNoMessages();
    }

    private (uint[] Words, float[] Samples) Draw(uint position, uint step, uint stream, ulong seed)
    {
        GpuDevice device = gpu.Device;
        using GpuBuffer words = device.CreateBuffer(Counters * 16, GpuMemoryKind.Device, "words");
        using GpuBuffer samples = device.CreateBuffer(Counters * 16, GpuMemoryKind.Device, "samples");
        using GpuRecording recording = device.CreateRecording("noise");
        recording.Begin();
        recording.Dispatch(
            device.GetProgram("test_noise", [], 2, 24), [words.Whole, samples.Whole],
            TestPush.Bytes(Counters, position, step, stream, (uint)seed, (uint)(seed >> 32)), Counters / 64);
        recording.End();
        device.Finish(device.Submit([recording]));
        return (device.Download<uint>(words, 4 * Counters), device.Download<float>(samples, 4 * Counters));
    }
}
