namespace Titok.Vulkan;

/// <summary>The size of a transformer.</summary>
/// <param name="Width">Channels of a token inside it.</param>
/// <param name="Layers">Its blocks, of attention and an MLP each.</param>
public readonly record struct TitokTransformerSize(int Width, int Layers)
{
    /// <summary>Layers × width.</summary>
    public override string ToString() => $"{Layers} × {Width}";
}
