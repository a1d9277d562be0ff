using System.Runtime.InteropServices;

namespace Titok.Vulkan.Native;

// The structures of titok.h, field by field. Every call compares the size that C has for one with its size here.

[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativeDeviceInfo
{
    public uint StructSize;
    public uint Index;
    public int Type;
    public fixed byte Name[256];
    public fixed byte Driver[256];
    public fixed byte Profile[16];
    public fixed byte Uuid[16];
    public fixed byte Luid[8];
    public uint HasLuid;
    public fixed byte PciAddress[16];
    public ulong MemoryInBytes;
    public uint IsUsable;
    public fixed byte WhyUnusable[256];
}

[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativeDeviceOptions
{
    public uint StructSize;
    public uint Validation;
    public byte* Device;
    public byte* CacheFolder;
}

[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativeRequirementsInfo
{
    public uint StructSize;
    public int Profile;
    public nint Instance;
    public nint PhysicalDevice;
    public nint GetInstanceProcAddr;
    public byte** Except;
    public uint ExceptCount;
}

[StructLayout(LayoutKind.Sequential)]
internal struct NativeMemoryPiece
{
    public ulong Memory;
    public ulong OffsetInBytes;
    public nint Mapped;
    public nint Token;
}

[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativeHostDevice
{
    public uint StructSize;
    public uint QueueFamily;
    public nint Instance;
    public nint PhysicalDevice;
    public nint Device;
    public nint Queue;
    public nint GetInstanceProcAddr;
    public uint ApiVersion;
    public uint EnabledFeatureCount;
    public byte** EnabledFeatures;
    public nint Requirements;
    public ulong PipelineCache;
    public byte* CacheFolder;
    public delegate* unmanaged[Cdecl]<nint, void> LockQueue;
    public delegate* unmanaged[Cdecl]<nint, void> UnlockQueue;
    public nint QueueUser;
    public delegate* unmanaged[Cdecl]<nint, ulong, uint, uint, byte*, NativeMemoryPiece*, void> Allocate;
    public delegate* unmanaged[Cdecl]<nint, NativeMemoryPiece*, void> Free;
    public nint MemoryUser;
    public uint DebugLabels;
}

[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativePipelineOptions
{
    public uint StructSize;
    public int Precision;
    public byte* Path;
    public byte* Tokenizer;
    public byte* Generator;
    public int GeneratorWeights;
    public uint FileCount;
    public NativeModelFile* Files;
    public delegate* unmanaged[Cdecl]<nint, double, int> Progress;
    public nint ProgressUser;
}

[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativeModelFile
{
    public byte* Name;
    public nint Content;
    public nuint SizeInBytes;
    public delegate* unmanaged[Cdecl]<nint, ulong, byte*, nuint, int> Read;
    public nint ReadUser;
}

[StructLayout(LayoutKind.Sequential)]
internal struct NativeModelMemory
{
    public uint StructSize;
    public ulong WeightsInBytes;
    public ulong WorkInBytes;
}

[StructLayout(LayoutKind.Sequential)]
internal struct NativePipelineInfo
{
    public uint StructSize;
    public uint ImageSize;
    public uint LatentTokens;
    public uint CodebookSize;
    public uint IsContinuous;
    public uint LatentChannels;
    public uint Classes;
    public uint MaxPicturesPerJob;
    public ulong Parameters;
    public int Precision;
    public int GeneratorWeights;
}

[StructLayout(LayoutKind.Sequential)]
internal struct NativeSettings
{
    public uint StructSize;
    public uint Steps;
    public float Guidance;
    public int Decay;
    public float GuidancePower;
    public float Temperature;
    public uint Anneal;
}

[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativeRequest
{
    public uint StructSize;
    public uint Pictures;
    public uint* Classes;
    public ulong Seed;
    public int* KnownTokens;
    public NativeSettings Settings;
}

[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativeStep
{
    public uint StructSize;
    public uint Step;
    public uint Steps;
    public uint FirstPicture;
    public int* Tokens;
    public nuint TokenCount;
}

[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativeInput
{
    public uint StructSize;
    public int Kind;
    public int Format;
    public int Layout;
    public uint MipLevel;
    public uint FirstLayer;
    public uint Columns;
    public uint X;
    public uint Y;
    public ulong Image;
    public ulong Buffer;
    public ulong OffsetInBytes;
    public byte* Pixels;
    public nuint SizeInBytes;
}

[StructLayout(LayoutKind.Sequential)]
internal struct NativeOutput
{
    public uint StructSize;
    public int Kind;
    public int Format;
    public int LayoutBefore;
    public int LayoutAfter;
    public uint MipLevel;
    public uint FirstLayer;
    public uint Columns;
    public uint X;
    public uint Y;
    public ulong Image;
    public ulong Buffer;
    public ulong OffsetInBytes;
    public uint ReleaseToExternal;
}

[StructLayout(LayoutKind.Sequential)]
internal struct NativeSlice
{
    public uint StructSize;
    public uint Dispatches;
    public uint Steps;
    public uint Everything;
    public double Milliseconds;
    public uint UpToOutput;
}

[StructLayout(LayoutKind.Sequential)]
internal struct NativeSliceInfo
{
    public uint StructSize;
    public uint Dispatches;
    public long Number;
    public double Milliseconds;
    public uint StepsRecorded;
    public uint IsLast;
    public uint OutputsRecorded;
    public ulong TimelineValue;
}

[StructLayout(LayoutKind.Sequential)]
internal struct NativeJobStatus
{
    public uint StructSize;
    public uint Steps;
    public uint StepsRecorded;
    public uint StepsExecuted;
    public uint IsRecorded;
    public uint IsFinished;
    public uint IsIdle;
    public uint IsCancelled;
    public uint StepCapacity;
    public uint OutputsExecuted;
    public double Progress;
    public double LastSliceMilliseconds;
}

[StructLayout(LayoutKind.Sequential)]
internal struct NativeSharedBufferInfo
{
    public uint StructSize;
    public uint MemoryTypeIndex;
    public ulong Buffer;
    public ulong SizeInBytes;
    public ulong MemorySizeInBytes;
}
