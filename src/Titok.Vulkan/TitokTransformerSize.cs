namespace Titok.Vulkan;

/// <summary>The size of a transformer.</summary>
/// <param name="Width">Channels of a token inside it.</param>
/// <param name="Layers">Its blocks.</param>
public readonly record struct TitokTransformerSize(int Width, int Layers)
{
    /// <summary>Width × layers.</summary>
    public override string ToString() => $"{Width} × {Layers}";
}
