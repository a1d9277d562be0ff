namespace Titok.Vulkan;

/// <summary>The base of every error the library reports by type. Its message is one clear line for a person.</summary>
/// <remarks>A cancelled call throws <see cref="OperationCanceledException"/> instead, as is usual in .NET.</remarks>
public class TitokException : Exception
{
    /// <summary>Makes an error with a one-line message and, where there is one, its cause.</summary>
    public TitokException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}

/// <summary>A checkpoint, config or other model file is wrong, or two of them don't fit each other.</summary>
/// <remarks>The message names the file, the tensor or key where one is to blame, and what was expected.</remarks>
public sealed class ModelFormatException : TitokException
{
    /// <summary>Makes an error about <paramref name="file"/>; the message is "file: problem".</summary>
    /// <param name="file">The file (or folder) at fault, as a person would name it.</param>
    /// <param name="problem">What is wrong and what was expected, naming the tensor or key.</param>
    /// <param name="innerException">The cause, where there is one.</param>
    public ModelFormatException(string file, string problem, Exception? innerException = null)
        : base($"{file}: {problem}", innerException)
    {
        File = file;
    }

    /// <summary>The file or folder at fault.</summary>
    public string File { get; }

    internal static ModelFormatException TooLong(string file, long lengthInBytes, int maxLengthInBytes) =>
        new(file, $"is {lengthInBytes} bytes long, expected at most {maxLengthInBytes}");
}

/// <summary>The Vulkan loader library is not installed on this machine.</summary>
public sealed class NoVulkanLoaderException : TitokException
{
    /// <summary>Makes an error with a message that says what to install.</summary>
    public NoVulkanLoaderException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}

/// <summary>Vulkan is there, but offers no usable device, or not the one that was asked for.</summary>
public sealed class NoDeviceException : TitokException
{
    /// <summary>Makes an error with a message that says which devices there are or what to install.</summary>
    public NoDeviceException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}

/// <summary>The device lacks something the library can't do without.</summary>
public sealed class MissingFeatureException : TitokException
{
    /// <summary>Makes an error about one feature, extension, limit or queue.</summary>
    /// <param name="feature">Its Vulkan name.</param>
    /// <param name="message">The whole message.</param>
    public MissingFeatureException(string feature, string message)
        : base(message)
    {
        Feature = feature;
    }

    /// <summary>The Vulkan name of the missing feature, extension or limit.</summary>
    public string Feature { get; }
}

/// <summary>What was asked for does not fit the device's memory.</summary>
public sealed class OutOfDeviceMemoryException : TitokException
{
    /// <summary>Makes an error that says how much was needed and how much there was.</summary>
    /// <param name="message">The whole message.</param>
    /// <param name="neededInBytes">What was asked for.</param>
    /// <param name="budgetInBytes">What the device could give at the time.</param>
    public OutOfDeviceMemoryException(string message, long neededInBytes, long budgetInBytes)
        : base(message)
    {
        NeededInBytes = neededInBytes;
        BudgetInBytes = budgetInBytes;
    }

    /// <summary>What was asked for, in bytes; 0 where the driver was out of memory and does not say.</summary>
    public long NeededInBytes { get; }

    /// <summary>What the device could give at the time, in bytes; 0 where the driver was out of memory and does not say.</summary>
    public long BudgetInBytes { get; }
}

/// <summary>What a model has computed is no finite number, as where it overflows fp16.</summary>
public sealed class NotFiniteException : TitokException
{
    /// <summary>Makes an error about one stage of a model and one picture.</summary>
    /// <param name="stage">The stage's results, in the plural: logits, latents or pixels.</param>
    /// <param name="picture">The picture, from 0.</param>
    /// <param name="message">The whole message.</param>
    public NotFiniteException(string stage, int picture, string message)
        : base(message)
    {
        Stage = stage;
        Picture = picture;
    }

    /// <summary>The first stage whose results are none: the generator's logits, the encoder's latents, or the decoder's pixels.</summary>
    public string Stage { get; }

    /// <summary>The first picture of the request for which they are none, from 0.</summary>
    public int Picture { get; }
}

/// <summary>The device was lost: its driver reset it, or it was removed. Everything made on it refuses from now on.</summary>
public sealed class DeviceLostException : TitokException
{
    /// <summary>Makes an error with what the driver reported, where it reported anything.</summary>
    public DeviceLostException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
