using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Titok.Vulkan.Gpu;

/// <summary>Checks a SPIR-V binary before a driver sees it: drivers crash on what they don't expect.</summary>
internal static class SpirvModule
{
    /// <summary>The capability CooperativeMatrixKHR.</summary>
    public const uint CooperativeMatrix = 6022;

    private const uint Magic = 0x07230203;
    private const ushort OpCapability = 17;
    private const ushort OpExtension = 10;
    private const int HeaderInWords = 5;

    /// <summary>The module's words, checked for form and for features this device lacks.</summary>
    /// <exception cref="MissingFeatureException">The shader needs a feature that the device does not have.</exception>
    public static uint[] Load(ReadOnlySpan<byte> bytes, string name, GpuPhysicalDevice device)
    {
        if (bytes.Length < HeaderInWords * 4 || bytes.Length % 4 != 0 || BinaryPrimitives.ReadUInt32LittleEndian(bytes) != Magic)
            throw new InvalidDataException($"The shader '{name}' is not a SPIR-V binary.");
        uint[] words = MemoryMarshal.Cast<byte, uint>(bytes).ToArray();
        // Capabilities and extensions are a module's first instructions.
        for (int i = HeaderInWords; i < words.Length;)
        {
            ushort operation = (ushort)words[i];
            int length = (int)(words[i] >> 16);
            if (length == 0 || i + length > words.Length)
                throw new InvalidDataException($"The shader '{name}' is cut off.");
            if (operation == OpCapability && length == 2)
                Require(words[i + 1], name, device);
            else if (operation != OpExtension)
                break;
            i += length;
        }
        return words;
    }

    /// <summary>Whether a module that <see cref="Load"/> has checked declares a capability.</summary>
    public static bool Uses(ReadOnlySpan<uint> words, uint capability)
    {
        for (int i = HeaderInWords; i + 1 < words.Length && (ushort)words[i] == OpCapability; i += 2)
        {
            if (words[i + 1] == capability)
                return true;
        }
        return false;
    }

    private static void Require(uint capability, string name, GpuPhysicalDevice device)
    {
        (string Feature, bool Has)? needed = capability switch
        {
            9 => ("shaderFloat16", device.Features.Float16),
            4433 => ("storageBuffer16BitAccess", device.Features.Storage16Bit),
            4434 => ("uniformAndStorageBuffer16BitAccess", false),
            5347 => ("bufferDeviceAddress", device.Features.BufferDeviceAddress),
            CooperativeMatrix => ("cooperativeMatrix", device.Features.CooperativeMatrix),
            5430 or 5431 or 5432 => (GpuFeature.MatrixReductions.Extension!, device.Features.MatrixReductions),
            // Turned on with cooperative matrices, for which alone it is needed.
            5345 => ("vulkanMemoryModel", device.Features.CooperativeMatrix),
            10 => ("shaderFloat64", false),
            11 => ("shaderInt64", device.Features.Int64),
            22 => ("shaderInt16", false),
            _ => null,
        };
        if (needed is { Has: false } missing)
            throw new MissingFeatureException(missing.Feature, $"The shader '{name}' needs {missing.Feature}, which is not there on {device.Name}.");
    }
}
