namespace Titok.Vulkan.Reference;

/// <summary>
/// The generator's input [R, 1 + K, C]: class token, then ids[B, K], as rows of word, with position (and type) added.
/// Rows from B on repeat the ids with the dropped class.
/// </summary>
public static class EmbedIds
{
    public static float[] Apply(
        int[] ids, int[] classes, float[] word, float[] position, float[]? type, int rows, int latents, int channels, int classOffset, int droppedId)
    {
        float[] y = new float[rows * (1 + latents) * channels];
        for (int r = 0; r < rows; r++)
        {
            int image = r % classes.Length;
            for (int t = 0; t <= latents; t++)
            {
                int id = t > 0 ? ids[image * latents + t - 1] : r < classes.Length ? classOffset + classes[r] : droppedId;
                for (int c = 0; c < channels; c++)
                    y[(r * (1 + latents) + t) * channels + c] = word[id * channels + c] + position[t * channels + c] + (type?[c] ?? 0);
            }
        }
        return y;
    }
}
