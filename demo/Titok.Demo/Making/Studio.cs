using Silk.NET.Vulkan;
using Titok.Demo.Graphics;
using Titok.Demo.Scene;
using Titok.Vulkan;

namespace Titok.Demo.Making;

/// <summary>Makes what the scene orders, on the device that draws it: a slice of work in each frame's command buffer.</summary>
internal sealed class Studio : IDisposable
{
    private readonly GraphicsDevice _device;
    private readonly PictureStore _store;
    private readonly Director _director;
    private readonly JobPool _jobs;
    private readonly List<Running> _running = [];
    private readonly MappedBuffer _upload;
    private WorkOrder? _next;
    private Preparation? _preparation;

    /// <param name="device">Device that draws.</param>
    /// <param name="model">The model, loaded on it.</param>
    /// <param name="store">Where pictures go.</param>
    /// <param name="director">Who orders them.</param>
    public Studio(GraphicsDevice device, TitokModel model, PictureStore store, Director director)
    {
        (_device, _store, _director) = (device, store, director);
        _jobs = new JobPool(device, model.Pipeline);
        _upload = new MappedBuffer(device, store.PictureSizeInBytes, BufferUsageFlags.TransferSrcBit);
    }

    public StageTimes Times { get; } = new();

    /// <summary>Steps done so far.</summary>
    public long Steps { get; private set; }

    /// <summary>Whether the device has nothing to do, and gets nothing to do, until somebody does something.</summary>
    public bool IsAtRest
    {
        get
        {
            foreach (Running running in _running)
            {
                if (!running.IsObserved || !_director.Holds(running.Order, running.Pictures))
                    return false;
            }
            return _next is null && (IsOccupied || !_director.MayOrder);
        }
    }

    /// <summary>Whether an order about what is on stage is under way, so that none is begun beside it.</summary>
    private bool IsOccupied
    {
        get
        {
            foreach (Running running in _running)
            {
                if (!running.Job.Job.IsRecorded && _director.Concerns(running.Order))
                    return true;
            }
            return false;
        }
    }

    /// <summary>Sees to what the device has done, and records the next slice.</summary>
    /// <param name="frame">Frame being recorded, outside of its render pass.</param>
    /// <param name="slice">How much work.</param>
    public void Record(Frame frame, TitokSlice slice)
    {
        Observe();
        if (!IsOccupied)
            Begin(frame);
        if (Active() is not { } active)
            return;
        TitokSliceInfo done = active.Job.Job.Record(frame.Commands.Handle, slice.UpToOutput());
        active.Milliseconds += done.ExpectedMilliseconds;
        if (done.OutputsRecorded == active.Pictures)
            return;
        active.Pictures = done.OutputsRecorded;
        Times.AddStep(active.Milliseconds);
        active.Milliseconds = 0;
        Show(frame, active);
    }

    /// <summary>Waits for what comes before the next job, for whoever counts time by the frame.</summary>
    public void WaitForPreparation() => _preparation?.Wait();

    public void Dispose()
    {
        // It uses the model, which goes next.
        WaitForPreparation();
        if (_preparation is { Making: null or { IsCompletedSuccessfully: true } })
            JobPool.Destroy(_preparation.Take());
        foreach (Running running in _running)
            JobPool.Destroy(running.Job);
        _jobs.Dispose();
        _upload.Dispose();
    }

    private void Observe()
    {
        for (int i = 0; i < _running.Count; i++)
        {
            Running running = _running[i];
            if (running.Order.IsCancelled)
                running.Job.Job.Cancel();
            if (running.Job.Job is TitokGenerationJob birth)
                ReadSteps(running, birth);
            if (!running.Job.Job.IsRecorded || !running.Job.Job.IsIdle)
                continue;
            if (running.Job.Job is TitokTokenizerJob { IsFinished: true } tokenized)
            {
                tokenized.ReadTokens(running.Ids);
                _director.Observe(running.Order, 0, running.Ids);
            }
            _running.RemoveAt(i--);
            string? unsound = WhyUnsound(running.Job.Job);
            _jobs.Return(running.Job);
            if (unsound is null)
                running.Order.Finish(_director.Now);
            else
                _director.GiveUp(running.Order, unsound);
        }
    }

    /// <summary>Why the pictures of a job that is over are none, as where the model overflows; null where nothing is wrong with them.</summary>
    private static string? WhyUnsound(TitokJob job)
    {
        try
        {
            if (job.IsFinished)
                job.CheckResults();
            return null;
        }
        catch (NotFiniteException e)
        {
            return e.Message;
        }
    }

    /// <summary>The order to go on with; null for none now.</summary>
    private Running? Active()
    {
        foreach (Running running in _running)
        {
            if (!running.Job.Job.IsRecorded && _director.MayBegin(running.Order, running.Pictures))
                return running;
        }
        return null;
    }

    private void ReadSteps(Running running, TitokGenerationJob birth)
    {
        for (int executed = birth.StepsExecuted; running.Observed < executed; running.Observed++, Steps++)
        {
            birth.ReadTokens(running.Observed, running.Ids);
            _director.Observe(running.Order, running.Observed, running.Ids);
        }
    }

    private void Begin(Frame frame)
    {
        if (_next is null)
        {
            _next = _director.NextOrder();
            if (_next is null)
                return;
            if (_next.Shown is { } shown)
            {
                shown.Rgba.CopyTo(_upload.Bytes);
                _store.Put(frame, _upload.Handle, 0, shown.Tile.Receive());
            }
        }
        WorkOrder order = _next;
        try
        {
            if (_preparation is null)
            {
                _preparation = order.Prepare(_jobs);
                // It begins in another frame, however soon it is made, so that who counts time by the frame gets the same frames again.
                if (_preparation.Ready is null)
                    return;
            }
            if (!_preparation.IsOver)
                return;
            RentedJob job = _preparation.Take();
            (_next, _preparation) = (null, null);
            _running.Add(new Running(order, job, new int[order.Pictures * _director.Model.Tokens]));
        }
        catch (Exception e) when (e is TitokException and not DeviceLostException || e is DemoException)
        {
            (_next, _preparation) = (null, null);
            _director.GiveUp(order, e.Message);
        }
    }

    private void Show(Frame frame, Running running)
    {
        Barriers.Memory(
            _device.Vk, frame.Commands, PipelineStageFlags.AllCommandsBit, AccessFlags.MemoryWriteBit, PipelineStageFlags.TransferBit, AccessFlags.TransferReadBit);
        for (int picture = 0; picture < running.Order.Pictures; picture++)
            _store.Put(frame, running.Job.Output.Handle, (long)picture * _store.PictureSizeInBytes, running.Order.Receive(picture));
    }

    private sealed class Running(WorkOrder order, RentedJob job, int[] ids)
    {
        public WorkOrder Order { get; } = order;

        public RentedJob Job { get; } = job;

        public int[] Ids { get; } = ids;

        /// <summary>Pictures recorded so far: of each step one.</summary>
        public int Pictures { get; set; }

        /// <summary>Steps whose ids the scene knows.</summary>
        public int Observed { get; set; }

        /// <summary>Whether nothing of it is on the device.</summary>
        public bool IsObserved => !Order.IsCancelled && !Job.Job.IsRecorded && Job.Job.IsIdle && Observed == (Job.Job as TitokGenerationJob)?.StepsExecuted;

        /// <summary>Expected time of the step so far.</summary>
        public double Milliseconds { get; set; }
    }
}
