using SkiaSharp;
using Titok.Cli.Files;

namespace Titok.Cli.Pictures;

/// <summary>Picture files in and out, through SkiaSharp. Pictures in memory are planar fp32 [3, S, S] in 0..1.</summary>
internal static class PictureFile
{
    private const long MaxPixels = 100_000_000;
    private const long MaxLengthInBytes = 512L << 20;

    /// <summary>Reads PNG, JPEG or WebP upright, crops the centre square, resizes it to S×S, and lays alpha over white.</summary>
    public static float[] Read(string path, int size)
    {
        using SKData data = SKData.CreateCopy(InputFile.ReadAll(path, MaxLengthInBytes));
        using SKCodec codec = SKCodec.Create(data) ?? throw new CommandException($"{path}: is not a PNG, JPEG or WebP picture");
        SKImageInfo info = codec.Info;
        if (codec.EncodedFormat is not (SKEncodedImageFormat.Png or SKEncodedImageFormat.Jpeg or SKEncodedImageFormat.Webp))
            throw new CommandException($"{path}: is {codec.EncodedFormat}; PNG, JPEG and WebP are read");
        if ((long)info.Width * info.Height > MaxPixels)
            throw new CommandException($"{path}: has {info.Width}×{info.Height} pixels; at most {MaxPixels} are read");

        using var decoded = new SKBitmap(new SKImageInfo(info.Width, info.Height, SKColorType.Rgba8888, SKAlphaType.Premul, SKColorSpace.CreateSrgb()));
        SKCodecResult result = codec.GetPixels(decoded.Info, decoded.GetPixels());
        if (result != SKCodecResult.Success)
            throw new CommandException($"{path}: is damaged ({result})");

        // Shrinking by more than half in one cubic step would skip pixels; mipmaps average them.
        int side = Math.Min(info.Width, info.Height);
        using var square = new SKBitmap(new SKImageInfo(size, size, SKColorType.Rgba8888, SKAlphaType.Opaque, SKColorSpace.CreateSrgb()));
        using (var canvas = new SKCanvas(square))
        using (SKImage image = SKImage.FromBitmap(decoded))
        {
            canvas.Clear(SKColors.White);
            canvas.Scale((float)size / side);
            canvas.Translate(side / 2f, side / 2f);
            canvas.Concat(Upright(codec.EncodedOrigin));
            canvas.Translate(-info.Width / 2f, -info.Height / 2f);
            SKSamplingOptions sampling = side > size
                ? new SKSamplingOptions(SKFilterMode.Linear, SKMipmapMode.Linear)
                : new SKSamplingOptions(SKCubicResampler.Mitchell);
            canvas.DrawImage(image, 0, 0, sampling);
        }
        return ToPlanar(square.GetPixelSpan(), size);
    }

    /// <summary>A PNG of planar pixels, to 8 bits by clamping, ×255 and truncation; texts go into its iTXt chunks.</summary>
    public static void WritePng(string path, ReadOnlySpan<float> planar, int width, int height, IReadOnlyDictionary<string, string> texts)
    {
        using var bitmap = new SKBitmap(new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Opaque, SKColorSpace.CreateSrgb()));
        byte[] pixels = new byte[4 * width * height];
        int area = width * height;
        for (int index = 0; index < area; index++)
        {
            for (int c = 0; c < 3; c++)
                pixels[4 * index + c] = ToByte(planar[c * area + index]);
            pixels[4 * index + 3] = byte.MaxValue;
        }
        System.Runtime.InteropServices.Marshal.Copy(pixels, 0, bitmap.GetPixels(), pixels.Length);
        using SKData png = bitmap.Encode(SKEncodedImageFormat.Png, 100);
        byte[] withTexts = PngText.Insert(png.Span, texts);
        OutputFile.Write(path, stream => stream.Write(withTexts));
    }

    public static byte ToByte(float value) => (byte)(Math.Clamp(float.IsNaN(value) ? 0 : value, 0f, 1f) * 255);

    private static float[] ToPlanar(ReadOnlySpan<byte> rgba, int size)
    {
        int area = size * size;
        float[] planar = new float[3 * area];
        for (int index = 0; index < area; index++)
        {
            for (int c = 0; c < 3; c++)
                planar[c * area + index] = rgba[4 * index + c] / 255f;
        }
        return planar;
    }

    /// <summary>The turn and mirroring about the centre that an EXIF orientation asks for.</summary>
    private static SKMatrix Upright(SKEncodedOrigin origin)
    {
        SKMatrix turn = origin switch
        {
            SKEncodedOrigin.RightTop or SKEncodedOrigin.LeftTop or SKEncodedOrigin.RightBottom => SKMatrix.CreateRotationDegrees(90),
            SKEncodedOrigin.BottomRight or SKEncodedOrigin.BottomLeft => SKMatrix.CreateRotationDegrees(180),
            SKEncodedOrigin.LeftBottom => SKMatrix.CreateRotationDegrees(270),
            _ => SKMatrix.Identity,
        };
        SKMatrix mirror = origin switch
        {
            SKEncodedOrigin.TopRight or SKEncodedOrigin.BottomLeft or SKEncodedOrigin.RightBottom => SKMatrix.CreateScale(-1, 1),
            SKEncodedOrigin.LeftTop => SKMatrix.CreateScale(1, -1),
            _ => SKMatrix.Identity,
        };
        return SKMatrix.Concat(turn, mirror);
    }
}
