namespace Titok.Pictures;

/// <summary>Several pictures in one, in a grid about as wide as high, on a dark ground.</summary>
internal static class Sheet
{
    private const int Margin = 4;
    private const float Ground = 0.1f;

    public static (float[] Planar, int Width, int Height) Arrange(ReadOnlySpan<float> pictures, int count, int size, int? columns = null)
    {
        int across = columns ?? (int)Math.Ceiling(Math.Sqrt(count));
        int down = (count + across - 1) / across;
        int width = across * (size + Margin) + Margin, height = down * (size + Margin) + Margin;
        float[] planar = new float[3 * width * height];
        planar.AsSpan().Fill(Ground);
        for (int picture = 0; picture < count; picture++)
        {
            int left = Margin + picture % across * (size + Margin), top = Margin + picture / across * (size + Margin);
            for (int c = 0; c < 3; c++)
            {
                for (int row = 0; row < size; row++)
                {
                    ReadOnlySpan<float> source = pictures.Slice(((picture * 3 + c) * size + row) * size, size);
                    source.CopyTo(planar.AsSpan((c * height + top + row) * width + left));
                }
            }
        }
        return (planar, width, height);
    }

    /// <summary>The same for pictures of opaque RGBA pixels.</summary>
    public static (byte[] Rgba, int Width, int Height) Arrange(IReadOnlyList<byte[]> pictures, int size)
    {
        int across = (int)Math.Ceiling(Math.Sqrt(pictures.Count)), down = (pictures.Count + across - 1) / across;
        int width = across * (size + Margin) + Margin, height = down * (size + Margin) + Margin;
        byte[] rgba = new byte[4 * width * height];
        byte ground = PictureFile.ToByte(Ground);
        for (int i = 0; i < rgba.Length; i++)
            rgba[i] = i % 4 == 3 ? byte.MaxValue : ground;
        for (int picture = 0; picture < pictures.Count; picture++)
        {
            int left = Margin + picture % across * (size + Margin), top = Margin + picture / across * (size + Margin);
            for (int row = 0; row < size; row++)
                pictures[picture].AsSpan(4 * row * size, 4 * size).CopyTo(rgba.AsSpan(4 * ((top + row) * width + left)));
        }
        return (rgba, width, height);
    }
}
