using System.IO.Compression;
using Titok.Vulkan.Checkpoints;

namespace Titok.Vulkan.Tests.Checkpoints;

public class HostilePyTorchTests
{
    private const string Name = "pytorch_model.bin";

    private static readonly HostileFile[] _files =
    [
        new(Name, [], "neither a .safetensors file nor a PyTorch"),
        new(Name, [0x80, 0x02, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e], "PyTorch's old format (before 1.6)"),
        new(Name, Tar(), "PyTorch's old format (before 1.6)"),
        new(Name, Valid()[..^30], "no zip directory at its end (truncated?)"),
        new(Name, Valid()[..100], "no zip directory at its end (truncated?)"),
        new(Name, Valid()[^200..], "neither"),
        new(Name, [.. "PK\x03\x04"u8, .. Valid().AsSpan(50)], "outside the file"),
        new(Name, new ZipBuilder { Method = 8 }.Add("m/data.pkl", [1]).Build(), "'m/data.pkl' is compressed"),
        new(Name, Deflated(), "is compressed; PyTorch stores its entries plain"),
        new(Name, new ZipBuilder { Flags = 1 }.Add("m/data.pkl", [1]).Build(), "is encrypted"),
        new(Name, new ZipBuilder().Add("m/data.pkl", [1]).Add("m/data.pkl", [2]).Build(), "has 'm/data.pkl' twice"),
        new(Name, new ZipBuilder { LastHeaderAt = 0 }.Add("a", [1]).Add("b", [2]).Build(), "'b' has another name in its own header"),
        new(Name, new ZipBuilder { LastHeaderAt = 31 }.Add("a", [.. "PK\x03\x04"u8, .. new byte[22], 1, 0, 0, 0, .. "b"u8]).Add("b", [2]).Build(), "entries 'a' and 'b' overlap"),
        new(Name, new ZipBuilder { LastHeaderAt = uint.MaxValue - 1 }.Add("a", [1]).Build(), "'a' lies outside the file"),
        new(Name, new ZipBuilder { LastHeaderAt = 3 }.Add("a", [1]).Build(), "'a' lies outside the file"),
        new(Name, new ZipBuilder { LocalName = "m/data.pkm" }.Add("m/data.pkl", [1]).Build(), "has another name in its own header"),
        new(Name, new ZipBuilder().Add("x/y.txt", [1]).Build(), "a zip without a data.pkl"),
        new(Name, new ZipBuilder().Add("a/data.pkl", [1]).Add("b/data.pkl", [1]).Build(), "several data.pkl"),
        new(Name, new ZipBuilder().Add("m/data.pkl", [1]).Add("m/constants.pkl", [1]).Build(), "TorchScript"),
        new(Name, new ZipBuilder().Add("m/data.pkl", [1]).Add("m/byteorder", "big"u8).Build(), "its byte order is not 'little'"),
        new(Name, new ZipBuilder().Add("m/data.pkl", new byte[17 << 20]).Build(), "expected at most 16777216"),
        Pickled([], "ends too early"),
        Pickled([0x80, 0x09, (byte)'.'], "protocol other than 2 to 5"),
        Pickled(new PickleBuilder().Op('N').Op('.').Build(), "not a state dict"),
        Pickled(new PickleBuilder().Op('.').Build(), "stops in the middle of a value"),
        Pickled(new PickleBuilder().Op('R').Build(), "takes from an empty stack"),
        Pickled(new PickleBuilder().Op('t').Build(), "never opened"),
        Pickled(new PickleBuilder().Op('N').Op('(').Op('q').Op(1).Build(), "takes from an empty stack"),
        Pickled(new PickleBuilder().Op('h').Op(7).Build(), "recalls memo 7"),
        Pickled(new PickleBuilder().Op([.. Enumerable.Repeat((byte)'(', 1000)]).Build(), "nests deeper than 64"),
        Pickled(new PickleBuilder().Op((byte)'X', 0xff, 0xff, 0xff, 0xff).Build(), "a text of 4294967295 bytes"),
        Pickled(new PickleBuilder().Op(0x8a, 0xff).Build(), "more than 64 bits"),
        Pickled(new PickleBuilder().Op('i').Op("os\nsystem\n"u8).Build(), "opcode 0x69, which no state dict needs"),
        Pickled(new PickleBuilder().Op(0x81).Build(), "opcode 0x81"),
        Pickled(new PickleBuilder().Global("os", "system").Op('(').Text("rm -rf /").Op('t').Op('R').Op('.').Build(), "asks for 'os.system', which no state dict needs"),
        Pickled(new PickleBuilder().Global("builtins", "eval").Op('.').Build(), "asks for 'builtins.eval'"),
        Pickled(new PickleBuilder().Text("posix").Text("system").Op(0x93).Build(), "asks for 'posix.system'"),
        Pickled(new PickleBuilder().Op('c').Op("torch\nFloatStorage"u8).Build(), "without an end of line"),
        Pickled(new PickleBuilder().Global("torch", "FloatStorage").Op(')').Op('R').Build(), "with arguments that make no tensor"),
        Pickled(new PickleBuilder().Global("torch._utils", "_rebuild_tensor_v2").Op(')').Op('R').Build(), "with arguments that make no tensor"),
        Pickled(new PickleBuilder().Op('}').Text("a").Op('N').Op('s').Text("a").Op('N').Op('s').Build(), "has 'a' twice"),
        Pickled(new PickleBuilder().Op('}').Op('K').Op(1).Op('N').Op('s').Build(), "key that is not text"),
        Pickled(new PickleBuilder().Op('}').Op('(').Text("a").Op('u').Build(), "a key without a value"),
        Pickled(new PickleBuilder().Text("storage").Op('Q').Build(), "persistent id that is not a storage"),
        Pickled(PickleBuilder.StateDict(p => p.Text("model").Op('}')), "'model' is not a tensor"),
        Pickled(PickleBuilder.StateDict(p => p.Tensor("w", "DoubleStorage", "0", 4, 0, [4], [1])), "of type 'DoubleStorage'"),
        Pickled(PickleBuilder.StateDict(p => p.Tensor("w", "FloatStorage", "9", 4, 0, [4], [1])), "storage '9', which the file lacks"),
        Pickled(PickleBuilder.StateDict(p => p.Tensor("w", "FloatStorage", "../data.pkl", 4, 0, [4], [1])), "which the file lacks"),
        Pickled(PickleBuilder.StateDict(p => p.Tensor("w", "FloatStorage", "0", 5, 0, [4], [1])), "of 16 bytes, expected 5 elements of 4 bytes"),
        Pickled(PickleBuilder.StateDict(p => p.Tensor("w", "FloatStorage", "0", long.MaxValue, 0, [4], [1])), "expected 9223372036854775807 elements"),
        Pickled(PickleBuilder.StateDict(p => p.Tensor("w", "FloatStorage", "0", 4, 0, [5], [1])), "reaches outside its storage of 4 elements"),
        Pickled(PickleBuilder.StateDict(p => p.Tensor("w", "FloatStorage", "0", 4, 1, [4], [1])), "reaches outside"),
        Pickled(PickleBuilder.StateDict(p => p.Tensor("w", "FloatStorage", "0", 4, -1, [1], [1])), "reaches outside"),
        Pickled(PickleBuilder.StateDict(p => p.Tensor("w", "FloatStorage", "0", 4, 0, [2, 2], [long.MaxValue, long.MaxValue])), "reaches outside"),
        Pickled(PickleBuilder.StateDict(p => p.Tensor("w", "FloatStorage", "0", 4, 3, [4], [-1])), "reaches outside"),
        Pickled(PickleBuilder.StateDict(p => p.Tensor("w", "FloatStorage", "0", 4, 0, [-4], [1])), "a dimension of -4"),
        Pickled(PickleBuilder.StateDict(p => p.Tensor("w", "FloatStorage", "0", 4, 0, [1L << 40], [0])), "a dimension of 1099511627776"),
        Pickled(PickleBuilder.StateDict(p => p.Tensor("w", "FloatStorage", "0", 4, 0, [1 << 20, 1 << 20], [0, 0])), "larger than 2 GiB"),
        Pickled(PickleBuilder.StateDict(p => p.Tensor("w", "FloatStorage", "0", 4, 0, [4], [1, 1])), "with arguments that make no tensor"),
        Pickled(PickleBuilder.StateDict(p => p.Tensor("w", "FloatStorage", "0", 4, 0, [4], [1]).Tensor("v", "IntStorage", "0", 4, 0, [4], [1])), "for another type"),
        Pickled(PickleBuilder.StateDict(p => p.Tensor("w", "FloatStorage", "0", 4, 0, [4], [1]).Tensor("w", "FloatStorage", "0", 4, 0, [4], [1])), "has 'w' twice"),
    ];

    public static TheoryData<int> Cases => [.. Enumerable.Range(0, _files.Length)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void IsRefused(int index) => _files[index].IsRefusedBy((content, file) => Checkpoint.Parse(content, file));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void WellFormedCornersAreRead(bool zip64)
    {
        float[] storage = [0, 1, 2, 3, 4, 5];
        byte[] pickle = PickleBuilder.StateDict(p => p
            .Tensor("whole", "FloatStorage", "0", 6, 0, [2, 3], [3, 1])
            .Tensor("transposed", "FloatStorage", "0", 6, 0, [3, 2], [1, 3], asParameter: true)
            .Tensor("column", "FloatStorage", "0", 6, 1, [2, 1], [3, 77])
            .Tensor("expanded", "FloatStorage", "0", 6, 5, [2, 2], [0, 0])
            .Tensor("scalar", "FloatStorage", "0", 6, 4, [], [])
            .Tensor("empty", "FloatStorage", "0", 6, 6, [0, 3], [3, 1])
            .Tensor("large and empty", "FloatStorage", "0", 6, 6, [int.MaxValue, int.MaxValue, int.MaxValue, 0], [0, 0, 0, 0])
            .Tensor("position_ids", "LongStorage", "1", 1, 0, [1], [1]));
        byte[] file = new ZipBuilder { Zip64 = zip64, PaddingInBytes = 13 }
            .Add("any name/data.pkl", pickle)
            .Add("any name/byteorder", "little"u8)
            .Add("any name/data/0", System.Runtime.InteropServices.MemoryMarshal.AsBytes(storage.AsSpan()))
            .Add("any name/data/1", new byte[8])
            .Build();
        using Checkpoint checkpoint = Checkpoint.Parse(file, Name);
        Assert.Equal(["position_ids"], checkpoint.IntegerBuffers);
        Assert.Equal(storage, checkpoint.ReadFloats("whole"));
        Assert.Equal([0, 3, 1, 4, 2, 5], checkpoint.ReadFloats("transposed"));
        Assert.Equal([1, 4], checkpoint.ReadFloats("column"));
        Assert.Equal([5, 5, 5, 5], checkpoint.ReadFloats("expanded"));
        Assert.Equal([4], checkpoint.ReadFloats("scalar"));
        Assert.Empty(checkpoint.ReadFloats("empty"));
        Assert.Empty(checkpoint.ReadFloats("large and empty"));
        checkpoint.Release("transposed");
        Assert.Equal([0, 3, 1, 4, 2, 5], checkpoint.ReadFloats("transposed"));
    }

    private static HostileFile Pickled(byte[] pickle, string reason) =>
        new(Name, new ZipBuilder().Add("m/data.pkl", pickle).Add("m/data/0", new byte[16]).Build(), reason);

    private static byte[] Valid() => new ZipBuilder()
        .Add("m/data.pkl", PickleBuilder.StateDict(p => p.Tensor("w", "FloatStorage", "0", 4, 0, [4], [1])))
        .Add("m/data/0", new byte[16])
        .Build();

    private static byte[] Tar()
    {
        var tar = new byte[1024];
        "ustar"u8.CopyTo(tar.AsSpan(257));
        return tar;
    }

    private static byte[] Deflated()
    {
        var file = new MemoryStream();
        using (var zip = new ZipArchive(file, ZipArchiveMode.Create, leaveOpen: true))
        using (Stream entry = zip.CreateEntry("m/data.pkl", CompressionLevel.SmallestSize).Open())
            entry.Write(new byte[100_000]);
        return file.ToArray();
    }
}
