namespace Titok.Vulkan.Gpu;

/// <summary>How many Vulkan objects of an instance are alive; back to zero when everything was disposed.</summary>
internal sealed class GpuLiveObjects
{
    private long _count;

    public long Count => Interlocked.Read(ref _count);

    public void Add(int objects = 1) => Interlocked.Add(ref _count, objects);

    public void Remove(int objects = 1) => Interlocked.Add(ref _count, -objects);
}
