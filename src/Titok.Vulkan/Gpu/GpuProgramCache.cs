using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;
using Silk.NET.Vulkan;

namespace Titok.Vulkan.Gpu;

/// <summary>Builds programs on first use and keeps them; any thread may ask.</summary>
internal sealed unsafe class GpuProgramCache : IDisposable
{
    private readonly GpuDevice _device;
    private readonly Func<string, byte[]?>? _source;
    private readonly GpuPipelineCache _pipelineCache;
    private readonly BuildClock _clock = new();
    private readonly BuiltOnce<Key, GpuPipeline> _pipelines;
    private readonly Lazy<BinaryImport> _import;
    private readonly Lock _layoutLock = new();
    private readonly Dictionary<int, DescriptorSetLayout> _setLayouts = [];
    private readonly Dictionary<(int Bindings, int PushConstants), PipelineLayout> _layouts = [];

    public GpuProgramCache(GpuDevice device, GpuDeviceOptions options)
    {
        _device = device;
        _source = options.ShaderSource;
        _pipelines = new BuiltOnce<Key, GpuPipeline>(Build);
        _import = new Lazy<BinaryImport>(() => new BinaryImport(device, ModuleSource, _clock));
        _pipelineCache = new GpuPipelineCache(device);
    }

    private readonly record struct Key(string Shader, string Specialization, int Bindings, int PushConstants);

    public GpuPipelineCache PipelineCache => _pipelineCache;

    /// <summary>Time spent building programs so far, that of threads which built at once added up.</summary>
    public TimeSpan BuildTime => _clock.Total;

    /// <inheritdoc cref="GpuDevice.GetProgram"/>
    public GpuProgram Get(string shaderName, ReadOnlySpan<uint> specialization, int bindingCount, int pushConstantSizeInBytes)
    {
        // A string holds the constants' bits: it compares by value and costs one allocation.
        var key = new Key(shaderName, new string(MemoryMarshal.Cast<uint, char>(specialization)), bindingCount, pushConstantSizeInBytes);
        return _pipelines.Get(key);
    }

    /// <inheritdoc cref="GpuDevice.GetFunction"/>
    public GpuProgram GetFunction(string name, int threads, int sharedMemoryInBytes, int bindingCount, int parameterSizeInBytes)
    {
        if (!_device.Physical.Features.BinaryImport)
            throw new MissingFeatureException(BinaryImport.Extension, $"The program '{name}' needs {BinaryImport.Extension} with bufferDeviceAddress, which is not there on {_device.Physical.Name}.");
        return _import.Value.Get(name, threads, sharedMemoryInBytes, bindingCount, parameterSizeInBytes);
    }

    public void Dispose()
    {
        _pipelineCache.Save();
        if (_import.IsValueCreated)
            _import.Value.Dispose();
        foreach (GpuPipeline pipeline in _pipelines.Values)
        {
            _device.Vk.DestroyPipeline(_device.Handle, pipeline.Handle, null);
            _device.LiveObjects.Remove();
        }
        foreach (PipelineLayout layout in _layouts.Values)
        {
            _device.Vk.DestroyPipelineLayout(_device.Handle, layout, null);
            _device.LiveObjects.Remove();
        }
        foreach (DescriptorSetLayout layout in _setLayouts.Values)
        {
            _device.Vk.DestroyDescriptorSetLayout(_device.Handle, layout, null);
            _device.LiveObjects.Remove();
        }
        _pipelines.Clear();
        _layouts.Clear();
        _setLayouts.Clear();
        _pipelineCache.Dispose();
    }

    /// <summary>The hash of every shader's text, by which other shaders are told from these.</summary>
    public static byte[] SourceHashes() => Resource("sources.sha256");

    private byte[] Source(string shaderName) => _source?.Invoke(shaderName) ?? Resource(shaderName + ".spv");

    private byte[] ModuleSource(string fileName) => _source?.Invoke(fileName) ?? Resource(fileName);

    private static byte[] Resource(string name)
    {
        using Stream? stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(name);
        if (stream is null)
            throw new InvalidOperationException($"There is no shader '{name}'.");
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    private GpuPipeline Build(Key key)
    {
        GpuLimits limits = _device.Physical.Limits;
        if (key.PushConstants > limits.MaxPushConstantsSizeInBytes)
            throw new MissingFeatureException("maxPushConstantsSize", $"The shader '{key.Shader}' needs {key.PushConstants} bytes of push constants; {_device.Physical.Name} has {limits.MaxPushConstantsSizeInBytes}.");
        if (key.Bindings > limits.MaxStorageBuffersPerStage)
            throw new MissingFeatureException("maxPerStageDescriptorStorageBuffers", $"The shader '{key.Shader}' needs {key.Bindings} storage buffers; {_device.Physical.Name} has {limits.MaxStorageBuffersPerStage}.");
        uint[] words = SpirvModule.Load(Source(key.Shader), key.Shader, _device.Physical);
        ReadOnlySpan<uint> specialization = MemoryMarshal.Cast<char, uint>(key.Specialization);
        (DescriptorSetLayout setLayout, PipelineLayout layout) = Layouts(key.Bindings, key.PushConstants);

        ShaderModule module;
        fixed (uint* code = words)
        {
            var moduleInfo = new ShaderModuleCreateInfo
            {
                SType = StructureType.ShaderModuleCreateInfo,
                CodeSize = (nuint)words.Length * 4,
                PCode = code,
            };
            _device.Check(_device.Vk.CreateShaderModule(_device.Handle, &moduleInfo, null, &module), "vkCreateShaderModule");
        }
        try
        {
            int? subgroupSize = _device.Physical.Features.SubgroupSizeControl && SpirvModule.Uses(words, SpirvModule.CooperativeMatrix)
                ? _device.Physical.MatrixFragment?.SubgroupSize
                : null;
            Pipeline pipeline = MakePipeline(module, layout, specialization, subgroupSize);
            _pipelineCache.MarkChanged();
            string name = specialization.Length == 0 ? key.Shader : $"{key.Shader}[{string.Join(",", specialization.ToArray())}]";
            _device.DebugNames.Name(ObjectType.Pipeline, pipeline.Handle, name);
            return new GpuPipeline(_device, key.Shader, pipeline, layout, setLayout, key.Bindings, key.PushConstants);
        }
        finally
        {
            _device.Vk.DestroyShaderModule(_device.Handle, module, null);
        }
    }

    /// <param name="module">Checked SPIR-V.</param>
    /// <param name="layout">Its bindings and push constants.</param>
    /// <param name="specialization">Constant i is constant_id i.</param>
    /// <param name="subgroupSize">What all subgroups must have, of a shader that deals work out to them; null where any will do, or none can be demanded.</param>
    private Pipeline MakePipeline(ShaderModule module, PipelineLayout layout, ReadOnlySpan<uint> specialization, int? subgroupSize)
    {
        var required = new PipelineShaderStageRequiredSubgroupSizeCreateInfo
        {
            SType = StructureType.PipelineShaderStageRequiredSubgroupSizeCreateInfo,
            RequiredSubgroupSize = (uint)(subgroupSize ?? 0),
        };
        var entries = new SpecializationMapEntry[Math.Max(1, specialization.Length)];
        for (int i = 0; i < specialization.Length; i++)
            entries[i] = new SpecializationMapEntry { ConstantID = (uint)i, Offset = (uint)i * 4, Size = 4 };
        fixed (uint* values = specialization)
        fixed (SpecializationMapEntry* map = entries)
        fixed (byte* entryPoint = "main\0"u8)
        {
            var specializationInfo = new SpecializationInfo
            {
                MapEntryCount = (uint)specialization.Length,
                PMapEntries = map,
                DataSize = (nuint)specialization.Length * 4,
                PData = values,
            };
            var info = new ComputePipelineCreateInfo
            {
                SType = StructureType.ComputePipelineCreateInfo,
                Flags = _device.KeepsStatistics ? PipelineCreateFlags.CreateCaptureStatisticsBitKhr : 0,
                Stage = new PipelineShaderStageCreateInfo
                {
                    SType = StructureType.PipelineShaderStageCreateInfo,
                    PNext = subgroupSize is null ? null : &required,
                    Flags = subgroupSize is null ? 0 : PipelineShaderStageCreateFlags.RequireFullSubgroupsBit,
                    Stage = ShaderStageFlags.ComputeBit,
                    Module = module,
                    PName = entryPoint,
                    PSpecializationInfo = specialization.Length == 0 ? null : &specializationInfo,
                },
                Layout = layout,
            };
            Pipeline pipeline;
            long start = Stopwatch.GetTimestamp();
            _device.Check(_device.Vk.CreateComputePipelines(_device.Handle, _pipelineCache.Handle, 1, &info, null, &pipeline), "vkCreateComputePipelines");
            _clock.AddSince(start);
            _device.LiveObjects.Add();
            return pipeline;
        }
    }

    private (DescriptorSetLayout Set, PipelineLayout Pipeline) Layouts(int bindingCount, int pushConstantSizeInBytes)
    {
        lock (_layoutLock)
        {
            if (!_setLayouts.TryGetValue(bindingCount, out DescriptorSetLayout setLayout))
                _setLayouts.Add(bindingCount, setLayout = MakeSetLayout(bindingCount));
            if (!_layouts.TryGetValue((bindingCount, pushConstantSizeInBytes), out PipelineLayout layout))
                _layouts.Add((bindingCount, pushConstantSizeInBytes), layout = MakeLayout(setLayout, pushConstantSizeInBytes));
            return (setLayout, layout);
        }
    }

    private DescriptorSetLayout MakeSetLayout(int bindingCount)
    {
        var bindings = new DescriptorSetLayoutBinding[Math.Max(1, bindingCount)];
        for (int i = 0; i < bindingCount; i++)
        {
            bindings[i] = new DescriptorSetLayoutBinding
            {
                Binding = (uint)i,
                DescriptorType = DescriptorType.StorageBuffer,
                DescriptorCount = 1,
                StageFlags = ShaderStageFlags.ComputeBit,
            };
        }
        fixed (DescriptorSetLayoutBinding* first = bindings)
        {
            var info = new DescriptorSetLayoutCreateInfo
            {
                SType = StructureType.DescriptorSetLayoutCreateInfo,
                BindingCount = (uint)bindingCount,
                PBindings = first,
            };
            DescriptorSetLayout layout;
            _device.Check(_device.Vk.CreateDescriptorSetLayout(_device.Handle, &info, null, &layout), "vkCreateDescriptorSetLayout");
            _device.LiveObjects.Add();
            return layout;
        }
    }

    private PipelineLayout MakeLayout(DescriptorSetLayout setLayout, int pushConstantSizeInBytes)
    {
        var range = new PushConstantRange { StageFlags = ShaderStageFlags.ComputeBit, Size = (uint)pushConstantSizeInBytes };
        var info = new PipelineLayoutCreateInfo
        {
            SType = StructureType.PipelineLayoutCreateInfo,
            SetLayoutCount = 1,
            PSetLayouts = &setLayout,
            PushConstantRangeCount = pushConstantSizeInBytes > 0 ? 1u : 0u,
            PPushConstantRanges = &range,
        };
        PipelineLayout layout;
        _device.Check(_device.Vk.CreatePipelineLayout(_device.Handle, &info, null, &layout), "vkCreatePipelineLayout");
        _device.LiveObjects.Add();
        return layout;
    }
}
