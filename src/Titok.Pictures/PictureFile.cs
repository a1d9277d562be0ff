using System.Buffers.Binary;
using SkiaSharp;

namespace Titok.Pictures;

/// <summary>Picture files in and out, through SkiaSharp. Pictures in memory are planar fp32 [3, S, S] in 0..1.</summary>
internal static class PictureFile
{
    public const long MaxPixels = 100_000_000;
    private const long MaxLengthInBytes = 512L << 20;

    /// <summary>Reads PNG, JPEG or WebP upright, crops the centre square, resizes it to S×S, and lays alpha over white.</summary>
    public static float[] Read(string path, int size) => Decode(InputFile.ReadAll(path, MaxLengthInBytes), path, size);

    /// <summary>Refuses a file that is no whole picture, before any work is done for it.</summary>
    public static void Require(string path) => Read(path, size: 1);

    public static float[] Decode(byte[] file, string path, int size)
    {
        RefuseHugePng(path, file);
        using SKData data = SKData.CreateCopy(file);
        using SKCodec codec = SKCodec.Create(data) ?? throw new FileException($"{path}: is not a PNG, JPEG or WebP image");
        if (codec.EncodedFormat is not (SKEncodedImageFormat.Png or SKEncodedImageFormat.Jpeg or SKEncodedImageFormat.Webp))
            throw new FileException($"{path}: is {codec.EncodedFormat}; PNG, JPEG and WebP are read");
        SKImageInfo info = codec.Info;
        RefuseHuge(path, info.Width, info.Height);
        if (codec.EncodedFormat == SKEncodedImageFormat.Jpeg && !JpegMarkers.HasEnd(file))
            throw CutOff(path);

        using var decoded = new SKBitmap();
        if (!decoded.TryAllocPixels(new SKImageInfo(info.Width, info.Height, SKColorType.Rgba8888, SKAlphaType.Unpremul, SKColorSpace.CreateSrgb())))
            throw new FileException($"{path}: there is no memory for its {info.Width}×{info.Height} pixels");
        switch (codec.GetPixels(decoded.Info, decoded.GetPixels()))
        {
            case SKCodecResult.Success:
                return SquareResampler.Resample(decoded.GetPixelSpan(), info.Width, info.Height, codec.EncodedOrigin, size);
            case SKCodecResult.IncompleteInput:
                throw CutOff(path);
            case SKCodecResult result:
                throw new FileException($"{path}: is damaged and can't be decoded ({result})");
        }
    }

    private static FileException CutOff(string path) => new($"{path}: is cut off; the image is not all there");

    /// <summary>Several pictures, one after another.</summary>
    public static float[] ReadAll(string[] paths, int size)
    {
        int length = 3 * size * size;
        float[] pictures = new float[paths.Length * length];
        for (int index = 0; index < paths.Length; index++)
            Read(paths[index], size).CopyTo(pictures, index * length);
        return pictures;
    }

    /// <summary>Skia gives up on such a file before it would say how large it claims to be.</summary>
    private static void RefuseHugePng(string path, ReadOnlySpan<byte> file)
    {
        if (file.Length >= 24 && file.StartsWith(PngChunks.Signature))
            RefuseHuge(path, BinaryPrimitives.ReadUInt32BigEndian(file[16..]), BinaryPrimitives.ReadUInt32BigEndian(file[20..]));
    }

    private static void RefuseHuge(string path, long width, long height)
    {
        if (width > MaxPixels / Math.Max(height, 1))
            throw new FileException($"{path}: claims {width}×{height} pixels; at most {MaxPixels / 1_000_000} million are read");
    }

    /// <summary>A PNG of planar pixels, to 8 bits by clamping, ×255 and truncation; texts go into its iTXt chunks.</summary>
    public static byte[] ToPng(ReadOnlySpan<float> planar, int width, int height, IReadOnlyDictionary<string, string> texts) =>
        ToPng(ToRgba(planar, width, height), width, height, texts);

    /// <summary>A PNG of opaque RGBA pixels; texts go into its iTXt chunks.</summary>
    public static byte[] ToPng(byte[] rgba, int width, int height, IReadOnlyDictionary<string, string> texts)
    {
        using var bitmap = new SKBitmap(new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Opaque, SKColorSpace.CreateSrgb()));
        System.Runtime.InteropServices.Marshal.Copy(rgba, 0, bitmap.GetPixels(), 4 * width * height);
        using SKData png = bitmap.Encode(SKEncodedImageFormat.Png, 100);
        return PngText.Insert(png.Span, texts);
    }

    /// <summary>Planar pixels as opaque RGBA bytes.</summary>
    public static byte[] ToRgba(ReadOnlySpan<float> planar, int width, int height)
    {
        byte[] pixels = new byte[4 * width * height];
        int area = width * height;
        for (int index = 0; index < area; index++)
        {
            for (int c = 0; c < 3; c++)
                pixels[4 * index + c] = ToByte(planar[c * area + index]);
            pixels[4 * index + 3] = byte.MaxValue;
        }
        return pixels;
    }

    public static byte ToByte(float value) => (byte)(Math.Clamp(float.IsNaN(value) ? 0 : value, 0f, 1f) * 255);
}
