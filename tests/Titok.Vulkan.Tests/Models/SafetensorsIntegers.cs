using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Titok.Vulkan.Tests.Models;

/// <summary>Reads an I32 tensor of a golden file, which the library has no reason to offer.</summary>
internal static class SafetensorsIntegers
{
    public static int[] Read(string path, string name)
    {
        byte[] file = File.ReadAllBytes(path);
        int headerLength = (int)BinaryPrimitives.ReadInt64LittleEndian(file);
        using var header = JsonDocument.Parse(file.AsMemory(8, headerLength));
        JsonElement entry = header.RootElement.GetProperty(name);
        Assert.Equal("I32", entry.GetProperty("dtype").GetString());
        int first = entry.GetProperty("data_offsets")[0].GetInt32(), last = entry.GetProperty("data_offsets")[1].GetInt32();
        return MemoryMarshal.Cast<byte, int>(file.AsSpan(8 + headerLength + first, last - first)).ToArray();
    }
}
