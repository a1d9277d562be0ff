using System.Buffers.Binary;
using System.Text;

namespace Titok.Vulkan.Checkpoints;

/// <summary>
/// Interprets the pickle of a PyTorch state dict: exactly the opcodes and globals one needs. It builds inert data,
/// calls nothing, and refuses everything else by name.
/// </summary>
internal ref struct PickleInterpreter
{
    private const int MaxMarkDepth = 64;
    private const int MaxTextInBytes = 4096;

    private readonly string _file;
    private readonly int _pickleInBytes;
    private readonly List<object?> _stack = [];
    private readonly List<int> _marks = [];
    private readonly Dictionary<uint, object?> _memo = [];
    private ReadOnlySpan<byte> _rest;

    private PickleInterpreter(ReadOnlySpan<byte> pickle, string file)
    {
        _rest = pickle;
        _pickleInBytes = pickle.Length;
        _file = file;
    }

    /// <summary>Interprets a whole pickle and returns what it builds.</summary>
    public static object? Load(ReadOnlySpan<byte> pickle, string file)
    {
        var interpreter = new PickleInterpreter(pickle, file);
        while (interpreter.Step())
        {
        }

        if (interpreter._marks.Count != 0 || interpreter._stack.Count != 1)
            throw interpreter.Bad("stops in the middle of a value");
        return interpreter._stack[0];
    }

    private bool Step()
    {
        byte opcode = Take(1)[0];
        switch (opcode)
        {
            case 0x80: // PROTO
                if (Take(1)[0] is < 2 or > 5)
                    throw Bad("has a protocol other than 2 to 5");
                break;
            case 0x95: // FRAME: says how much to read ahead, which does not matter here
                Take(8);
                break;
            case (byte)'.': // STOP
                return false;
            case (byte)'N':
                _stack.Add(null);
                break;
            case 0x88:
                _stack.Add(true);
                break;
            case 0x89:
                _stack.Add(false);
                break;
            case (byte)'K': // BININT1
                _stack.Add((long)Take(1)[0]);
                break;
            case (byte)'M': // BININT2
                _stack.Add((long)BinaryPrimitives.ReadUInt16LittleEndian(Take(2)));
                break;
            case (byte)'J': // BININT
                _stack.Add((long)BinaryPrimitives.ReadInt32LittleEndian(Take(4)));
                break;
            case 0x8a: // LONG1
                _stack.Add(TakeLong(Take(1)[0]));
                break;
            case (byte)'X': // BINUNICODE
                _stack.Add(TakeText(BinaryPrimitives.ReadUInt32LittleEndian(Take(4))));
                break;
            case 0x8c: // SHORT_BINUNICODE
                _stack.Add(TakeText(Take(1)[0]));
                break;
            case (byte)'}':
                _stack.Add(new PickleDictionary());
                break;
            case (byte)']':
                _stack.Add(new PickleList());
                break;
            case (byte)')':
                _stack.Add(Array.Empty<object?>());
                break;
            case (byte)'(': // MARK
                if (_marks.Count == MaxMarkDepth)
                    throw Bad($"nests deeper than {MaxMarkDepth}");
                _marks.Add(_stack.Count);
                break;
            case (byte)'t': // TUPLE
                _stack.Add(PopToMark());
                break;
            case 0x85 or 0x86 or 0x87: // TUPLE1, TUPLE2, TUPLE3
                _stack.Add(PopMany(opcode - 0x84));
                break;
            case (byte)'a': // APPEND
                AppendTo(PopMany(1));
                break;
            case (byte)'e': // APPENDS
                AppendTo(PopToMark());
                break;
            case (byte)'s': // SETITEM
                SetItems(PopMany(2));
                break;
            case (byte)'u': // SETITEMS
                SetItems(PopToMark());
                break;
            case (byte)'q': // BINPUT
                _memo[Take(1)[0]] = Top();
                break;
            case (byte)'r': // LONG_BINPUT
                _memo[BinaryPrimitives.ReadUInt32LittleEndian(Take(4))] = Top();
                break;
            case 0x94: // MEMOIZE
                _memo[(uint)_memo.Count] = Top();
                break;
            case (byte)'h': // BINGET
                Recall(Take(1)[0]);
                break;
            case (byte)'j': // LONG_BINGET
                Recall(BinaryPrimitives.ReadUInt32LittleEndian(Take(4)));
                break;
            case (byte)'c': // GLOBAL
                string module = TakeLine();
                _stack.Add(PickleGlobals.Find(module, TakeLine(), _file));
                break;
            case 0x93: // STACK_GLOBAL
                if (PopMany(2) is not [string stackModule, string stackName])
                    throw Bad("names a global that is not text");
                _stack.Add(PickleGlobals.Find(stackModule, stackName, _file));
                break;
            case (byte)'Q': // BINPERSID
                _stack.Add(PickleGlobals.Storage(Pop(), _file));
                break;
            case (byte)'R': // REDUCE
                _stack.Add(PopMany(2) is [PickleGlobal global, object?[] arguments]
                    ? PickleGlobals.Rebuild(global, arguments, _file)
                    : throw Bad("calls something that is not one of the known globals"));
                break;
            case (byte)'b': // BUILD: an OrderedDict's attributes (PyTorch's _metadata), which no weight depends on
                if (PopMany(2) is not [PickleDictionary dictionary, PickleDictionary])
                    throw Bad("sets the state of something other than a dictionary");
                _stack.Add(dictionary);
                break;
            default:
                throw Bad($"uses opcode 0x{opcode:x2}, which no state dict needs");
        }

        return true;
    }

    private readonly void AppendTo(ReadOnlySpan<object?> items)
    {
        if (Top() is not PickleList list)
            throw Bad("appends to something other than a list");
        list.Items.AddRange(items);
    }

    private readonly void SetItems(ReadOnlySpan<object?> items)
    {
        if (Top() is not PickleDictionary dictionary)
            throw Bad("sets items of something other than a dictionary");
        if (items.Length % 2 != 0)
            throw Bad("sets a key without a value");
        for (int i = 0; i < items.Length; i += 2)
        {
            if (items[i] is not string key)
                throw Bad("has a dictionary key that is not text, so it is not a state dict");
            if (!dictionary.Items.TryAdd(key, items[i + 1]))
                throw Bad($"has {Quoted.Text(key)} twice");
        }
    }

    private readonly void Recall(uint index) =>
        _stack.Add(_memo.TryGetValue(index, out object? value) ? value : throw Bad($"recalls memo {index}, which was never set"));

    private readonly object? Top() => _stack.Count > Floor() ? _stack[^1] : throw Bad("takes from an empty stack");

    private readonly object? Pop()
    {
        object? top = Top();
        _stack.RemoveAt(_stack.Count - 1);
        return top;
    }

    private readonly object?[] PopMany(int count)
    {
        if (_stack.Count - Floor() < count)
            throw Bad("takes from an empty stack");
        object?[] popped = [.. _stack[^count..]];
        _stack.RemoveRange(_stack.Count - count, count);
        return popped;
    }

    private readonly object?[] PopToMark()
    {
        if (_marks.Count == 0)
            throw Bad("closes a group that was never opened");
        int count = _stack.Count - _marks[^1];
        object?[] popped = PopMany(count);
        _marks.RemoveAt(_marks.Count - 1);
        return popped;
    }

    /// <summary>Nothing below the innermost mark may be touched before the group is closed.</summary>
    private readonly int Floor() => _marks.Count == 0 ? 0 : _marks[^1];

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count > _rest.Length)
            throw Bad("ends too early");
        ReadOnlySpan<byte> taken = _rest[..count];
        _rest = _rest[count..];
        return taken;
    }

    private long TakeLong(int count)
    {
        if (count > 8)
            throw Bad("has a number of more than 64 bits");
        ReadOnlySpan<byte> bytes = Take(count);
        Span<byte> wide = stackalloc byte[8];
        wide.Fill(count > 0 && bytes[^1] >= 0x80 ? (byte)0xff : (byte)0);
        bytes.CopyTo(wide);
        return BinaryPrimitives.ReadInt64LittleEndian(wide);
    }

    private string TakeText(uint lengthInBytes)
    {
        if (lengthInBytes > MaxTextInBytes)
            throw Bad($"has a text of {lengthInBytes} bytes, expected at most {MaxTextInBytes}");
        return Encoding.UTF8.GetString(Take((int)lengthInBytes));
    }

    private string TakeLine()
    {
        int length = _rest[..Math.Min(_rest.Length, MaxTextInBytes)].IndexOf((byte)'\n');
        if (length < 0)
            throw Bad("has a global without an end of line");
        string line = Encoding.UTF8.GetString(Take(length));
        Take(1);
        return line;
    }

    private readonly ModelFormatException Bad(string problem) =>
        new(_file, $"its pickle {problem} (near byte {_pickleInBytes - _rest.Length})");
}
