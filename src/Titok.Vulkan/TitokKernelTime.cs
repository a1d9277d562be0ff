namespace Titok.Vulkan;

/// <summary>What one kernel takes in one pass of a stage.</summary>
/// <param name="Kernel">Name of the shader.</param>
/// <param name="Dispatches">How often it is dispatched.</param>
/// <param name="Milliseconds">All its dispatches together, by the device's timestamps.</param>
/// <param name="Operations">Multiplications and additions of its matrix products; 0 for kernels without.</param>
/// <param name="Bytes">Bytes of its inputs and outputs, each counted once a dispatch.</param>
public sealed record TitokKernelTime(string Kernel, int Dispatches, double Milliseconds, double Operations, double Bytes);
