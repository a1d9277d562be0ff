using System.Text;
using Titok.Vulkan.Checkpoints;

namespace Titok.Vulkan.Tests.Checkpoints;

public class HostileSafetensorsTests
{
    private const string Name = "model.safetensors";

    private static readonly HostileFile[] _files =
    [
        new(Name, [], "0 bytes long"),
        new(Name, [1, 2, 3, 4, 5], "too short for a safetensors header"),
        Safetensors("{}", 0, 2, truncateTo: 9, "its header claims 2 bytes, but the file ends after 1"),
        new(Name, SafetensorsBuilder.Build("{}", 0, long.MaxValue), "claims 9223372036854775807 bytes, expected at most 100000000"),
        new(Name, SafetensorsBuilder.Build("{}", 0, -1), "claims 18446744073709551615 bytes"),
        new(Name, SafetensorsBuilder.Build("{}", 0, 100_000_000), "claims 100000000 bytes, but the file ends"),
        new(Name, SafetensorsBuilder.Build("[]", 0), "lacks an object of tensors"),
        new(Name, SafetensorsBuilder.Build("{\"a\":", 0), "not the JSON"),
        new(Name, SafetensorsBuilder.Build("{}{}", 0), "not the JSON"),
        new(Name, SafetensorsBuilder.Build(new string('[', 4000), 0), "lacks an object of tensors"),
        new(Name, SafetensorsBuilder.Build("{\"a\":" + new string('[', 4000), 0), "lacks an object for tensor 'a'"),
        new(Name, SafetensorsBuilder.Build([.. "{\""u8, 0xff, 0xfe, .. "\":{}}"u8], 0), "not"),
        new(Name, SafetensorsBuilder.Build("{\"\\ud800\":{}}", 0), "not Unicode"),
        new(Name, SafetensorsBuilder.Build(Tensor("a", "F32", "[2]", 0, 8), 4), "ends at 8, but the file holds only 4 bytes of data (truncated?)"),
        new(Name, SafetensorsBuilder.Build(Tensor("a", "F32", "[2]", 0, 8), 12), "holds 12 bytes of data, but its tensors end at 8"),
        new(Name, SafetensorsBuilder.Build(Tensor("a", "F32", "[3]", 0, 8), 8), "F32 [3] takes 12 bytes"),
        new(Name, SafetensorsBuilder.Build(Tensor("a", "F32", "[2]", 8, 0), 8), "lies at 8 to 0"),
        new(Name, SafetensorsBuilder.Build(Tensor("a", "F64", "[1]", 0, 8), 8), "tensor 'a' has type 'F64', expected F32, F16 or BF16"),
        new(Name, SafetensorsBuilder.Build(Tensor("a", "F8_E4M3", "[8]", 0, 8), 8), "type 'F8_E4M3'"),
        new(Name, SafetensorsBuilder.Build(Tensor("a", "F32", "[-2]", 0, 8), 8), "lacks a shape"),
        new(Name, SafetensorsBuilder.Build(Tensor("a", "F32", "[2.5]", 0, 8), 8), "lacks a shape"),
        new(Name, SafetensorsBuilder.Build(Tensor("a", "F32", "[1,1,1,1,1,1,1,1,2]", 0, 8), 8), "at most 8 whole numbers"),
        new(Name, SafetensorsBuilder.Build(Tensor("a", "F32", "[4294967296]", 0, 8), 8), "a dimension of 4294967296"),
        new(Name, SafetensorsBuilder.Build(Tensor("a", "F32", "[2147483647,2147483647,2147483647]", 0, 8), 8), "larger than 2 GiB"),
        new(Name, SafetensorsBuilder.Build(Tensor("a", "F32", "[65536,65536,65536,65536]", 0, 0), 0), "larger than 2 GiB"),
        new(Name, SafetensorsBuilder.Build(Tensor("a", "F32", "[2]", 0, 8, "b", 4, 12), 12), "tensor 'b' begins at 4 and overlaps"),
        new(Name, SafetensorsBuilder.Build(Tensor("a", "F32", "[2]", 0, 8, "b", 0, 8), 8), "overlaps"),
        new(Name, SafetensorsBuilder.Build(Tensor("a", "F32", "[2]", 0, 8, "b", 12, 20), 20), "tensor 'b' begins at 12, which leaves a gap behind 8"),
        new(Name, SafetensorsBuilder.Build(Tensor("a", "F32", "[2]", 4, 12), 12), "leaves a gap behind 0"),
        new(Name, SafetensorsBuilder.Build(Tensor("a", "F32", "[2]", 0, 8, "a", 8, 16), 16), "has 'a' twice"),
        new(Name, SafetensorsBuilder.Build("{\"__metadata__\":{\"a\":\"b\",\"a\":\"c\"}}", 0), "__metadata__ has 'a' twice"),
        new(Name, SafetensorsBuilder.Build("{\"__metadata__\":{\"a\":1}}", 0), "lacks text for 'a'"),
        new(Name, SafetensorsBuilder.Build("{\"a\":{\"dtype\":\"F32\",\"dtype\":\"F16\"}}", 0), "has 'dtype' twice"),
        new(Name, SafetensorsBuilder.Build("{\"a\":{\"dtype\":\"F32\",\"shape\":[1]}}", 0), "no complete dtype, shape and data_offsets"),
        new(Name, SafetensorsBuilder.Build("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4,8]}}", 4), "lacks two data_offsets"),
        new(Name, SafetensorsBuilder.Build("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,99999999999999999999]}}", 4), "lacks two data_offsets"),
        new(Name, SafetensorsBuilder.Build("{\"a\":{\"code\":\"rm -rf\"}}", 0), "'code' which is not part of the format"),
        new(Name, SafetensorsBuilder.Build(Tensor(@"evil\nname\u202e" + new string('x', 5000), "F64", "[1]", 0, 8), 8), "'evil?name?xxx"),
        new("model.safetensors", "PK\x05\x06 not really"u8.ToArray(), "its header claims"),
        new("model.gguf", "GGUF...................."u8.ToArray(), "neither a .safetensors file nor a PyTorch"),
    ];

    public static TheoryData<int> Cases => [.. Enumerable.Range(0, _files.Length)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void IsRefused(int index) => _files[index].IsRefusedBy((content, file) => Checkpoint.Parse(content, file));

    [Fact]
    public void WellFormedCornersAreRead()
    {
        // An empty tensor between others, a scalar, integers, and padding behind the header.
        const string Header = """
            {"b":{"dtype":"BF16","shape":[],"data_offsets":[8,10]},"empty":{"dtype":"F16","shape":[2147483647,2147483647,2147483647,0],"data_offsets":[8,8]},
            "a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"ids":{"dtype":"I64","shape":[1],"data_offsets":[10,18]}, "__metadata__":{"x":"y"}}   
            """;
        byte[] file = SafetensorsBuilder.Build(Header, 18);
        int dataAt = file.Length - 18;
        BitConverter.TryWriteBytes(file.AsSpan(dataAt), 1.5f);
        BitConverter.TryWriteBytes(file.AsSpan(dataAt + 8), (ushort)0xc040);
        using Checkpoint checkpoint = Checkpoint.Parse(file, Name);
        Assert.Equal(["a", "b", "empty"], checkpoint.Tensors.Keys.Order());
        Assert.Equal(["ids"], checkpoint.IntegerBuffers);
        Assert.Equal([1.5f, 0], checkpoint.ReadFloats("a"));
        Assert.Equal([-3f], checkpoint.ReadFloats("b"));
        Assert.Empty(checkpoint.ReadFloats("empty"));
        Assert.Empty(checkpoint.Tensors["b"].Shape);
    }

    private static HostileFile Safetensors(string header, int data, long declared, int truncateTo, string reason) =>
        new(Name, SafetensorsBuilder.Build(header, data, declared)[..truncateTo], reason);

    private static string Tensor(string name, string dtype, string shape, long begin, long end, string? second = null, long begin2 = 0, long end2 = 0)
    {
        var header = new StringBuilder($"{{\"{name}\":{{\"dtype\":\"{dtype}\",\"shape\":{shape},\"data_offsets\":[{begin},{end}]}}");
        if (second is not null)
            header.Append($",\"{second}\":{{\"dtype\":\"{dtype}\",\"shape\":{shape},\"data_offsets\":[{begin2},{end2}]}}");
        return header.Append('}').ToString();
    }
}
