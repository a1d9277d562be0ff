using Titok.Vulkan.Gpu;

namespace Titok.Vulkan.Engine;

/// <summary>Recordings from a pool, opened when something has to be written between those that are replayed.</summary>
internal sealed class BorrowedRecordings(GpuRecordingPool pool, List<GpuRecording> submission)
{
    private readonly List<GpuRecording> _borrowed = [];
    private GpuRecording? _open;

    /// <summary>Where to write; appended to the submission.</summary>
    public GpuCommands Open()
    {
        if (_open is null)
        {
            GpuRecording recording = pool.Take();
            _borrowed.Add(recording);
            recording.Begin();
            submission.Add(recording);
            _open = recording;
        }
        return _open.Commands;
    }

    public void Close()
    {
        _open?.End();
        _open = null;
    }

    /// <summary>Returns all of them to the pool and empties the submission.</summary>
    public void GiveBack()
    {
        _open = null;
        foreach (GpuRecording recording in _borrowed)
            pool.Return(recording);
        _borrowed.Clear();
        submission.Clear();
    }
}
