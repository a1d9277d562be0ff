namespace Titok.Vulkan.Reference;

/// <summary>Rows of patches [B, P, (ky, kx, c)] as pictures [B, S, S, 3].</summary>
public static class Unpatchify
{
    public static float[] Apply(float[] x, int batch, int size, int patch)
    {
        float[] y = new float[x.Length];
        int from = 0;
        for (int b = 0; b < batch; b++)
        {
            for (int row = 0; row < size; row += patch)
            {
                for (int column = 0; column < size; column += patch)
                {
                    for (int ky = 0; ky < patch; ky++)
                    {
                        for (int kx = 0; kx < patch; kx++)
                        {
                            for (int c = 0; c < 3; c++)
                                y[((b * size + row + ky) * size + column + kx) * 3 + c] = x[from++];
                        }
                    }
                }
            }
        }
        return y;
    }
}
