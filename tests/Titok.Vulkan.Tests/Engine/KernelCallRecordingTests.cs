using Titok.Vulkan.Engine;
using Titok.Vulkan.Graphs;

namespace Titok.Vulkan.Tests.Engine;

/// <summary>The bytes that programs are given when they are dispatched.</summary>
public class KernelCallRecordingTests
{
    private static readonly ulong[] s_addresses = [0x1122334455667788, 0x99aabbccddeeff00, 0x0102030405060708];

    /// <summary>In a struct of whole addresses.</summary>
    [Fact]
    public void AProgramInPtxIsGivenAllAddressesAndAllConstants() =>
        Assert.Equal(
            "8877665544332211" + "00FFEEDDCCBBAA99" + "0807060504030201" + "0A0B0C0D" + "07000000" + "00000080" + "00000000",
            Convert.ToHexString(KernelCallRecording.Arguments(Call() with { ThreadBlock = new ThreadBlock(384, 0) }, s_addresses)));

    [Fact]
    public void AShaderIsGivenTheAddressesThatItReadsBy()
    {
        Assert.Equal("0A0B0C0D", Convert.ToHexString(KernelCallRecording.Arguments(Call(), s_addresses)));
        Assert.Equal(
            "0807060504030201" + "8877665544332211" + "0A0B0C0D",
            Convert.ToHexString(KernelCallRecording.Arguments(Call() with { Addressed = [2, 0] }, s_addresses)));
    }

    private static KernelCall Call()
    {
        var tensor = new Tensor(new Value(0, ValueKind.External, "x", DataType.Float32, 4), new Shape(4));
        return new KernelCall("program", [7, 1u << 31], [new(tensor, Access.Read), new(tensor, Access.Read), new(tensor, Access.Write)], [10, 11, 12, 13], new GroupCount(1, 1, 1));
    }
}
