using System.Buffers.Binary;
using System.Text;

namespace Titok.Vulkan.Tests.Checkpoints;

/// <summary>Puts together safetensors files whose header says whatever a test wants.</summary>
internal static class SafetensorsBuilder
{
    public static byte[] Build(string header, int dataInBytes, long? declaredHeaderInBytes = null)
    {
        byte[] json = Encoding.UTF8.GetBytes(header);
        return Build(json, dataInBytes, declaredHeaderInBytes);
    }

    public static byte[] Build(ReadOnlySpan<byte> header, int dataInBytes, long? declaredHeaderInBytes = null)
    {
        var file = new byte[8 + header.Length + dataInBytes];
        BinaryPrimitives.WriteInt64LittleEndian(file, declaredHeaderInBytes ?? header.Length);
        header.CopyTo(file.AsSpan(8));
        return file;
    }
}
