using System.Runtime.InteropServices;

namespace Titok.Vulkan.Tests.Kernels;

/// <summary>What a SPIR-V binary says of its push constants, specialization constants and storage buffers.</summary>
internal sealed class SpirvReflection
{
    private const int HeaderInWords = 5;
    private const uint PushConstantClass = 9, StorageBufferClass = 12;
    private const uint SpecIdDecoration = 1, NonWritable = 24, NonReadable = 25, BindingDecoration = 33, OffsetDecoration = 35;

    private readonly Dictionary<uint, (ushort Op, uint[] Operands)> _types = [];
    private readonly Dictionary<(uint Struct, uint Member), uint> _offsets = [];
    private readonly List<uint> _specializationIds = [];
    private readonly Dictionary<uint, uint> _bindings = [];
    private readonly HashSet<(uint Struct, uint Decoration)> _memberDecorations = [];
    private readonly List<(uint Variable, uint Pointer)> _storageBuffers = [];

    public SpirvReflection(byte[] binary)
    {
        uint[] words = MemoryMarshal.Cast<byte, uint>(binary).ToArray();
        uint? block = null;
        for (int i = HeaderInWords; i < words.Length; i += (int)(words[i] >> 16))
        {
            ushort op = (ushort)words[i];
            uint[] operands = words[(i + 1)..(i + (int)(words[i] >> 16))];
            switch (op)
            {
                case 21 or 22 or 23 or 30 or 32: // OpTypeInt, OpTypeFloat, OpTypeVector, OpTypeStruct, OpTypePointer
                    _types.Add(operands[0], (op, operands[1..]));
                    if (op == 32 && operands[1] == PushConstantClass && _types.TryGetValue(operands[2], out var pointed) && pointed.Op == 30)
                        block = operands[2];
                    break;
                case 72 when operands[2] == OffsetDecoration: // OpMemberDecorate
                    _offsets[(operands[0], operands[1])] = operands[3];
                    break;
                case 72 when operands[2] is NonWritable or NonReadable:
                    _memberDecorations.Add((operands[0], operands[2]));
                    break;
                case 71 when operands[1] == BindingDecoration: // OpDecorate
                    _bindings[operands[0]] = operands[2];
                    break;
                case 59 when operands[2] == StorageBufferClass: // OpVariable
                    _storageBuffers.Add((operands[1], operands[0]));
                    break;
                case 71 when operands[1] == SpecIdDecoration: // OpDecorate
                    _specializationIds.Add(operands[2]);
                    break;
            }
        }
        Buffers = _storageBuffers.GroupBy(b => (int)_bindings[b.Variable]).ToDictionary(
            views => views.Key,
            views => (views.Any(v => !Has(v.Pointer, NonReadable)), views.Any(v => !Has(v.Pointer, NonWritable))));
        PushConstants = block is { } id ? [.. _types[id].Operands.Select((type, member) => ((int)_offsets[(id, (uint)member)], KindOf(type)))] : [];
    }

    /// <summary>Offset in bytes and scalar kind (uint, float, ulong) of each member, in order.</summary>
    public IReadOnlyList<(int Offset, Type Kind)> PushConstants { get; }

    public IReadOnlyCollection<uint> SpecializationIds => _specializationIds;

    /// <summary>By binding of set 0, whether the shader may read and write it; a binding may have several views.</summary>
    public IReadOnlyDictionary<int, (bool MayRead, bool MayWrite)> Buffers { get; }

    private bool Has(uint pointer, uint decoration) => _memberDecorations.Contains((_types[pointer].Operands[1], decoration));

    private Type KindOf(uint type)
    {
        (ushort op, uint[] operands) = _types[type];
        return (op, operands[0]) switch
        {
            (21, 32) => typeof(uint),
            (21, 64) => typeof(ulong),
            (22, 32) => typeof(float),
            _ => throw new InvalidDataException($"a push constant of SPIR-V type {op} {operands[0]}"),
        };
    }
}
