namespace Titok.Vulkan.Native;

/// <summary>TitokResult of titok.h.</summary>
internal enum NativeResult
{
    Ok = 0,
    NotReady = 1,
    Unknown = -1,
    InvalidArgument = -2,
    InvalidHandle = -3,
    InvalidOperation = -4,
    InUse = -5,
    Busy = -6,
    NoVulkan = -7,
    NoDevice = -8,
    MissingFeature = -9,
    OutOfMemory = -10,
    DeviceLost = -11,
    BadModel = -12,
    Cancelled = -13,
    Io = -14,
    LoadedTwice = -15,
    NotFinite = -16,
}

/// <summary>An error that has a result of its own.</summary>
internal sealed class NativeException(NativeResult result, string message) : Exception(message)
{
    public NativeResult Result => result;
}
