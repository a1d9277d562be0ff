using SkiaSharp;
using Titok.Pictures;
using Titok.Vulkan.Tests.Checkpoints;

namespace Titok.Vulkan.Tests.Cli;

public sealed class PictureFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void APictureOfTheRightSizeKeepsItsExactValues()
    {
        using SKBitmap picture = Gradient(64, 64);
        AssertPixels(Expected(picture, (x, y) => (x, y), 64), PictureFile.Read(Save(picture, "a.png"), 64));
    }

    [Theory]
    [InlineData(101, 64, 18, 0)]
    [InlineData(64, 99, 0, 17)]
    public void TheCentreSquareIsTaken(int width, int height, int left, int top)
    {
        using SKBitmap picture = Gradient(width, height);
        AssertPixels(Expected(picture, (x, y) => (x + left, y + top), 64), PictureFile.Read(Save(picture, "a.png"), 64));
    }

    /// <summary>A picture is stored turned or mirrored, as each orientation says it may be, and must come out upright.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    public void EveryOrientationComesOutUpright(int orientation)
    {
        const int Width = 80, Height = 48;
        using SKBitmap upright = Corners(Width, Height);
        bool turned = orientation >= 5;
        using var stored = new SKBitmap(turned ? Height : Width, turned ? Width : Height);
        for (int row = 0; row < stored.Height; row++)
        {
            for (int column = 0; column < stored.Width; column++)
            {
                // As EXIF puts it: where the stored row 0 and column 0 are in the picture as it is seen.
                (int x, int y) = orientation switch
                {
                    1 => (column, row),
                    2 => (Width - 1 - column, row),
                    3 => (Width - 1 - column, Height - 1 - row),
                    4 => (column, Height - 1 - row),
                    5 => (row, column),
                    6 => (Width - 1 - row, column),
                    7 => (Width - 1 - row, Height - 1 - column),
                    _ => (row, Height - 1 - column),
                };
                stored.SetPixel(column, row, upright.GetPixel(x, y));
            }
        }
        float[] expected = PictureFile.Read(Save(upright, "upright.png"), 48);
        float[] actual = PictureFile.Read(SaveJpeg(stored, $"{orientation}.jpg", orientation), 48);
        // The four colours are far apart, and JPEG at full quality is not exact.
        for (int i = 0; i < expected.Length; i++)
            Assert.True(Math.Abs(expected[i] - actual[i]) < 0.06, $"element {i}: {expected[i]} expected, {actual[i]} found");
    }

    [Fact]
    public void AlphaIsLaidOverWhite()
    {
        using var picture = new SKBitmap(new SKImageInfo(16, 16, SKColorType.Rgba8888, SKAlphaType.Unpremul));
        for (int i = 0; i < 256; i++)
            picture.SetPixel(i % 16, i / 16, new SKColor(200, 100, 0, (byte)i));
        float[] actual = PictureFile.Read(Save(picture, "a.png"), 16);
        for (int i = 0; i < 256; i++)
        {
            double share = i / 255.0;
            Assert.Equal((200 / 255.0 * share) + 1 - share, actual[i], 1e-6);
            Assert.Equal((100 / 255.0 * share) + 1 - share, actual[256 + i], 1e-6);
            Assert.Equal(1 - share, actual[512 + i], 1e-6);
        }
    }

    [Fact]
    public void SixteenBitsAndGreyAreRead()
    {
        // A grey ramp of 16 bits: filter byte, then big-endian samples, for each row.
        byte[] rows = [.. Enumerable.Range(0, 16).SelectMany(_ => (byte[])[0, .. Enumerable.Range(0, 16).SelectMany(x => (byte[])[(byte)(x * 17), (byte)(x * 17)])])];
        float[] deep = PictureFile.Read(Write("deep.png", Png.Forge(16, 16, 16, 0, Deflate(rows))), 16);
        byte[] shallow = [.. Enumerable.Range(0, 16).SelectMany(_ => (byte[])[0, .. Enumerable.Range(0, 16).Select(x => (byte)(x * 17))])];
        float[] grey = PictureFile.Read(Write("grey.png", Png.Forge(16, 16, 8, 0, Deflate(shallow))), 16);
        for (int i = 0; i < deep.Length; i++)
        {
            Assert.Equal(i % 16 * 17 / 255f, grey[i], 1e-6f);
            Assert.Equal(grey[i], deep[i], 1e-6f);
        }
    }

    /// <summary>Of inks (0, 1, 1, 0), which is red, as PIL writes them with Adobe's marker.</summary>
    [Fact]
    public void CmykJpegIsRead()
    {
        byte[] jpeg = Convert.FromBase64String(
            "/9j/7gAOQWRvYmUAZAAAAAAA/9sAQwACAQEBAQECAQEBAgICAgIEAwICAgIFBAQDBAYFBgYGBQYGBgcJCAYHCQcGBggLCAkKCgoKCgYICwwLCgwJCgoK" +
            "/8AAFAgAEAAQBEMRAE0RAFkRAEsRAP/EAB8AAAEFAQEBAQEBAAAAAAAAAAABAgMEBQYHCAkKC//EALUQAAIBAwMCBAMFBQQEAAABfQECAwAEEQUSITFB" +
            "BhNRYQcicRQygZGhCCNCscEVUtHwJDNicoIJChYXGBkaJSYnKCkqNDU2Nzg5OkNERUZHSElKU1RVVldYWVpjZGVmZ2hpanN0dXZ3eHl6g4SFhoeIiYqS" +
            "k5SVlpeYmZqio6Slpqeoqaqys7S1tre4ubrCw8TFxsfIycrS09TV1tfY2drh4uPk5ebn6Onq8fLz9PX29/j5+v/aAA4EQwBNAFkASwAAPwD9/K/n/r+f" +
            "+v38oooooooooooor//Z");
        float[] actual = PictureFile.Read(Write("cmyk.jpg", jpeg), 16);
        Assert.All(actual.Take(256), red => Assert.InRange(red, 0.9f, 1));
        Assert.All(actual.Skip(256), other => Assert.InRange(other, 0, 0.1f));
    }

    [Fact]
    public void WebPIsRead()
    {
        using SKBitmap picture = Gradient(64, 64);
        using SKPixmap pixmap = picture.PeekPixels()!;
        using SKData data = pixmap.Encode(new SKWebpEncoderOptions(SKWebpEncoderCompression.Lossless, 0))!;
        AssertPixels(Expected(picture, (x, y) => (x, y), 64), PictureFile.Read(Write("a.webp", data.ToArray()), 64));
    }

    /// <summary>Pixels of PIL's Image.resize((64, 64), BILINEAR) of the 80×80 in the middle of a grey 100×80 picture, in floats.</summary>
    [Theory]
    [InlineData(0, 0, 35.25)]
    [InlineData(63, 0, 113.75)]
    [InlineData(7, 5, 158.5128173828125)]
    [InlineData(32, 31, 150.46153259277344)]
    [InlineData(11, 40, 38.5384635925293)]
    [InlineData(0, 63, 104.25)]
    [InlineData(63, 63, 182.75)]
    public void ResizingIsThatOfPil(int x, int y, double expected)
    {
        byte[] rows = [.. Enumerable.Range(0, 80).SelectMany(row => (byte[])[0, .. Enumerable.Range(0, 100).Select(column => (byte)((row * 100 + column) % 251))])];
        float[] actual = PictureFile.Read(Write("grey.png", Png.Forge(100, 80, 8, 0, Deflate(rows))), 64);
        Assert.Equal(expected / 255, actual[y * 64 + x], 1e-5);
    }

    [Fact]
    public void ShrinkingAveragesUnderATriangle()
    {
        using SKBitmap picture = Gradient(24, 24);
        float[] actual = PictureFile.Read(Save(picture, "a.png"), 8);
        for (int y = 0; y < 8; y++)
        {
            for (int x = 0; x < 8; x++)
                Assert.Equal(Triangle(picture, x, y, 3), actual[y * 8 + x], 1e-5);
        }
    }

    [Fact]
    public void EnlargingAFlatPictureLeavesItFlat()
    {
        using var picture = new SKBitmap(3, 5);
        picture.Erase(new SKColor(10, 20, 30));
        float[] actual = PictureFile.Read(Save(picture, "a.png"), 64);
        Assert.All(actual.Take(4096), v => Assert.Equal(10 / 255f, v, 1e-6f));
        Assert.All(actual.Skip(8192), v => Assert.Equal(30 / 255f, v, 1e-6f));
    }

    [Theory]
    [InlineData("png")]
    [InlineData("jpg")]
    [InlineData("webp")]
    public void ACutOffPictureIsRefusedWhereverItIsCut(string kind)
    {
        using SKBitmap picture = Gradient(64, 64);
        using SKData data = picture.Encode(kind switch { "png" => SKEncodedImageFormat.Png, "jpg" => SKEncodedImageFormat.Jpeg, _ => SKEncodedImageFormat.Webp }, 90);
        byte[] whole = data.ToArray();
        // A PNG's last chunk carries no pixels; a decoder may well not miss it.
        for (int length = 0; length < whole.Length - 24; length += Math.Max(1, whole.Length / 97))
        {
            string path = Write("cut", whole[..length]);
            FileException e = Assert.Throws<FileException>(() => PictureFile.Read(path, 64));
            Assert.StartsWith($"{path}: ", e.Message, StringComparison.Ordinal);
        }
    }

    /// <summary>16×16 of middle grey in two scans, of which the decoder takes the first alone for a whole image of less detail.</summary>
    [Fact]
    public void AProgressiveJpegIsRefusedWhereverItIsCut()
    {
        byte[] tables = [0xff, 0xd8, 0xff, 0xdb, 0, 67, 0, .. Enumerable.Repeat((byte)8, 64), 0xff, 0xc2, 0, 11, 8, 0, 16, 0, 16, 1, 1, 0x11, 0];
        // One code of one bit, for a difference of 0, then for a block's end; both for each of four blocks.
        byte[] code = [1, .. new byte[15], 0], first = [0xff, 0xc4, 0, 20, 0, .. code, 0xff, 0xda, 0, 8, 1, 1, 0, 0, 0, 0, 0x0f];
        byte[] second = [0xff, 0xc4, 0, 20, 0x10, .. code, 0xff, 0xda, 0, 8, 1, 1, 0, 1, 63, 0, 0x0f];
        byte[] whole = [.. tables, .. first, .. second, 0xff, 0xd9];
        float[] expected = [.. Enumerable.Repeat(128 / 255f, 3 * 256)];
        Assert.Equal(expected, PictureFile.Decode(whole, "whole", 16));
        Assert.Equal(expected, PictureFile.Decode([.. whole, 0, 0xff, 0x17], "with more behind it", 16));

        // A preview's end is not the image's.
        byte[] preview = [0xff, 0xe1, 0, 6, 0xff, 0xd8, 0xff, 0xd9];
        foreach (byte[] head in new byte[][] { [], preview })
        {
            byte[] file = [.. whole[..2], .. head, .. whole[2..]];
            Assert.Equal(expected, PictureFile.Decode(file, "whole", 16));
            for (int length = file.Length - second.Length - 2; length < file.Length; length++)
                Assert.Contains("cut off", Assert.Throws<FileException>(() => PictureFile.Decode(file[..length], "cut", 16)).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void APictureThatClaimsABillionPixelsIsRefusedBeforeItsMemoryIsTaken()
    {
        byte[] png = Png.Forge(40_000, 25_000, 8, 6, Deflate(new byte[1000]));
        using SKBitmap small = Gradient(16, 16);
        using SKData jpegData = small.Encode(SKEncodedImageFormat.Jpeg, 90);
        byte[] jpeg = jpegData.ToArray();
        int frame = jpeg.AsSpan().IndexOf((ReadOnlySpan<byte>)[0xff, 0xc0]);
        ((byte[])[40_000 >> 8, 40_000 & 255, 25_000 >> 8, 25_000 & 255]).CopyTo(jpeg, frame + 5);
        using SKPixmap pixmap = small.PeekPixels()!;
        using SKData webpData = pixmap.Encode(new SKWebpEncoderOptions(SKWebpEncoderCompression.Lossless, 0))!;
        byte[] webp = webpData.ToArray();
        // VP8L: after the signature byte 14 bits of width − 1 and 14 of height − 1, the most there can be: 268 million pixels.
        int bits = webp.AsSpan().IndexOf("VP8L"u8) + 9;
        ((byte[])[0xff, 0xff, 0xff, (byte)(webp[bits + 3] | 0x0f)]).CopyTo(webp, bits);

        // Their product is more than 64 bits hold.
        byte[] hugest = [.. png];
        hugest.AsSpan(16, 8).Fill(0xff);
        foreach ((string name, byte[] content) in new[] { ("a.png", png), ("b.png", hugest), ("a.jpg", jpeg), ("a.webp", webp) })
        {
            string path = Write(name, content);
            long before = GC.GetAllocatedBytesForCurrentThread();
            FileException e = Assert.Throws<FileException>(() => PictureFile.Read(path, 64));
            Assert.Contains("pixels; at most 100 million are read", e.Message, StringComparison.Ordinal);
            Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 4 << 20);
        }
    }

    [Fact]
    public void OtherFormatsAreRefusedByName()
    {
        byte[] gif = [.. "GIF89a"u8, 1, 0, 1, 0, 0x80, 0, 0, 0, 0, 0, 255, 255, 255, 0x2c, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x44, 1, 0, 0x3b];
        FileException e = Assert.Throws<FileException>(() => PictureFile.Read(Write("a.gif", gif), 16));
        Assert.Contains("PNG, JPEG", e.Message, StringComparison.Ordinal);
    }

    private static byte[] Deflate(byte[] rows)
    {
        using var stream = new MemoryStream();
        using (var deflate = new System.IO.Compression.ZLibStream(stream, System.IO.Compression.CompressionLevel.Fastest))
            deflate.Write(rows);
        return stream.ToArray();
    }

    private static SKBitmap Gradient(int width, int height)
    {
        var bitmap = new SKBitmap(new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Opaque));
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
                bitmap.SetPixel(x, y, new SKColor((byte)(x * 7 + y), (byte)(y * 5), (byte)(x * y)));
        }
        return bitmap;
    }

    /// <summary>A colour for each quarter.</summary>
    private static SKBitmap Corners(int width, int height)
    {
        var bitmap = new SKBitmap(width, height);
        bitmap.Erase(SKColors.White);
        bitmap.Erase(SKColors.Red, SKRectI.Create(0, 0, width / 2, height / 2));
        bitmap.Erase(SKColors.Lime, SKRectI.Create(width / 2, 0, width / 2, height / 2));
        bitmap.Erase(SKColors.Blue, SKRectI.Create(0, height / 2, width / 2, height / 2));
        return bitmap;
    }

    private static double Triangle(SKBitmap picture, int x, int y, int scale)
    {
        double sum = 0, weights = 0;
        for (int sy = 0; sy < picture.Height; sy++)
        {
            for (int sx = 0; sx < picture.Width; sx++)
            {
                double weight = Share(sx, x) * Share(sy, y);
                weights += weight;
                sum += weight * picture.GetPixel(sx, sy).Red / 255.0;
            }
        }
        return sum / weights;

        double Share(int source, int target) => Math.Max(0, 1 - Math.Abs((source + 0.5) / scale - (target + 0.5)));
    }

    private static float[] Expected(SKBitmap picture, Func<int, int, (int X, int Y)> at, int size)
    {
        float[] planar = new float[3 * size * size];
        for (int i = 0; i < size * size; i++)
        {
            (int x, int y) = at(i % size, i / size);
            SKColor color = picture.GetPixel(x, y);
            (planar[i], planar[size * size + i], planar[2 * size * size + i]) = (color.Red / 255f, color.Green / 255f, color.Blue / 255f);
        }
        return planar;
    }

    private static void AssertPixels(float[] expected, float[] actual) => Assert.Equal(expected, actual);

    private string Save(SKBitmap bitmap, string name)
    {
        using SKData data = bitmap.Encode(SKEncodedImageFormat.Png, 100);
        return Write(name, data.ToArray());
    }

    /// <summary>A JPEG with an EXIF block that holds nothing but the orientation.</summary>
    private string SaveJpeg(SKBitmap bitmap, string name, int orientation)
    {
        using SKPixmap pixmap = bitmap.PeekPixels()!;
        using SKData data = pixmap.Encode(new SKJpegEncoderOptions(100, SKJpegEncoderDownsample.Downsample444, SKJpegEncoderAlphaOption.Ignore))!;
        byte[] jpeg = data.ToArray();
        byte[] tiff = [.. "MM"u8, 0, 42, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, (byte)orientation, 0, 0, 0, 0, 0, 0];
        byte[] exif = [.. "Exif"u8, 0, 0, .. tiff];
        return Write(name, [.. jpeg[..2], 0xff, 0xe1, 0, (byte)(exif.Length + 2), .. exif, .. jpeg[2..]]);
    }

    private string Write(string name, byte[] content)
    {
        string path = _folder[name];
        File.WriteAllBytes(path, content);
        return path;
    }
}
