using System.Buffers;
using System.Buffers.Binary;
using System.Text.Json;
using Titok.Vulkan.Files;

namespace Titok.Vulkan.Checkpoints;

/// <summary>Writes a safetensors file tensor by tensor, so that no more than one need be in memory.</summary>
internal static class SafetensorsWriter
{
    /// <summary>Writes the file in one go or not at all.</summary>
    /// <param name="path">Where the file goes; one that is there is replaced.</param>
    /// <param name="tensors">In the order of their data.</param>
    /// <param name="fill">Writes one tensor's data to the stream: exactly its length, little-endian.</param>
    /// <param name="metadata">Texts for <c>__metadata__</c>.</param>
    public static void Write(
        string path, IReadOnlyList<TensorInfo> tensors, Action<TensorInfo, Stream> fill, IReadOnlyDictionary<string, string>? metadata = null) =>
        AtomicFile.Write(path, stream =>
        {
            stream.Write(Header(tensors, metadata));
            foreach (TensorInfo tensor in tensors)
            {
                long start = stream.Position;
                fill(tensor, stream);
                if (stream.Position - start != tensor.LengthInBytes)
                    throw new InvalidOperationException($"Tensor '{tensor.Name}' was filled with {stream.Position - start} bytes, expected {tensor.LengthInBytes}.");
            }
        });

    /// <summary>The 8 bytes of length and the JSON, padded so that the data begins at a multiple of 8.</summary>
    private static byte[] Header(IReadOnlyList<TensorInfo> tensors, IReadOnlyDictionary<string, string>? metadata)
    {
        var buffer = new ArrayBufferWriter<byte>();
        buffer.Write(stackalloc byte[8]);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            if (metadata is not null)
            {
                json.WriteStartObject("__metadata__");
                foreach ((string key, string text) in metadata)
                    json.WriteString(key, text);
                json.WriteEndObject();
            }

            long offsetInBytes = 0;
            foreach (TensorInfo tensor in tensors)
            {
                json.WriteStartObject(tensor.Name);
                json.WriteString("dtype", tensor.Type.Name());
                json.WriteStartArray("shape");
                foreach (int dimension in tensor.Shape)
                    json.WriteNumberValue(dimension);
                json.WriteEndArray();
                json.WriteStartArray("data_offsets");
                json.WriteNumberValue(offsetInBytes);
                json.WriteNumberValue(offsetInBytes += tensor.LengthInBytes);
                json.WriteEndArray();
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        while (buffer.WrittenCount % 8 != 0)
            buffer.Write(" "u8);
        byte[] header = buffer.WrittenSpan.ToArray();
        BinaryPrimitives.WriteInt64LittleEndian(header, header.Length - 8);
        return header;
    }
}
