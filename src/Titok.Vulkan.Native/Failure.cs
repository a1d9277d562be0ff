using System.Runtime.InteropServices;
using System.Text;

namespace Titok.Vulkan.Native;

/// <summary>Turns whatever went wrong into a result, and keeps its message for the thread.</summary>
internal static unsafe class Failure
{
    private const int MessageSizeInBytes = 2048;

    [ThreadStatic]
    private static ThreadMessage? t_message;

    /// <summary>The calling thread's message, NUL-terminated; never null.</summary>
    public static byte* Message => (t_message ??= new ThreadMessage()).Text;

    public static int Of(Exception exception)
    {
        NativeResult result = ResultOf(exception);
        try
        {
            string text = result switch
            {
                NativeResult.Unknown when exception is not TitokException => $"{exception.GetType().Name}: {exception.Message}",
                NativeResult.Cancelled => "The progress function asked to stop.",
                _ => exception.Message,
            };
            // ArgumentException ends its message with the parameter's name, which means nothing in C.
            int end = text.IndexOf(" (Parameter '", StringComparison.Ordinal);
            Keep(end < 0 ? text : text[..end]);
        }
        catch (Exception)
        {
            Message[0] = 0;
        }
        return (int)result;
    }

    private static NativeResult ResultOf(Exception exception) => exception switch
    {
        NativeException native => native.Result,
        NoVulkanLoaderException => NativeResult.NoVulkan,
        NoDeviceException => NativeResult.NoDevice,
        MissingFeatureException => NativeResult.MissingFeature,
        OutOfDeviceMemoryException or OutOfMemoryException => NativeResult.OutOfMemory,
        DeviceLostException => NativeResult.DeviceLost,
        ModelFormatException => NativeResult.BadModel,
        NotFiniteException => NativeResult.NotFinite,
        OperationCanceledException => NativeResult.Cancelled,
        ObjectDisposedException => NativeResult.InvalidHandle,
        InvalidOperationException => NativeResult.InvalidOperation,
        ArgumentException or OverflowException => NativeResult.InvalidArgument,
        IOException or UnauthorizedAccessException => NativeResult.Io,
        _ => NativeResult.Unknown,
    };

    /// <summary>Stays where it is as long as its thread lives, since C code may look at it at any time.</summary>
    private sealed class ThreadMessage
    {
        public byte* Text { get; } = (byte*)NativeMemory.AllocZeroed(MessageSizeInBytes);

        ~ThreadMessage() => NativeMemory.Free(Text);
    }

    private static void Keep(string text)
    {
        byte* message = Message;
        var room = new Span<byte>(message, MessageSizeInBytes - 1);
        Encoding.UTF8.GetEncoder().Convert(text.ReplaceLineEndings(" "), room, flush: true, out _, out int written, out _);
        message[written] = 0;
    }
}
