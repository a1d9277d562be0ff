namespace Titok.Vulkan.Kernels;

/// <summary>Which family of kernels a device is given.</summary>
internal enum KernelForm
{
    /// <summary>Needs no optional feature.</summary>
    Portable,

    /// <summary>
    /// For drivers that run on the CPU and load an address that is the same for all lanes as one scalar (lavapipe of
    /// Mesa 24 and later): no shared memory, no barriers, weights read by address. Subgroups of 8.
    /// </summary>
    CpuUniform,

    /// <summary>For drivers that run on the CPU and load for every lane apart: as few loads as can be. Subgroups of 8.</summary>
    CpuLanes,

    /// <summary>
    /// For devices with matrix units (VK_KHR_cooperative_matrix): fp16 products by cooperative matrices. What is kept in
    /// fp32, and what does not come in whole fragments, goes to the portable kernels.
    /// </summary>
    Matrix,

    /// <summary>
    /// For GPUs without matrix units, or with slow ones: the same products in blocks, of fp16 numbers by multiply-adds, with all that
    /// the matrix kernels do on the way. What is kept in fp32 goes to the portable kernels.
    /// </summary>
    MultiplyAdd,
}
