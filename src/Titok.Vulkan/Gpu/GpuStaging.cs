namespace Titok.Vulkan.Gpu;

/// <summary>Moves bytes between the CPU and buffers in pieces, through a few staging buffers that are made once.</summary>
internal sealed unsafe class GpuStaging(GpuDevice device, bool alwaysStage)
{
    private const int PieceInBytes = 4 << 20;
    private const int MaxPieces = 4;

    /// <summary>What one thread copies of a piece.</summary>
    private const int ShareInBytes = 1 << 20;

    private readonly Lock _uploadLock = new();
    private readonly Lock _downloadLock = new();
    private readonly List<Piece> _uploads = [];
    private readonly List<Piece> _downloads = [];
    private GpuRecording? _readbackBarrier;

    private sealed record Piece(GpuBuffer Buffer, GpuRecording Recording);

    /// <summary>Returns when the data is read; the copy is in the queue, before whatever is submitted next.</summary>
    public void Upload(GpuBuffer destination, long offsetInBytes, ReadOnlySpan<byte> data)
    {
        if (data.Length == 0)
            return;
        new GpuBufferRange(destination, offsetInBytes, data.Length).Check(device);
        byte* direct = alwaysStage ? null : destination.DirectPointer(forReading: false);
        // Only while the GPU is idle: otherwise the write would overtake work that still reads the old contents.
        if (direct != null && device.Timeline.IsComplete(device.Timeline.LastSubmitted))
        {
            Copy(data, new Span<byte>(direct + offsetInBytes, data.Length));
            return;
        }
        lock (_uploadLock)
        {
            for (int done = 0; done < data.Length;)
            {
                int size = Math.Min(PieceInBytes, data.Length - done);
                Piece piece = FreePiece(_uploads, GpuMemoryKind.Upload, "staging upload");
                Copy(data.Slice(done, size), piece.Buffer.Mapped);
                piece.Recording.Begin();
                piece.Recording.Copy(new GpuBufferRange(piece.Buffer, 0, size), new GpuBufferRange(destination, offsetInBytes + done, size));
                piece.Recording.End();
                device.Submit(piece.Recording);
                done += size;
            }
        }
    }

    /// <summary>Waits for everything submitted before, and for the copy.</summary>
    public void Download(GpuBuffer source, long offsetInBytes, Span<byte> destination)
    {
        if (destination.Length == 0)
            return;
        new GpuBufferRange(source, offsetInBytes, destination.Length).Check(device);
        lock (_downloadLock)
        {
            byte* direct = alwaysStage ? null : source.DirectPointer(forReading: true);
            if (direct != null)
            {
                if (_readbackBarrier is null)
                {
                    GpuRecording barrier = device.CreateRecording("readback barrier");
                    barrier.Begin();
                    barrier.ReadbackBarrier();
                    barrier.End();
                    _readbackBarrier = barrier;
                }
                device.Timeline.Wait(device.Submit(_readbackBarrier));
                Copy(new Span<byte>(direct + offsetInBytes, destination.Length), destination);
                return;
            }
            DownloadPieces(source, offsetInBytes, destination);
        }
    }

    private void DownloadPieces(GpuBuffer source, long offsetInBytes, Span<byte> destination)
    {
        var pending = new Queue<(Piece Piece, int Start, int Size)>();
        for (int done = 0; done < destination.Length || pending.Count > 0;)
        {
            // Keeps one piece copying on the GPU while the one before is copied out.
            if (done < destination.Length && pending.Count < 2)
            {
                int size = Math.Min(PieceInBytes, destination.Length - done);
                Piece piece = FreePiece(_downloads, GpuMemoryKind.Readback, "staging download", pending.Select(p => p.Piece));
                piece.Recording.Begin();
                piece.Recording.Copy(new GpuBufferRange(source, offsetInBytes + done, size), new GpuBufferRange(piece.Buffer, 0, size));
                piece.Recording.ReadbackBarrier();
                piece.Recording.End();
                device.Submit(piece.Recording);
                pending.Enqueue((piece, done, size));
                done += size;
                continue;
            }
            (Piece ready, int start, int length) = pending.Dequeue();
            device.Timeline.Wait(ready.Recording.LastSubmission);
            Copy(ready.Buffer.Mapped[..length], destination[start..]);
        }
    }

    private static void Copy(ReadOnlySpan<byte> from, Span<byte> to)
    {
        if (from.Length <= ShareInBytes)
            from.CopyTo(to);
        else
            CopyByThreads(from, to[..from.Length]);
    }

    /// <summary>One alone is slower than the bus.</summary>
    private static void CopyByThreads(ReadOnlySpan<byte> from, Span<byte> to)
    {
        int shares = RoundUp.Divide(from.Length, ShareInBytes), length = from.Length;
        fixed (byte* first = from, target = to)
        {
            // Pointers of a fixed statement can't go into a lambda.
            byte* source = first, sink = target;
            Parallel.For(0, shares, share =>
            {
                int start = share * ShareInBytes, size = Math.Min(ShareInBytes, length - start);
                new Span<byte>(source + start, size).CopyTo(new Span<byte>(sink + start, size));
            });
        }
    }

    private Piece FreePiece(List<Piece> pieces, GpuMemoryKind kind, string name, IEnumerable<Piece>? inUse = null)
    {
        List<Piece> candidates = inUse is null ? pieces : pieces.Except(inUse).ToList();
        Piece? free = candidates.Find(p => device.Timeline.IsComplete(p.Recording.LastSubmission));
        if (free is not null)
            return free;
        if (pieces.Count < MaxPieces)
        {
            GpuRecording recording = device.CreateRecording(name);
            try
            {
                var piece = new Piece(device.CreateBuffer(PieceInBytes, kind, name), recording);
                pieces.Add(piece);
                return piece;
            }
            catch
            {
                recording.Dispose();
                throw;
            }
        }
        Piece oldest = candidates.MinBy(p => p.Recording.LastSubmission)!;
        device.Timeline.Wait(oldest.Recording.LastSubmission);
        return oldest;
    }
}
