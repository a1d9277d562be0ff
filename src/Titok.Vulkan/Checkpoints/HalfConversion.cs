using System.Runtime.InteropServices;

namespace Titok.Vulkan.Checkpoints;

/// <summary>Writes a tensor as fp16, rounded to the nearest and ties to even.</summary>
internal sealed class HalfConversion(Checkpoint checkpoint)
{
    private float[] _floats = [];
    private Half[] _halves = [];

    /// <summary>Writes a tensor. A value fp16 can't hold is refused, not turned into an infinity.</summary>
    public void Write(string name, Stream destination)
    {
        TensorInfo tensor = checkpoint.Tensors[name];
        if (tensor.Type == TensorType.F16)
        {
            destination.Write(checkpoint.Bytes(name));
            return;
        }

        int count = (int)tensor.ElementCount;
        if (_floats.Length < count)
            (_floats, _halves) = (new float[count], new Half[count]);
        checkpoint.ReadFloats(name, _floats);
        Span<float> floats = _floats.AsSpan(0, count);
        if (WeightRange.FirstOutside(MemoryMarshal.AsBytes(floats), TensorType.F32, toHalf: true) is >= 0 and int index)
            throw WeightRange.Refusal(checkpoint.File, name, index, floats[index], toHalf: true);
        HalfFormat.Narrow(floats, _halves);
        destination.Write(MemoryMarshal.AsBytes(_halves.AsSpan(0, count)));
    }
}
