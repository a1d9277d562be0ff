using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Extensions.Logging;

namespace Titok.Vulkan.Native;

/// <summary>What concerns the library as a whole: its version, its log, and that there is one of it in the process.</summary>
internal static unsafe class Library
{
    private static readonly Lock s_lock = new();
    private static readonly uint s_version = Packed(typeof(Library).Assembly.GetName().Version!);
    private static bool s_isChecked, s_isAnother;
    private static volatile LogTarget? s_log;

    /// <summary>Goes to where the C program has said last; nowhere before.</summary>
    public static ILogger Logger { get; } = new HostLog();

    /// <summary>Throws where another copy of the library, from another file, runs in this process.</summary>
    public static void ThrowIfLoadedTwice()
    {
        lock (s_lock)
        {
            if (!s_isChecked)
            {
                s_isAnother = !ProcessMark.TryLeave();
                s_isChecked = true;
            }
        }
        if (s_isAnother)
            throw new NativeException(NativeResult.LoadedTwice, "Another copy of the Titok.Vulkan library runs in this process; load one file only.");
    }

    [UnmanagedCallersOnly(EntryPoint = "titokVersion", CallConvs = [typeof(CallConvCdecl)])]
    public static uint Version() => s_version;

    [UnmanagedCallersOnly(EntryPoint = "titokLastMessage", CallConvs = [typeof(CallConvCdecl)])]
    public static byte* LastMessage() => Failure.Message;

    [UnmanagedCallersOnly(EntryPoint = "titokResultName", CallConvs = [typeof(CallConvCdecl)])]
    public static byte* ResultName(int result) => (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(NameOf(result)));

    [UnmanagedCallersOnly(EntryPoint = "titokSetLog", CallConvs = [typeof(CallConvCdecl)])]
    public static int SetLog(delegate* unmanaged[Cdecl]<nint, int, byte*, void> function, nint user) => Call.Do((function: (nint)function, user), static target =>
    {
        ThrowIfLoadedTwice();
        s_log = target.function == 0 ? null : new LogTarget(target.function, target.user);
    });

    /// <summary>As TITOK_MAKE_VERSION packs it.</summary>
    private static uint Packed(Version version) => (uint)version.Major << 22 | (uint)version.Minor << 12 | (uint)version.Build;

    // Constants of the image: their addresses never change.
    private static ReadOnlySpan<byte> NameOf(int result) => (NativeResult)result switch
    {
        NativeResult.Ok => "TITOK_OK\0"u8,
        NativeResult.NotReady => "TITOK_NOT_READY\0"u8,
        NativeResult.InvalidArgument => "TITOK_ERROR_INVALID_ARGUMENT\0"u8,
        NativeResult.InvalidHandle => "TITOK_ERROR_INVALID_HANDLE\0"u8,
        NativeResult.InvalidOperation => "TITOK_ERROR_INVALID_OPERATION\0"u8,
        NativeResult.InUse => "TITOK_ERROR_IN_USE\0"u8,
        NativeResult.Busy => "TITOK_ERROR_BUSY\0"u8,
        NativeResult.NoVulkan => "TITOK_ERROR_NO_VULKAN\0"u8,
        NativeResult.NoDevice => "TITOK_ERROR_NO_DEVICE\0"u8,
        NativeResult.MissingFeature => "TITOK_ERROR_MISSING_FEATURE\0"u8,
        NativeResult.OutOfMemory => "TITOK_ERROR_OUT_OF_MEMORY\0"u8,
        NativeResult.DeviceLost => "TITOK_ERROR_DEVICE_LOST\0"u8,
        NativeResult.BadModel => "TITOK_ERROR_BAD_MODEL\0"u8,
        NativeResult.Cancelled => "TITOK_ERROR_CANCELLED\0"u8,
        NativeResult.Io => "TITOK_ERROR_IO\0"u8,
        NativeResult.LoadedTwice => "TITOK_ERROR_LOADED_TWICE\0"u8,
        NativeResult.NotFinite => "TITOK_ERROR_NOT_FINITE\0"u8,
        _ => "TITOK_ERROR_UNKNOWN\0"u8,
    };

    private sealed class LogTarget(nint function, nint user)
    {
        public void Tell(int level, string message)
        {
            fixed (byte* text = Encoding.UTF8.GetBytes(message + '\0'))
                ((delegate* unmanaged[Cdecl]<nint, int, byte*, void>)function)(user, level, text);
        }
    }

    private sealed class HostLog : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => s_log is not null && logLevel is >= LogLevel.Debug and not LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
                s_log?.Tell(Math.Min((int)logLevel, 4), formatter(state, exception));
        }
    }
}
