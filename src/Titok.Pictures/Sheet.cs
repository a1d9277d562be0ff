namespace Titok.Pictures;

/// <summary>Several pictures in one, in a grid about as wide as high, on a dark ground.</summary>
internal static class Sheet
{
    private const int Margin = 4;
    private const float Ground = 0.1f;

    public static (float[] Planar, int Width, int Height) Arrange(ReadOnlySpan<float> pictures, int count, int size, int? columns = null)
    {
        var grid = new Grid(count, size, columns);
        float[] planar = new float[3 * grid.Width * grid.Height];
        planar.AsSpan().Fill(Ground);
        for (int picture = 0; picture < count; picture++)
        {
            for (int c = 0; c < 3; c++)
            {
                for (int row = 0; row < size; row++)
                {
                    ReadOnlySpan<float> source = pictures.Slice(((picture * 3 + c) * size + row) * size, size);
                    source.CopyTo(planar.AsSpan(c * grid.Width * grid.Height + grid.PixelOf(picture, row)));
                }
            }
        }
        return (planar, grid.Width, grid.Height);
    }

    /// <summary>The same for pictures of opaque RGBA pixels.</summary>
    public static (byte[] Rgba, int Width, int Height) Arrange(IReadOnlyList<byte[]> pictures, int size)
    {
        var grid = new Grid(pictures.Count, size, null);
        byte[] rgba = new byte[4 * grid.Width * grid.Height];
        byte ground = PictureFile.ToByte(Ground);
        for (int i = 0; i < rgba.Length; i++)
            rgba[i] = i % 4 == 3 ? byte.MaxValue : ground;
        for (int picture = 0; picture < pictures.Count; picture++)
        {
            for (int row = 0; row < size; row++)
                pictures[picture].AsSpan(4 * row * size, 4 * size).CopyTo(rgba.AsSpan(4 * grid.PixelOf(picture, row)));
        }
        return (rgba, grid.Width, grid.Height);
    }

    /// <summary>Where pictures of so many pixels a side are in a sheet.</summary>
    private readonly struct Grid(int count, int size, int? columns)
    {
        private readonly int _across = columns ?? (int)Math.Ceiling(Math.Sqrt(count));

        public int Width => Extent(_across);

        public int Height => Extent((count + _across - 1) / _across);

        /// <summary>The pixel that a row of a picture begins at.</summary>
        public int PixelOf(int picture, int row) =>
            (Margin + picture / _across * (size + Margin) + row) * Width + Margin + picture % _across * (size + Margin);

        private int Extent(int pictures) => pictures * (size + Margin) + Margin;
    }
}
