using Silk.NET.Vulkan;

namespace Titok.Vulkan.Gpu;

/// <summary>What a driver's compiler says of the pipelines it made, by VK_KHR_pipeline_executable_properties.</summary>
/// <remarks>Its functions are called by pointers of ours, so that no package is needed for them.</remarks>
internal static unsafe class PipelineStatisticsQuery
{
    public const string Extension = "VK_KHR_pipeline_executable_properties";

    private const string Executables = "vkGetPipelineExecutablePropertiesKHR", Statistics = "vkGetPipelineExecutableStatisticsKHR";

    public static bool IsSupported(Vk vk, PhysicalDevice device, IReadOnlySet<string> extensions)
    {
        if (!extensions.Contains(Extension))
            return false;
        var executables = new PhysicalDevicePipelineExecutablePropertiesFeaturesKHR { SType = StructureType.PhysicalDevicePipelineExecutablePropertiesFeaturesKhr };
        var features = new PhysicalDeviceFeatures2 { SType = StructureType.PhysicalDeviceFeatures2, PNext = &executables };
        vk.GetPhysicalDeviceFeatures2(device, &features);
        return executables.PipelineExecutableInfo;
    }

    /// <summary>
    /// The numbers of a pipeline by the names that the driver gives them, such as registers; of all its executables, one after the
    /// other. None of a <see cref="GpuFunction"/>, which the extension knows nothing of.
    /// </summary>
    /// <exception cref="MissingFeatureException">The device was not made with <see cref="GpuDeviceOptions.KeepStatistics"/>, or cannot tell.</exception>
    public static IReadOnlyList<(string Name, double Value)> Of(GpuProgram program)
    {
        GpuDevice device = program.Device;
        if (!device.KeepsStatistics || !device.Functions.TryGetProcAddress(Executables, out nint executables) || !device.Functions.TryGetProcAddress(Statistics, out nint statistics))
            throw new MissingFeatureException(Extension, $"{device.Physical.Name} does not tell what its pipelines take.");
        var getExecutables = (delegate* unmanaged<Device, PipelineInfoKHR*, uint*, PipelineExecutablePropertiesKHR*, Result>)executables;
        var getStatistics = (delegate* unmanaged<Device, PipelineExecutableInfoKHR*, uint*, PipelineExecutableStatisticKHR*, Result>)statistics;
        if (program is not GpuPipeline { Handle: var handle })
            return [];
        var pipeline = new PipelineInfoKHR { SType = StructureType.PipelineInfoKhr, Pipeline = handle };
        uint count = 0;
        device.Check(getExecutables(device.Handle, &pipeline, &count, null), Executables);
        var numbers = new List<(string, double)>();
        for (uint index = 0; index < count; index++)
        {
            var executable = new PipelineExecutableInfoKHR { SType = StructureType.PipelineExecutableInfoKhr, Pipeline = handle, ExecutableIndex = index };
            uint statisticCount = 0;
            device.Check(getStatistics(device.Handle, &executable, &statisticCount, null), Statistics);
            var values = new PipelineExecutableStatisticKHR[statisticCount];
            Array.Fill(values, new PipelineExecutableStatisticKHR { SType = StructureType.PipelineExecutableStatisticKhr });
            fixed (PipelineExecutableStatisticKHR* first = values)
            {
                device.Check(getStatistics(device.Handle, &executable, &statisticCount, first), Statistics);
                for (uint i = 0; i < statisticCount; i++)
                    numbers.Add((NativeStrings.Read(first[i].Name), Number(first[i])));
            }
        }
        return numbers;
    }

    private static double Number(in PipelineExecutableStatisticKHR statistic) => statistic.Format switch
    {
        PipelineExecutableStatisticFormatKHR.Bool32Khr => statistic.Value.B32 ? 1 : 0,
        PipelineExecutableStatisticFormatKHR.Int64Khr => statistic.Value.I64,
        PipelineExecutableStatisticFormatKHR.Uint64Khr => statistic.Value.U64,
        _ => statistic.Value.F64,
    };
}
