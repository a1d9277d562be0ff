using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Titok.Vulkan.Native;

/// <summary>What a host turns on when it makes its device.</summary>
internal sealed unsafe class NativeRequirements(TitokRequirements requirements) : IDisposable
{
    private readonly NativeTexts _extensions = new(requirements.DeviceExtensions);

    public TitokRequirements Value => requirements;

    public NativeTexts Extensions => _extensions;

    public void Dispose()
    {
        _extensions.Dispose();
        requirements.Dispose();
    }
}

/// <summary>The functions titokRequirements….</summary>
internal static unsafe class Requirements
{
    // Names and reasons are the library's own and stay as long as it does.
    private static readonly NativeTexts s_names = new([.. TitokRequirements.All.Select(r => r.Name)]);
    private static readonly NativeTexts s_without = new([.. TitokRequirements.All.Select(r => r.Without)]);

    [UnmanagedCallersOnly(EntryPoint = "titokRequirementsCreate", CallConvs = [typeof(CallConvCdecl)])]
    public static int Create(NativeRequirementsInfo* info, nint* requirements)
    {
        try
        {
            Library.ThrowIfLoadedTwice();
            Arguments.Structure((uint*)info, sizeof(NativeRequirementsInfo), "info");
            Arguments.NotNull(requirements, "requirements");
            var profile = Arguments.Known<TitokProfile>(info->Profile, "profile");
            TitokRequirements made = TitokRequirements.Of(info->Instance, info->PhysicalDevice, info->GetInstanceProcAddr, profile);
            *requirements = HandleTable.Add(new NativeRequirements(made));
            return 0;
        }
        catch (Exception e)
        {
            return Failure.Of(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "titokRequirementsExtensions", CallConvs = [typeof(CallConvCdecl)])]
    public static int Extensions(nint requirements, byte*** names, uint* count)
    {
        try
        {
            NativeRequirements found = HandleTable.Get<NativeRequirements>(requirements);
            Arguments.NotNull(names, "names");
            Arguments.NotNull(count, "count");
            *names = found.Extensions.Pointers;
            *count = (uint)found.Extensions.Count;
            return 0;
        }
        catch (Exception e)
        {
            return Failure.Of(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "titokRequirementsQueueFamily", CallConvs = [typeof(CallConvCdecl)])]
    public static int QueueFamily(nint requirements, uint* family)
    {
        try
        {
            TitokRequirements found = HandleTable.Get<NativeRequirements>(requirements).Value;
            Arguments.NotNull(family, "family");
            if (found.QueueFamily < 0)
                throw new NativeException(NativeResult.MissingFeature, "The device has no queue family with compute.");
            *family = (uint)found.QueueFamily;
            return 0;
        }
        catch (Exception e)
        {
            return Failure.Of(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "titokRequirementsPatch", CallConvs = [typeof(CallConvCdecl)])]
    public static int Patch(nint requirements, nint createInfo)
    {
        try
        {
            TitokRequirements found = HandleTable.Get<NativeRequirements>(requirements).Value;
            Arguments.NotNull((void*)createInfo, "createInfo");
            // VK_STRUCTURE_TYPE_DEVICE_CREATE_INFO
            if (*(int*)createInfo != 3)
                throw Arguments.Invalid("createInfo is not a VkDeviceCreateInfo");
            if (found.WhyUnusable is { } why)
                throw new NativeException(NativeResult.MissingFeature, $"The device can't be used: {why}.");
            found.Patch(createInfo);
            return 0;
        }
        catch (Exception e)
        {
            return Failure.Of(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "titokRequirementsDescribe", CallConvs = [typeof(CallConvCdecl)])]
    public static int Describe(uint index, byte** name, uint* isRequired, byte** without)
    {
        try
        {
            if (index >= TitokRequirements.All.Count)
                throw Arguments.Invalid($"There are {TitokRequirements.All.Count} requirements, and none of index {index}");
            if (name != null)
                *name = s_names.Pointers[index];
            if (isRequired != null)
                *isRequired = TitokRequirements.All[(int)index].IsRequired ? 1u : 0u;
            if (without != null)
                *without = s_without.Pointers[index];
            return 0;
        }
        catch (Exception e)
        {
            return Failure.Of(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "titokRequirementsDestroy", CallConvs = [typeof(CallConvCdecl)])]
    public static int Destroy(nint requirements)
    {
        try
        {
            HandleTable.Remove<NativeRequirements>(requirements).Dispose();
            return 0;
        }
        catch (Exception e)
        {
            return Failure.Of(e);
        }
    }
}
