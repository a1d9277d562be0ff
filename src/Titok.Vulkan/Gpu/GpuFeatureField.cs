using Silk.NET.Core;
using Silk.NET.Vulkan;

namespace Titok.Vulkan.Gpu;

/// <summary>A feature by its Vulkan name, and where Vulkan's structures have it.</summary>
/// <param name="Name">The Vulkan name, as TitokRequirements has it.</param>
/// <param name="Own">Its place in the structure of the extension or version that brought it.</param>
/// <param name="Gathered">Its place in the structure of all features of a version; null where that has none.</param>
internal sealed unsafe record GpuFeatureField(string Name, GpuFeaturePlace Own, GpuFeaturePlace? Gathered = null)
{
    /// <summary>Points to the field of a structure.</summary>
    public delegate Bool32* Pointer<T>(T* structure)
        where T : unmanaged;

    public static GpuFeatureField Of<TOwn>(string name, Pointer<TOwn> own)
        where TOwn : unmanaged, IStructuredType => new(name, Place(own));

    public static GpuFeatureField Of<TOwn, TGathered>(string name, Pointer<TOwn> own, Pointer<TGathered> gathered)
        where TOwn : unmanaged, IStructuredType
        where TGathered : unmanaged, IStructuredType => new(name, Place(own), Place(gathered));

    private static GpuFeaturePlace Place<T>(Pointer<T> field)
        where T : unmanaged, IStructuredType
    {
        T structure = default;
        return new GpuFeaturePlace(structure.StructureType(), sizeof(T), (int)((byte*)field(&structure) - (byte*)&structure));
    }
}

/// <summary>Where a structure that may stand in a pNext chain has a feature.</summary>
/// <param name="Structure">The structure's type.</param>
/// <param name="SizeInBytes">The structure's size.</param>
/// <param name="OffsetInBytes">The feature's offset in it.</param>
internal readonly record struct GpuFeaturePlace(StructureType Structure, int SizeInBytes, int OffsetInBytes)
{
    public unsafe Bool32* In(void* structure) => (Bool32*)((byte*)structure + OffsetInBytes);
}
