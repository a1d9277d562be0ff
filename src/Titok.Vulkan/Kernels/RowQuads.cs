namespace Titok.Vulkan.Kernels;

/// <summary>Rows that a workgroup keeps in registers, four channels at a time (see row_statistics).</summary>
internal static class RowQuads
{
    private const int Width = 4, MaxChannels = 4096;

    /// <summary>Whether a row of so many channels can be kept.</summary>
    public static bool Hold(int channels) => channels % Width == 0 && channels <= MaxChannels;
}
