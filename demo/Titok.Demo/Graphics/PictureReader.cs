using Silk.NET.Vulkan;

namespace Titok.Demo.Graphics;

/// <summary>Reads pictures back from the store, for whoever saves them; the frame that copies them is not waited for.</summary>
internal sealed class PictureReader(GraphicsDevice device, PictureStore store) : IDisposable
{
    private readonly List<(int[] Layers, Action<byte[][]> Done)> _wanted = [];
    private readonly List<(int Slot, MappedBuffer Buffer, int Pictures, Action<byte[][]> Done)> _copying = [];

    /// <summary>Whether it has handed over all that it was asked for.</summary>
    public bool IsIdle => _wanted.Count == 0 && _copying.Count == 0;

    /// <summary>Asks for layers as they are at the end of the frame that is recorded next; RGBA bytes come a few frames later.</summary>
    public void Read(int[] layers, Action<byte[][]> done) => _wanted.Add((layers, done));

    /// <summary>Hands over what the frame that had this place before has copied.</summary>
    public void Collect(Frame frame) => Collect(frame.Slot);

    /// <summary>Hands over all that was copied, when the device has nothing left to do.</summary>
    public void CollectAll() => Collect(slot: null);

    /// <summary>Records the copies.</summary>
    public void Record(Frame frame)
    {
        foreach ((int[] layers, Action<byte[][]> done) in _wanted)
        {
            var buffer = new MappedBuffer(device, (long)layers.Length * store.PictureSizeInBytes, BufferUsageFlags.TransferDstBit, isRead: true);
            for (int i = 0; i < layers.Length; i++)
                store.Get(frame, layers[i], buffer.Handle, (long)i * store.PictureSizeInBytes);
            _copying.Add((frame.Slot, buffer, layers.Length, done));
        }
        _wanted.Clear();
    }

    public void Dispose()
    {
        foreach ((_, MappedBuffer buffer, _, _) in _copying)
            buffer.Dispose();
    }

    private void Collect(int? slot)
    {
        // In the order in which they were asked for: the steps of a recording come one by one.
        for (int i = 0; i < _copying.Count; i++)
        {
            (int copiedIn, MappedBuffer buffer, int pictures, Action<byte[][]> done) = _copying[i];
            if (slot is not null && slot != copiedIn)
                continue;
            _copying.RemoveAt(i--);
            byte[][] read = [.. Enumerable.Range(0, pictures).Select(p => buffer.Bytes.Slice(p * store.PictureSizeInBytes, store.PictureSizeInBytes).ToArray())];
            buffer.Dispose();
            done(read);
        }
    }
}
