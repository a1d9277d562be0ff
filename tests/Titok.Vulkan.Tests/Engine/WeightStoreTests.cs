using System.Runtime.InteropServices;
using Titok.Vulkan.Checkpoints;
using Titok.Vulkan.Engine;
using Titok.Vulkan.Gpu;
using Titok.Vulkan.Graphs;
using Titok.Vulkan.Kernels;
using Titok.Vulkan.Tests.Checkpoints;
using Titok.Vulkan.Tests.Gpu;

namespace Titok.Vulkan.Tests.Engine;

/// <summary>Weights of a checkpoint on the device.</summary>
[Collection(GpuCollection.Name)]
public class WeightStoreTests(GpuFixture fixture)
{
    [Fact]
    public void WhatAFailedLoadLeftUnpackedIsLoadedAnew()
    {
        GpuDevice device = fixture.Device;
        using var folder = new TemporaryFolder();
        byte[] file = SafetensorsBuilder.Build(
            """{"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]},"b":{"dtype":"F16","shape":[4],"data_offsets":[16,24]}}""", 24);
        float[] stored = [1, 2, 3, 4];
        MemoryMarshal.AsBytes(stored).CopyTo(file.AsSpan(file.Length - 24));
        File.WriteAllBytes(folder["model.safetensors"], file);
        var graph = new Graph("weights", new KernelProfile(KernelForm.Portable, DataType.Float32));
        Tensor good = graph.Vector(4, "a"), mixed = graph.Vector(8, "a", "b");
        using (Checkpoint checkpoint = Checkpoint.Open(folder["model.safetensors"]))
        using (var weights = new WeightStore(device))
        {
            Assert.Throws<ModelFormatException>(() => weights.Load(checkpoint, [good.Value, mixed.Value]));
            Assert.Equal(0, weights.SizeInBytes);

            weights.Load(checkpoint, [good.Value]);
            var loaded = new float[4];
            device.Download(weights[good.Value], 0, MemoryMarshal.AsBytes(loaded.AsSpan()));
            Assert.Equal(stored, loaded);
        }
        fixture.AssertNoMessages();
    }
}
