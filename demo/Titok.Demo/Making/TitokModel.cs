using Titok.Demo.Graphics;
using Titok.Vulkan;

namespace Titok.Demo.Making;

/// <summary>The model on the demo's own device, which the library borrows.</summary>
internal sealed class TitokModel : IDisposable
{
    private readonly TitokDevice _device;

    private TitokModel(TitokDevice device, TitokPipeline pipeline) => (_device, Pipeline) = (device, pipeline);

    public TitokPipeline Pipeline { get; }

    public TitokDeviceInfo Device => _device.Info;

    /// <summary>Bytes of device memory that the model and its jobs hold.</summary>
    public long MemoryInUseInBytes => _device.MemoryInUseInBytes;

    /// <summary>Loads a model, which may take long: away from the frames, while they go on.</summary>
    /// <param name="graphics">Device that draws.</param>
    /// <param name="options">Which model, and how it is stored.</param>
    /// <param name="together">Pictures that the wall is going to have born together.</param>
    /// <param name="cancellation">Looked at between tensors.</param>
    public static TitokModel Load(GraphicsDevice graphics, DemoOptions options, int together, CancellationToken cancellation)
    {
        TitokDevice device = TitokDevice.Adopt(new TitokHostDevice
        {
            Instance = graphics.Instance.Handle.Handle,
            PhysicalDevice = graphics.Adapter.Handle.Handle,
            Device = graphics.Handle.Handle,
            Queue = graphics.Queue.Handle,
            QueueFamily = (int)graphics.Adapter.QueueFamily,
            GetInstanceProcAddr = graphics.Instance.Functions.GetInstanceProcAddr,
            ApiVersion = graphics.Instance.ApiVersion,
            EnabledFeatures = graphics.EnabledFeatures,
            LockQueue = graphics.QueueLock.Enter,
            UnlockQueue = graphics.QueueLock.Exit,
        });
        TitokPipeline? pipeline = null;
        try
        {
            var loading = new TitokLoadOptions { Precision = options.Precision, GeneratorWeights = options.GeneratorWeights };
            pipeline = TitokPipeline.Load(device, options.TokenizerPath, options.GeneratorPath, loading, cancellation);
            var model = new TitokModel(device, pipeline);
            model.Rehearse(together);
            return model;
        }
        catch
        {
            pipeline?.Dispose();
            device.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        Pipeline.Dispose();
        _device.Dispose();
    }

    /// <summary>
    /// Makes the kernels and the memory of the first births, so that the wall does not wait for that once the model is loaded.
    /// Each number of pictures has kernels of its own. Nothing is run: on the queue that draws it would keep frames waiting.
    /// </summary>
    private void Rehearse(int together)
    {
        foreach (int pictures in new[] { 1, together }.Distinct())
            Pipeline.Begin(new GenerationRequest { Classes = [.. Enumerable.Repeat(0, pictures)], Settings = Pipeline.DefaultSettings }).Dispose();
    }
}
