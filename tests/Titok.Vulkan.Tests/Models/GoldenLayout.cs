namespace Titok.Vulkan.Tests.Models;

/// <summary>Brings a golden stage to the layout that our graphs keep it in.</summary>
internal static class GoldenLayout
{
    /// <summary>Stages inside a transformer are [T, B, C] in the published code; ours are [B, T, C].</summary>
    public static bool IsTimeFirst(string stage) => stage.Contains(".transformer.", StringComparison.Ordinal);

    /// <summary>[A, B, C] to [B, A, C].</summary>
    public static float[] SwapFirstAxes(float[] data, int first, int second, int rest)
    {
        float[] result = new float[data.Length];
        for (int a = 0; a < first; a++)
        {
            for (int b = 0; b < second; b++)
                Array.Copy(data, (a * second + b) * rest, result, (b * first + a) * rest, rest);
        }
        return result;
    }

    /// <summary>[B, C, N] to [B, N, C].</summary>
    public static float[] ChannelsLast(float[] data, int batch, int channels, int positions)
    {
        float[] result = new float[data.Length];
        for (int b = 0; b < batch; b++)
        {
            for (int c = 0; c < channels; c++)
            {
                for (int n = 0; n < positions; n++)
                    result[(b * positions + n) * channels + c] = data[(b * channels + c) * positions + n];
            }
        }
        return result;
    }

    /// <summary>The golden stage in our order: pictures and 1×1-convolution outputs are channels-first there.</summary>
    public static float[] Bring(string stage, float[] data, IReadOnlyList<int> shape) => shape.Count switch
    {
        3 when IsTimeFirst(stage) => SwapFirstAxes(data, shape[0], shape[1], shape[2]),
        4 => ChannelsLast(data, shape[0], shape[1], shape[2] * shape[3]),
        _ => data,
    };

    /// <summary>Tokens [first, first + count) of [B, T, C].</summary>
    public static float[] Tokens(float[] data, int first, int count, int batch, int tokens, int channels)
    {
        float[] result = new float[batch * count * channels];
        for (int b = 0; b < batch; b++)
            Array.Copy(data, (b * tokens + first) * channels, result, b * count * channels, count * channels);
        return result;
    }
}
