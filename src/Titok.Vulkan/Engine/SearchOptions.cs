namespace Titok.Vulkan.Engine;

/// <summary>How a device's kernels are tried.</summary>
internal sealed record SearchOptions
{
    /// <summary>As somebody who loads a model has it done.</summary>
    public static SearchOptions Thorough { get; } = new();

    /// <summary>With timing cut short.</summary>
    public static SearchOptions Brief { get; } = new() { IsBrief = true };

    /// <summary>Whether timing is cut short, only to show that it works; it decides by chance then.</summary>
    public bool IsBrief { get; init; }

    /// <summary>Called between tests, between rounds and while kernels are built, by the thread that searches; what it throws ends the search.</summary>
    public Action Pause { get; init; } = static () => { };
}
