namespace Titok.Demo.Making;

/// <summary>The job for an order: one that was free and has all it needs, or one that is being made away from the frames.</summary>
/// <param name="Ready">The job that is there; null where it is being made.</param>
/// <param name="Making">Ends with the job; null where it is there.</param>
internal sealed record Preparation(RentedJob? Ready, Task<RentedJob>? Making)
{
    public bool IsOver => Making is null or { IsCompleted: true };

    /// <summary>The job. Waits while it is being made, and throws what kept it from being made.</summary>
    public RentedJob Take() => Ready ?? Making!.GetAwaiter().GetResult();

    /// <summary>Waits while it is being made, however that ends.</summary>
    public void Wait() => ((IAsyncResult?)Making)?.AsyncWaitHandle.WaitOne();
}
