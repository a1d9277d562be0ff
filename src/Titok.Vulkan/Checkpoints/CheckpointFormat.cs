namespace Titok.Vulkan.Checkpoints;

/// <summary>Tells the file formats apart by their content.</summary>
internal static class CheckpointFormat
{
    public static CheckpointContents Read(ByteSource source, string file)
    {
        ReadOnlySpan<byte> start = source.Slice(0, (int)Math.Min(source.LengthInBytes, 512));

        // A safetensors header's length may begin with any bytes, so its '{' is looked at before the zip's signature;
        // a zip has its compression method in that place, which is never '{'.
        if (start.Length > 8 && start[8] == '{')
            return SafetensorsReader.Read(source, file);
        if (start.StartsWith("PK\x03\x04"u8))
            return PyTorchReader.Read(source, file);
        if (IsPyTorchBeforeZip(start))
        {
            throw new ModelFormatException(file, "is in PyTorch's old format (before 1.6), which is not read; "
                + "load and save it once with a newer PyTorch, or use .safetensors");
        }

        // Neither: the name says which explanation helps.
        if (file.EndsWith(".safetensors", StringComparison.OrdinalIgnoreCase))
            return SafetensorsReader.Read(source, file);
        throw new ModelFormatException(file, "is neither a .safetensors file nor a PyTorch .bin (zip) file");
    }

    private static bool IsPyTorchBeforeZip(ReadOnlySpan<byte> start)
    {
        // Since 0.1.10: a pickle (protocol 2) of the number 0x1950a86a20f9469cfc6c. Before that: a tar.
        ReadOnlySpan<byte> magicNumber = [0x80, 0x02, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19];
        return start.StartsWith(magicNumber) || (start.Length > 262 && start[257..].StartsWith("ustar"u8));
    }
}
