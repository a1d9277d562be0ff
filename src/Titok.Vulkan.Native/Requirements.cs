using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Titok.Vulkan.Native;

/// <summary>The functions titokRequirements….</summary>
internal static unsafe class Requirements
{
    // Names and reasons are the library's own and stay as long as it does.
    private static readonly NativeTexts s_names = new([.. TitokRequirements.All.Select(r => r.Name)]);
    private static readonly NativeTexts s_without = new([.. TitokRequirements.All.Select(r => r.Without)]);

    [UnmanagedCallersOnly(EntryPoint = "titokRequirementsCreate", CallConvs = [typeof(CallConvCdecl)])]
    public static int Create(NativeRequirementsInfo* info, nint* requirements) =>
        Call.Make(Arguments.Pointer(requirements), Arguments.Pointer(info), static info =>
        {
            ref readonly NativeRequirementsInfo given = ref info.Structure;
            var profile = Arguments.Known<TitokProfile>(given.Profile, "profile");
            IReadOnlyList<string> except = Arguments.Texts(given.Except, given.ExceptCount, "except", "exceptCount");
            return new NativeRequirements(TitokRequirements.Of(given.Instance, given.PhysicalDevice, given.GetInstanceProcAddr, profile, except), given.PhysicalDevice);
        });

    [UnmanagedCallersOnly(EntryPoint = "titokRequirementsGetExtensions", CallConvs = [typeof(CallConvCdecl)])]
    public static int Extensions(nint requirements, nint* names, uint* count) =>
        Call.On<NativeRequirements>(requirements).Do(
            (names: Arguments.Pointer(names), count: Arguments.Pointer(count)),
            static (requirements, to) => Write(requirements.Extensions, to.names, to.count));

    [UnmanagedCallersOnly(EntryPoint = "titokRequirementsGetEnabled", CallConvs = [typeof(CallConvCdecl)])]
    public static int Enabled(nint requirements, nint* names, uint* count) =>
        Call.On<NativeRequirements>(requirements).Do(
            (names: Arguments.Pointer(names), count: Arguments.Pointer(count)),
            static (requirements, to) => Write(requirements.Enabled, to.names, to.count));

    [UnmanagedCallersOnly(EntryPoint = "titokRequirementsGetQueueFamily", CallConvs = [typeof(CallConvCdecl)])]
    public static int QueueFamily(nint requirements, uint* family) =>
        Call.On<NativeRequirements>(requirements).Do(Arguments.Pointer(family), static (requirements, family) =>
        {
            ref uint to = ref family.Value;
            int suited = requirements.Value.QueueFamily;
            if (suited < 0)
                throw new NativeException(NativeResult.MissingFeature, "The device has no queue family with compute.");
            to = (uint)suited;
        });

    [UnmanagedCallersOnly(EntryPoint = "titokRequirementsPatch", CallConvs = [typeof(CallConvCdecl)])]
    public static int Patch(nint requirements, int* createInfo) =>
        Call.On<NativeRequirements>(requirements).Do((nint)createInfo, static (requirements, createInfo) => requirements.Value.Patch(createInfo));

    [UnmanagedCallersOnly(EntryPoint = "titokRequirementsDescribe", CallConvs = [typeof(CallConvCdecl)])]
    public static int Describe(uint index, nint* name, uint* isRequired, nint* without) =>
        Call.Do((index, name: Arguments.Pointer(name), isRequired: Arguments.Pointer(isRequired), without: Arguments.Pointer(without)), static with =>
        {
            if (with.index >= TitokRequirements.All.Count)
                throw Arguments.Invalid($"There are {TitokRequirements.All.Count} requirements, and none of index {with.index}");
            if (!with.name.IsNull)
                with.name.Value = (nint)s_names.Pointers[with.index];
            if (!with.isRequired.IsNull)
                with.isRequired.Value = TitokRequirements.All[(int)with.index].IsRequired ? 1u : 0u;
            if (!with.without.IsNull)
                with.without.Value = (nint)s_without.Pointers[with.index];
        });

    [UnmanagedCallersOnly(EntryPoint = "titokRequirementsDestroy", CallConvs = [typeof(CallConvCdecl)])]
    public static int Destroy(nint requirements) => Call.Destroy<NativeRequirements>(requirements);

    private static void Write(NativeTexts texts, NativePointer<nint> names, NativePointer<uint> count)
    {
        ref nint to = ref names.Value;
        count.Value = (uint)texts.Count;
        to = (nint)texts.Pointers;
    }
}
