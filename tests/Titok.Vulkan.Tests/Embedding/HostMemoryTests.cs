using Silk.NET.Vulkan;
using Titok.Vulkan.Gpu;
using Titok.Vulkan.Tests.Gpu;

namespace Titok.Vulkan.Tests.Embedding;

/// <summary>Device memory that a host's own allocator hands over, and that it gets all of it back.</summary>
[Collection(GpuCollection.Name)]
public sealed class HostMemoryTests(HostTests.Files files) : IClassFixture<HostTests.Files>
{
    private static readonly GenerationRequest s_request = new() { Classes = [6], Seed = 4, Settings = GenerationSettings.Demo with { Steps = 3 } };

    [Fact]
    public void MemoryComesFromTheHostAndGoesBack()
    {
        using var host = new TestHost();
        var source = new Source(host);
        using (TitokDevice device = TitokDevice.Adopt(host.Lend() with { Memory = source }))
        {
            using TitokPipeline pipeline = TitokPipeline.Load(device, files.Folder, TestLoad.Fp32);
            Assert.True(source.Alive > 0);
            using TitokDevice own = TitokDevice.Create(new TitokDeviceOptions { Device = Environment.GetEnvironmentVariable("TITOK_DEVICE") });
            using TitokPipeline same = TitokPipeline.Load(own, files.Folder, TestLoad.Fp32);
            Assert.Equal(same.Generate(s_request).Images, pipeline.Generate(s_request).Images);
            source.Refuses = true;
            // More than is left of the blocks that are there.
            Assert.Throws<OutOfDeviceMemoryException>(() => device.Gpu.CreateBuffer(200 << 20, GpuMemoryKind.Device, "too much"));
        }
        Assert.Equal(0, source.Alive);
        host.AssertNoMessages();
    }

    [Theory]
    [InlineData("not mapped")]
    [InlineData("at an odd place")]
    public void MemoryThatCantBeUsedGoesBackAndIsNamed(string how)
    {
        using var host = new TestHost();
        var source = new Source(host);
        using (TitokDevice device = TitokDevice.Adopt(host.Lend() with { Memory = source }))
        {
            int before = source.Alive;
            source.Spoil = memory => how == "not mapped" ? memory with { Mapped = 0 } : memory with { OffsetInBytes = memory.OffsetInBytes + 256 };
            string message = Assert.Throws<InvalidOperationException>(() => device.Gpu.CreateBuffer(200 << 20, GpuMemoryKind.Upload, "large")).Message;
            Assert.Contains(how == "not mapped" ? "has not mapped" : "65792", message);
            Assert.Equal(before, source.Alive);
            source.Spoil = memory => memory;
            using GpuBuffer buffer = device.Gpu.CreateBuffer(200 << 20, GpuMemoryKind.Upload, "large");
            buffer.Mapped[^1] = 1;
        }
        Assert.Equal(0, source.Alive);
        host.AssertNoMessages();
    }

    /// <summary>An allocator of the host's: every piece starts 64 KiB into its memory.</summary>
    private sealed unsafe class Source(TestHost host) : ITitokMemorySource
    {
        private const long Start = 65536;

        public int Alive { get; private set; }

        public bool Refuses { get; set; }

        /// <summary>What it hands over instead of what it should.</summary>
        public Func<TitokMemory, TitokMemory> Spoil { get; set; } = memory => memory;

        public TitokMemory Allocate(long sizeInBytes, int memoryTypeIndex, bool hasDeviceAddress, string purpose)
        {
            if (Refuses)
                return default;
            var flags = new MemoryAllocateFlagsInfo { SType = StructureType.MemoryAllocateFlagsInfo, Flags = MemoryAllocateFlags.DeviceAddressBit };
            var info = new MemoryAllocateInfo
            {
                SType = StructureType.MemoryAllocateInfo,
                PNext = hasDeviceAddress ? &flags : null,
                AllocationSize = (ulong)(sizeInBytes + Start),
                MemoryTypeIndex = (uint)memoryTypeIndex,
            };
            DeviceMemory memory;
            TestHost.Check(host.Vk.AllocateMemory(host.Device, &info, null, &memory));
            PhysicalDeviceMemoryProperties properties;
            host.Instance.Vk.GetPhysicalDeviceMemoryProperties(host.Physical, &properties);
            void* mapped = null;
            if (properties.MemoryTypes[memoryTypeIndex].PropertyFlags.HasFlag(MemoryPropertyFlags.HostVisibleBit))
                TestHost.Check(host.Vk.MapMemory(host.Device, memory, Start, Vk.WholeSize, 0, &mapped));
            Alive++;
            return Spoil(new TitokMemory(memory.Handle, Start, (nint)mapped, Alive));
        }

        public void Free(TitokMemory memory)
        {
            Assert.NotEqual(0, memory.Token);
            host.Vk.FreeMemory(host.Device, new DeviceMemory(memory.Memory), null);
            Alive--;
        }
    }
}
