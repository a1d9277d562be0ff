using Titok.Vulkan.Graphs;

namespace Titok.Vulkan.Kernels;

/// <summary>A matrix-multiplying shader and the tile of the output that one of its workgroups makes.</summary>
/// <param name="Shader">Shader name without its type suffix.</param>
/// <param name="TileRows">Rows of the output a workgroup.</param>
/// <param name="TileColumns">Columns of the output a workgroup.</param>
internal sealed record GemmVariant(string Shader, int TileRows, int TileColumns)
{
    private static readonly GemmVariant Linear = new("linear", 64, 64);
    private static readonly GemmVariant LinearCpu = new("linear", 64, 64);
    private static readonly GemmVariant Convolution = new("conv3x3", 64, 64);
    private static readonly GemmVariant ConvolutionCpu = new("conv3x3", 64, 64);

    public static GemmVariant ForLinear(KernelProfile profile) => profile.Form == KernelForm.Cpu ? LinearCpu : Linear;

    public static GemmVariant ForConvolution(KernelProfile profile) =>
        profile.Form == KernelForm.Cpu ? ConvolutionCpu : Convolution;

    /// <summary>Tiles of columns along x; tiles of rows along y, folded over z where an axis does not hold them.</summary>
    public GroupCount Groups(int rows, int columns)
    {
        GroupCount line = GroupCount.Line((rows + TileRows - 1) / TileRows);
        return new GroupCount((uint)((columns + TileColumns - 1) / TileColumns), line.X, line.Y);
    }
}
