using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging;
using Titok.Vulkan.Files;
using Titok.Vulkan.Gpu;

namespace Titok.Vulkan.Engine;

/// <summary>
/// Kernels that a device has not run before, under a note on disk that they are being tried: a driver may lose the device by them, never
/// come back, or take the process with it, at every start anew. What has ended so is left out.
/// </summary>
/// <remarks>
/// The note is a line beside the pipeline cache, stamp (<see cref="KernelStamp"/>) and starts, and is gone once a trial is over, well or
/// not. It is open while it lasts, so that a process which tries the same at the same time keeps no note.
/// </remarks>
internal sealed class KernelTrial : IDisposable
{
    /// <summary>
    /// So many trials that never ended are enough. One may have been somebody's closing the program; a lost device is counted as all
    /// of them.
    /// </summary>
    private const int MaxUnfinished = 3;

    private const int LongestNoteInBytes = 1024;

    private readonly FileStream _note;
    private readonly string _stamp;

    private KernelTrial(FileStream note, string stamp)
    {
        _note = note;
        _stamp = stamp;
    }

    /// <summary>What a trial has to say, or what stands in for it where too many of them never ended.</summary>
    /// <param name="device">To try them on.</param>
    /// <param name="kernels">What is tried, in words, by which the note is named as well.</param>
    /// <param name="leftOut">Stands in for the trial.</param>
    /// <param name="run">The trial.</param>
    /// <exception cref="DeviceLostException">The device was lost; the message says by what, and that it is left out next time.</exception>
    public static T Run<T>(GpuDevice device, string kernels, T leftOut, Func<T> run)
    {
        using KernelTrial? trial = Begin(device, kernels);
        if (trial is not null)
        {
            int starts = trial.Starts();
            if (starts >= MaxUnfinished)
            {
                device.Logger?.LogWarning(
                    "{Kernels} lost {Device} when they were tried, or never came back, and are not used; once its driver is mended, delete the files in {Folder}",
                    kernels, device.Physical.Name, device.CacheFolder);
                return leftOut;
            }
            trial.Write(starts + 1);
        }
        try
        {
            T result = run();
            trial?.Remove();
            return result;
        }
        catch (DeviceLostException e) when (trial is not null)
        {
            trial.Write(MaxUnfinished);
            throw new DeviceLostException($"The GPU {device.Physical.Name} was lost while {kernels} were tried on it; the next time they are left out.", e);
        }
        catch (Exception e) when (e is not DeviceLostException)
        {
            // Stopped, or short of memory, which says nothing of the kernels.
            trial?.Remove();
            throw;
        }
    }

    public void Dispose() => _note.Dispose();

    /// <summary>Null where no note can be kept, or another process has it.</summary>
    private static KernelTrial? Begin(GpuDevice device, string kernels)
    {
        if (KernelStamp.PathFor(device, $"{kernels.Replace(' ', '-')}.trial") is not { } path)
            return null;
        try
        {
            Directory.CreateDirectory(device.CacheFolder);
            return new KernelTrial(new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None), KernelStamp.Of(device.Physical));
        }
        catch (Exception e) when (FileErrors.Is(e))
        {
            return null;
        }
    }

    /// <summary>How many trials have begun and never ended; none where the note says anything else.</summary>
    private int Starts()
    {
        var note = new byte[LongestNoteInBytes];
        int length = _note.ReadAtLeast(note, note.Length, throwOnEndOfStream: false);
        string[] words = Encoding.ASCII.GetString(note, 0, length).Trim().Split(' ');
        return words.Length == 2 && words[0] == _stamp && int.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out int starts) ? starts : 0;
    }

    private void Write(int starts)
    {
        try
        {
            _note.SetLength(0);
            _note.Write(Encoding.ASCII.GetBytes($"{_stamp} {starts}\n"));
            _note.Flush(flushToDisk: true);
        }
        catch (Exception e) when (FileErrors.Is(e))
        {
            // A full disk: without a note it is tried again.
        }
    }

    private void Remove()
    {
        _note.Dispose();
        try
        {
            File.Delete(_note.Name);
        }
        catch (Exception e) when (FileErrors.Is(e))
        {
            // Then it counts as one that never ended.
        }
    }
}
