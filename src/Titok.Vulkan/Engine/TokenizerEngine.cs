using System.Runtime.InteropServices;
using Titok.Vulkan.Checkpoints;
using Titok.Vulkan.Gpu;
using Titok.Vulkan.Graphs;
using Titok.Vulkan.Kernels;
using Titok.Vulkan.Models;

namespace Titok.Vulkan.Engine;

/// <summary>A tokenizer on a device: plans per batch size, recorded on first use and replayed from then on.</summary>
internal sealed class TokenizerEngine : IDisposable
{
    /// <summary>Plans are made for batches no larger than this; longer requests run in several.</summary>
    private const int LargestBatch = 16;

    private enum Work
    {
        Encode,
        EncodeMean,
        EncodeSample,
        Decode,
        DecodeLatents,
    }

    private readonly GpuDevice _device;
    private readonly TokenizerPlans _plans;
    private readonly KernelProfile _profile;
    private readonly Dictionary<(Work, int), PlanInstance> _instances = [];
    private readonly Dictionary<string, GpuBuffer> _externals = [];

    public TokenizerEngine(GpuDevice device, Checkpoint checkpoint, TokenizerSpec spec, KernelProfile profile)
    {
        _device = device;
        Spec = spec;
        _profile = profile;
        _plans = new TokenizerPlans(spec, profile);
        Weights = new WeightStore(device, checkpoint);
        Batch = BatchThatFits();
        int ids = Batch * spec.LatentTokens;
        Add(TokenizerPlans.Image, (long)Batch * PictureLength * sizeof(float), GpuMemoryKind.Device);
        Add(TokenizerPlans.Ids, ids * sizeof(uint), GpuMemoryKind.Device);
        Add(TokenizerPlans.Latents, (long)ids * spec.TokenSize * sizeof(float), GpuMemoryKind.Device);
        Add(TokenizerPlans.Seeds, Batch * 2 * sizeof(uint), GpuMemoryKind.Upload);
    }

    public TokenizerSpec Spec { get; }

    public WeightStore Weights { get; }

    /// <summary>Most pictures that one submission works on.</summary>
    public int Batch { get; }

    /// <summary>Told of every finished run, for whoever measures.</summary>
    public Action<PlanInstance>? OnRun { get; set; }

    /// <summary>Floats in a planar picture.</summary>
    public int PictureLength => 3 * Spec.ImageSize * Spec.ImageSize;

    private int LatentLength => Spec.LatentTokens * Spec.TokenSize;

    /// <summary>Loads the weights of both directions, so that the first request is not the slow one.</summary>
    public void LoadWeights(CancellationToken cancellation = default)
    {
        bool vae = Spec.Kind == TokenizerKind.Vae;
        Weights.Load((vae ? _plans.EncodeLatents(1, sample: false) : _plans.Encode(1)).Weights, cancellation);
        Weights.Load((vae ? _plans.DecodeLatents(1) : _plans.Decode(1)).Weights, cancellation);
    }

    public void Encode(ReadOnlySpan<float> images, int count, Span<int> ids)
    {
        for (int first = 0; first < count; first += Batch)
        {
            int batch = Math.Min(Batch, count - first);
            Upload(TokenizerPlans.Image, images.Slice(first * PictureLength, batch * PictureLength));
            Run(Work.Encode, batch);
            Download(TokenizerPlans.Ids, ids.Slice(first * Spec.LatentTokens, batch * Spec.LatentTokens));
        }
    }

    /// <summary>Latents [N, K, C]: the mean, or a sample with seed + i for picture i.</summary>
    public void EncodeLatents(ReadOnlySpan<float> images, int count, Span<float> latents, ulong? seed)
    {
        for (int first = 0; first < count; first += Batch)
        {
            int batch = Math.Min(Batch, count - first);
            Upload(TokenizerPlans.Image, images.Slice(first * PictureLength, batch * PictureLength));
            PictureSeeds.Write(_externals[TokenizerPlans.Seeds].Mapped, unchecked((seed ?? 0) + (ulong)first), batch);
            Run(seed is null ? Work.EncodeMean : Work.EncodeSample, batch);
            Download(TokenizerPlans.Latents, latents.Slice(first * LatentLength, batch * LatentLength));
        }
    }

    public void Decode(ReadOnlySpan<int> ids, int count, Span<float> images)
    {
        for (int first = 0; first < count; first += Batch)
        {
            int batch = Math.Min(Batch, count - first);
            Upload(TokenizerPlans.Ids, ids.Slice(first * Spec.LatentTokens, batch * Spec.LatentTokens));
            Run(Work.Decode, batch);
            Download(TokenizerPlans.Image, images.Slice(first * PictureLength, batch * PictureLength));
        }
    }

    public void DecodeLatents(ReadOnlySpan<float> latents, int count, Span<float> images)
    {
        for (int first = 0; first < count; first += Batch)
        {
            int batch = Math.Min(Batch, count - first);
            Upload(TokenizerPlans.Latents, latents.Slice(first * LatentLength, batch * LatentLength));
            Run(Work.DecodeLatents, batch);
            Download(TokenizerPlans.Image, images.Slice(first * PictureLength, batch * PictureLength));
        }
    }

    /// <summary>Decodes ids that are on the device already; nothing but the pictures comes back.</summary>
    public void Decode(GpuBuffer ids, int count, Span<float> images)
    {
        for (int first = 0; first < count; first += Batch)
        {
            int batch = Math.Min(Batch, count - first);
            long sizeInBytes = (long)batch * Spec.LatentTokens * sizeof(uint);
            using GpuRecording copy = _device.CreateRecording("copy ids");
            copy.Begin();
            copy.Barrier();
            copy.Copy(
                new GpuBufferRange(ids, (long)first * Spec.LatentTokens * sizeof(uint), sizeInBytes),
                new GpuBufferRange(_externals[TokenizerPlans.Ids], 0, sizeInBytes));
            copy.End();
            PlanInstance decode = Instance(Work.Decode, batch);
            _device.Wait(_device.Submit([copy, decode.Recording]));
            OnRun?.Invoke(decode);
            Download(TokenizerPlans.Image, images.Slice(first * PictureLength, batch * PictureLength));
        }
    }

    public void Dispose()
    {
        foreach (PlanInstance instance in _instances.Values)
            instance.Dispose();
        _instances.Clear();
        foreach (GpuBuffer buffer in _externals.Values)
            buffer.Dispose();
        Weights.Dispose();
    }

    private void Run(Work work, int batch)
    {
        PlanInstance instance = Instance(work, batch);
        _device.Wait(_device.Submit([instance.Recording]));
        OnRun?.Invoke(instance);
    }

    private PlanInstance Instance(Work work, int batch)
    {
        if (_instances.TryGetValue((work, batch), out PlanInstance? instance))
            return instance;
        ExecutionPlan plan = work switch
        {
            Work.Encode => _plans.Encode(batch),
            Work.EncodeMean => _plans.EncodeLatents(batch, sample: false),
            Work.EncodeSample => _plans.EncodeLatents(batch, sample: true),
            Work.Decode => _plans.Decode(batch),
            _ => _plans.DecodeLatents(batch),
        };
        Weights.Load(plan.Weights);
        var ranges = plan.Externals.ToDictionary(e => e.Name, e => new GpuBufferRange(_externals[e.Name], 0, e.SizeInBytes));
        instance = new PlanInstance(_device, plan, Weights, ranges);
        _instances.Add((work, batch), instance);
        return instance;
    }

    /// <summary>As many pictures as keep the widest feature map inside one storage buffer binding.</summary>
    private int BatchThatFits()
    {
        long widest = Spec.PixelDecoder is { } plan ? plan.Stages.Max(s => s.OutChannels) : 3;
        long bytesPerPicture = Spec.ImageSize * (long)Spec.ImageSize * widest * _profile.Activation.SizeInBytes();
        return (int)Math.Clamp(_device.Physical.Limits.MaxStorageBufferRangeInBytes / bytesPerPicture, 1, LargestBatch);
    }

    private void Add(string name, long sizeInBytes, GpuMemoryKind kind) =>
        _externals.Add(name, _device.CreateBuffer(ArenaPlanner.Align(sizeInBytes), kind, name));

    private void Upload<T>(string name, ReadOnlySpan<T> data)
        where T : unmanaged =>
        _device.Upload(_externals[name], 0, MemoryMarshal.AsBytes(data));

    private void Download<T>(string name, Span<T> data)
        where T : unmanaged =>
        _device.Download(_externals[name], 0, MemoryMarshal.AsBytes(data));
}
