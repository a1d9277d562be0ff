namespace Titok.Vulkan.Reference;

/// <summary>Planar pictures [B, 3, S, S] as rows of patches [B, P, (c, ky, kx)].</summary>
public static class Patchify
{
    public static float[] Apply(float[] image, int batch, int size, int patch)
    {
        var y = new List<float>(image.Length);
        for (int b = 0; b < batch; b++)
        {
            for (int row = 0; row < size; row += patch)
            {
                for (int column = 0; column < size; column += patch)
                {
                    for (int c = 0; c < 3; c++)
                    {
                        for (int ky = 0; ky < patch; ky++)
                        {
                            for (int kx = 0; kx < patch; kx++)
                                y.Add(image[((b * 3 + c) * size + row + ky) * size + column + kx]);
                        }
                    }
                }
            }
        }
        return [.. y];
    }
}
