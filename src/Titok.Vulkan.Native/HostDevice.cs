using System.Text;

namespace Titok.Vulkan.Native;

/// <summary>Reads what a C host lends.</summary>
internal static unsafe class HostDevice
{
    public static TitokHostDevice Read(NativeHostDevice host)
    {
        if (host.LockQueue == null != (host.UnlockQueue == null))
            throw Arguments.Invalid("lockQueue and unlockQueue belong together");
        if (host.Allocate == null != (host.Free == null))
            throw Arguments.Invalid("allocate and free belong together");
        // The delegates keep copies: the C program's structure may be gone when they are called.
        Action? lockQueue = null, unlockQueue = null;
        if (host.LockQueue != null)
            (lockQueue, unlockQueue) = (() => host.LockQueue(host.QueueUser), () => host.UnlockQueue(host.QueueUser));
        return new TitokHostDevice
        {
            Instance = host.Instance,
            PhysicalDevice = host.PhysicalDevice,
            Device = host.Device,
            Queue = host.Queue,
            QueueFamily = Arguments.Small(host.QueueFamily, "queueFamily"),
            GetInstanceProcAddr = host.GetInstanceProcAddr,
            DebugLabels = host.DebugLabels != 0,
            ApiVersion = host.ApiVersion == 0 ? TitokRequirements.ApiVersion : host.ApiVersion,
            EnabledFeatures = Enabled(host),
            PipelineCache = host.PipelineCache,
            CacheFolder = Arguments.Text(host.CacheFolder),
            LockQueue = lockQueue,
            UnlockQueue = unlockQueue,
            Memory = host.Allocate == null ? null : new MemorySource(host),
        };
    }

    private static IReadOnlyCollection<string> Enabled(NativeHostDevice host)
    {
        if (host.Requirements != 0)
        {
            using HandleTable.Held<NativeRequirements> held = HandleTable.Hold<NativeRequirements>(host.Requirements);
            if (held.Value.PhysicalDevice != host.PhysicalDevice)
                throw Arguments.Invalid("requirements are those of another physicalDevice");
            return held.Value.Value.Enabled;
        }
        return Arguments.Texts(host.EnabledFeatures, host.EnabledFeatureCount, "enabledFeatures", "enabledFeatureCount");
    }

    private sealed class MemorySource(NativeHostDevice host) : ITitokMemorySource
    {
        public TitokMemory Allocate(long sizeInBytes, int memoryTypeIndex, bool hasDeviceAddress, string purpose)
        {
            NativeMemoryPiece piece = default;
            fixed (byte* text = Encoding.UTF8.GetBytes(purpose + '\0'))
                host.Allocate(host.MemoryUser, (ulong)sizeInBytes, (uint)memoryTypeIndex, hasDeviceAddress ? 1u : 0u, text, &piece);
            return new TitokMemory(piece.Memory, (long)piece.OffsetInBytes, piece.Mapped, piece.Token);
        }

        public void Free(TitokMemory memory)
        {
            var piece = new NativeMemoryPiece
            {
                Memory = memory.Memory,
                OffsetInBytes = (ulong)memory.OffsetInBytes,
                Mapped = memory.Mapped,
                Token = memory.Token,
            };
            host.Free(host.MemoryUser, &piece);
        }
    }
}
