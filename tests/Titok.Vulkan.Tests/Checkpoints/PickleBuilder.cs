using System.Buffers.Binary;
using System.Text;

namespace Titok.Vulkan.Tests.Checkpoints;

/// <summary>Writes pickles opcode by opcode, as <c>torch.save</c> does (protocol 2), or as an attacker would.</summary>
internal sealed class PickleBuilder
{
    private readonly MemoryStream _bytes = new();

    public PickleBuilder() => Op(0x80, 2);

    public byte[] Build() => _bytes.ToArray();

    public PickleBuilder Op(params ReadOnlySpan<byte> bytes)
    {
        _bytes.Write(bytes);
        return this;
    }

    public PickleBuilder Op(char opcode) => Op((byte)opcode);

    public PickleBuilder Text(string text)
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(text);
        Span<byte> length = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, utf8.Length);
        return Op('X').Op(length).Op(utf8);
    }

    public PickleBuilder Global(string module, string name) => Op('c').Op(Encoding.UTF8.GetBytes($"{module}\n{name}\n"));

    public PickleBuilder Number(long number)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, number);
        return Op(0x8a, 8).Op(bytes);
    }

    public PickleBuilder Tuple(params ReadOnlySpan<long> numbers)
    {
        Op('(');
        foreach (long number in numbers)
            Number(number);
        return Op('t');
    }

    public PickleBuilder EmptyOrderedDict() => Global("collections", "OrderedDict").Op(')').Op('R');

    public PickleBuilder Storage(string type, string key, long elementCount) =>
        Op('(').Text("storage").Global("torch", type).Text(key).Text("cpu").Number(elementCount).Op('t').Op('Q');

    /// <summary>A name and the tensor that goes with it, to stand between a dictionary's MARK and SETITEMS.</summary>
    public PickleBuilder Tensor(string name, string type, string key, long elementCount, long offset, long[] shape, long[] strides, bool asParameter = false)
    {
        Text(name);
        if (asParameter)
            Global("torch._utils", "_rebuild_parameter").Op('(');
        Global("torch._utils", "_rebuild_tensor_v2").Op('(').Storage(type, key, elementCount)
            .Number(offset).Tuple(shape).Tuple(strides).Op(0x89).EmptyOrderedDict().Op('t').Op('R');
        return asParameter ? Op(0x88).EmptyOrderedDict().Op('t').Op('R') : this;
    }

    /// <summary>A state dict of whatever <paramref name="items"/> writes, with the attributes PyTorch's modules leave on it.</summary>
    public static byte[] StateDict(Action<PickleBuilder> items)
    {
        PickleBuilder pickle = new PickleBuilder().EmptyOrderedDict().Op('q', 0).Op('(');
        items(pickle);
        return pickle.Op('u').Op('}').Text("_metadata").EmptyOrderedDict().Op('(').Text("").Op('}').Text("version").Op((byte)'K', 1).Op('s').Op('u')
            .Op('s').Op('b').Op('.').Build();
    }

    private PickleBuilder Op(char opcode, byte argument) => Op((byte)opcode, argument);
}
