namespace Titok.Vulkan;

/// <summary>What kind of device it is, as its driver says; the later, the better suited.</summary>
public enum TitokDeviceType
{
    /// <summary>None of the others.</summary>
    Other,

    /// <summary>A driver that computes on the CPU, such as Mesa's lavapipe.</summary>
    Cpu,

    /// <summary>A GPU of a virtual machine.</summary>
    Virtual,

    /// <summary>A GPU that shares the machine's memory.</summary>
    Integrated,

    /// <summary>A GPU with memory of its own.</summary>
    Discrete,
}
