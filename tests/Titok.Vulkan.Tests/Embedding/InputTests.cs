using System.Runtime.InteropServices;
using Silk.NET.Vulkan;
using Titok.Vulkan.Tests.Cli;
using Titok.Vulkan.Tests.Gpu;

namespace Titok.Vulkan.Tests.Embedding;

/// <summary>Pictures from a host's images, buffers and memory, against the same as floats by the blocking calls.</summary>
[Collection(GpuCollection.Name)]
public sealed class InputTests(JobTests.Lent lent) : IClassFixture<JobTests.Lent>
{
    private readonly TitokTokenizer _tokenizer = lent.Pipeline.Tokenizer;
    private readonly int _size = lent.Pipeline.Tokenizer.Info.ImageSize;

    [Fact]
    public void EncodingInSlicesIsEncoding()
    {
        float[] pictures = [.. Noise(2 * _size * _size * 3, 3).Select(b => b / 255f)];
        using TitokTokenizerJob job = _tokenizer.BeginEncode(pictures, 2);
        Assert.Equal((2, true, false), (job.Pictures, job.Encodes, job.Decodes));
        Assert.Throws<InvalidOperationException>(() => Tokens(job));
        JobTests.Run(job, TitokSlice.Dispatches(3));
        Assert.Equal(_tokenizer.Encode(pictures, 2), Tokens(job));
        float[] others = [.. Noise(2 * _size * _size * 3, 4).Select(b => b / 255f)];
        job.Restart(others);
        JobTests.Run(job, TitokSlice.Everything);
        Assert.Equal(_tokenizer.Encode(others, 2), Tokens(job));
        Assert.NotEqual(_tokenizer.Encode(pictures, 2), Tokens(job));
        lent.Host.AssertNoMessages();
    }

    [Fact]
    public void AJobThatOnlyEncodesMakesNoPictures()
    {
        using TitokTokenizerJob job = _tokenizer.BeginEncode(new float[3 * _size * _size], 1);
        Assert.Throws<InvalidOperationException>(() => job.SetOutput(new TitokMemoryOutput()));
        JobTests.Run(job, TitokSlice.Everything);
        Assert.Equal(0, job.OutputsExecuted);
        Assert.Throws<InvalidOperationException>(() => job.ReadOutput(new byte[4]));
        Assert.Throws<InvalidOperationException>(() => job.ReadImages(new float[3 * _size * _size]));
        Assert.Throws<InvalidOperationException>(() => job.Restart([1, 2]));
    }

    /// <summary>In a host's command buffers, with the image read anew every round.</summary>
    [Theory]
    [InlineData(TitokPixelFormat.Rgba8, Format.R8G8B8A8Srgb)]
    [InlineData(TitokPixelFormat.Bgra8, Format.B8G8R8A8Unorm)]
    public void LayersOfAnImageAreEncoded(TitokPixelFormat format, Format imageFormat)
    {
        using TestHostImage image = lent.Host.CreateImage(_size, imageFormat, layers: 3);
        byte[] pixels = Noise(3 * _size * _size * 4, 5);
        image.Write(pixels, ImageLayout.ShaderReadOnlyOptimal);
        using TitokTokenizerJob job = _tokenizer.BeginEncode(new TitokImageInput { Image = image.Image.Handle, Format = format, FirstLayer = 1 }, 2);
        for (int round = 0; round < 2; round++)
        {
            Record(job, TitokSlice.Dispatches(4));
            Assert.Equal(TokensOf(pixels.AsSpan(_size * _size * 4), 2, format), Tokens(job));
            pixels = Noise(pixels.Length, 6);
            image.Write(pixels, ImageLayout.ShaderReadOnlyOptimal);
            job.Restart();
        }
        lent.Host.AssertNoMessages();
    }

    [Fact]
    public void PartsOfAnImageInAnotherLayoutAreEncoded()
    {
        const int x = 5, y = 7;
        using TestHostImage image = lent.Host.CreateImage(3 * _size, Format.R8G8B8A8Unorm);
        byte[] whole = Noise(9 * _size * _size * 4, 7);
        image.Write(whole, ImageLayout.General);
        // Two beside each other, and the third below the first.
        byte[] parts = new byte[3 * _size * _size * 4];
        for (int row = 0; row < 3 * _size; row++)
        {
            int picture = row / _size, left = x + picture % 2 * _size, top = y + picture / 2 * _size + row % _size;
            whole.AsSpan((top * 3 * _size + left) * 4, _size * 4).CopyTo(parts.AsSpan(row * _size * 4));
        }
        using TitokTokenizerJob job = _tokenizer.BeginEncode(
            new TitokImageInput { Image = image.Image.Handle, Layout = (int)ImageLayout.General, Columns = 2, X = x, Y = y }, 3);
        Record(job, TitokSlice.Everything);
        Assert.Equal(TokensOf(parts, 3, TitokPixelFormat.Rgba8), Tokens(job));
        Assert.Equal(whole, image.Read(ImageLayout.General));
        lent.Host.AssertNoMessages();
    }

    /// <summary>Bytes as linear fp16 are the same colours, within what fp16 holds.</summary>
    [Fact]
    public void LinearLightBecomesTheColoursThatItShows()
    {
        byte[] pixels = Noise(_size * _size * 4, 8);
        var light = new Half[pixels.Length];
        for (int i = 0; i < pixels.Length; i++)
        {
            double value = pixels[i] / 255.0;
            light[i] = (Half)(value <= 0.04045 ? value / 12.92 : Math.Pow((value + 0.055) / 1.055, 2.4));
        }
        using TestHostImage image = lent.Host.CreateImage(_size, Format.R16G16B16A16Sfloat);
        image.Write(MemoryMarshal.AsBytes<Half>(light).ToArray(), ImageLayout.ShaderReadOnlyOptimal);
        using TitokTokenizerJob job = _tokenizer.BeginReconstruct(new TitokImageInput { Image = image.Image.Handle, Format = TitokPixelFormat.Rgba16FloatLinear }, 1);
        Record(job, TitokSlice.Default);
        float[] expected = new float[3 * _size * _size], actual = new float[expected.Length];
        _tokenizer.Decode(TokensOf(pixels, 1, TitokPixelFormat.Rgba8), 1, expected);
        job.ReadImages(actual);
        Assert.Equal(TokensOf(pixels, 1, TitokPixelFormat.Rgba8), Tokens(job));
        Assert.Equal(expected, actual);
        lent.Host.AssertNoMessages();
    }

    [Fact]
    public void PlanesOfABufferAreEncoded()
    {
        float[] pictures = [.. Noise(2 * _size * _size * 3, 9).Select(b => b / 255f)];
        using TestHostBuffer buffer = lent.Host.CreateBuffer(pictures.Length * sizeof(float) + 64);
        buffer.Write([.. new byte[64], .. MemoryMarshal.AsBytes<float>(pictures)]);
        using TitokTokenizerJob job = _tokenizer.BeginEncode(
            new TitokBufferInput { Buffer = buffer.Buffer.Handle, OffsetInBytes = 64, Format = TitokPixelFormat.PlanarFloat32 }, 2);
        Record(job, TitokSlice.Dispatches(9));
        Assert.Equal(_tokenizer.Encode(pictures, 2), Tokens(job));
        lent.Host.AssertNoMessages();
    }

    /// <summary>A job takes pictures from one place after the other, in whatever format.</summary>
    [Fact]
    public void PicturesComeFromOnePlaceAfterTheOther()
    {
        byte[] pixels = Noise(_size * _size * 4, 10);
        int[] expected = TokensOf(pixels, 1, TitokPixelFormat.Bgra8);
        using TestHostBuffer buffer = lent.Host.CreateBuffer(pixels.Length);
        buffer.Write(pixels);
        using TitokTokenizerJob job = _tokenizer.BeginEncode(new float[3 * _size * _size], 1);
        TitokInput[] inputs =
        [
            new TitokMemoryInput { Pixels = pixels, Format = TitokPixelFormat.Bgra8 },
            new TitokBufferInput { Buffer = buffer.Buffer.Handle, Format = TitokPixelFormat.Bgra8 },
        ];
        foreach (TitokInput input in inputs)
        {
            JobTests.Run(job, TitokSlice.Everything);
            Assert.NotEqual(expected, Tokens(job));
            job.Restart(input);
            JobTests.Run(job, TitokSlice.Dispatches(2));
            Assert.Equal(expected, Tokens(job));
            job.Restart(new float[3 * _size * _size]);
        }
        lent.Host.AssertNoMessages();
    }

    /// <summary>What a renderer does with a live picture: its image in, and its tokens' picture out in the same image.</summary>
    [Fact]
    public void AnImageIsReconstructedInPlace()
    {
        byte[] pixels = Noise(_size * _size * 4, 11);
        using TestHostImage image = lent.Host.CreateImage(_size, Format.R8G8B8A8Srgb);
        image.Write(pixels, ImageLayout.ShaderReadOnlyOptimal);
        using TitokTokenizerJob job = _tokenizer.BeginReconstruct(new TitokImageInput { Image = image.Image.Handle }, 1);
        job.SetOutput(new TitokImageOutput { Image = image.Image.Handle });
        Record(job, TitokSlice.Dispatches(6));
        float[] expected = new float[3 * _size * _size];
        _tokenizer.Decode(TokensOf(pixels, 1, TitokPixelFormat.Rgba8), 1, expected);
        Assert.Equal(
            Reference.Picture.ToBytes(expected, 1, _size, blueFirst: false, linear: false),
            MemoryMarshal.Cast<byte, uint>(image.Read(ImageLayout.ShaderReadOnlyOptimal)).ToArray());
        lent.Host.AssertNoMessages();
    }

    [Fact]
    public void AVaeIsEncodedToItsMean()
    {
        using TitokTokenizer vae = TitokTokenizer.Load(lent.Device, CliModel.Vae, TestLoad.Fp32);
        byte[] pixels = Noise(vae.Info.ImageSize * vae.Info.ImageSize * 4, 12);
        float[] expected = vae.EncodeLatents(Planes(pixels, 1, TitokPixelFormat.Rgba8, vae.Info.ImageSize), 1), actual = new float[expected.Length];
        using TitokTokenizerJob job = vae.BeginEncode(new TitokMemoryInput { Pixels = pixels }, 1);
        JobTests.Run(job, TitokSlice.Everything);
        job.ReadLatents(actual);
        Assert.Equal(expected, actual);
        Assert.Throws<InvalidOperationException>(() => job.ReadTokens(new int[vae.Info.LatentTokens]));
    }

    [Fact]
    public void AWarmJobAllocatesNothing()
    {
        using TestHostImage image = lent.Host.CreateImage(_size, Format.R8G8B8A8Srgb);
        image.Write(Noise(_size * _size * 4, 13), ImageLayout.ShaderReadOnlyOptimal);
        using TitokTokenizerJob job = _tokenizer.BeginEncode(new TitokImageInput { Image = image.Image.Handle }, 1);
        int[] tokens = new int[_tokenizer.Info.LatentTokens];
        void Picture()
        {
            job.Restart();
            while (!job.IsRecorded)
            {
                if (job.Submit(TitokSlice.Milliseconds(2)).Number < 0)
                    job.Wait();
            }
            job.Wait();
            job.ReadTokens(tokens);
        }

        // As for generating, slices and the runtime have things to learn first.
        for (int i = 0; i < 30; i++)
            Picture();
        long objects = lent.Device.LiveObjects, memory = lent.Device.MemoryInUseInBytes, made = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 10; i++)
            Picture();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - made);
        Assert.Equal(objects, lent.Device.LiveObjects);
        Assert.Equal(memory, lent.Device.MemoryInUseInBytes);
    }

    [Fact]
    public void InputsAreCheckedBeforeAnythingIsMade()
    {
        long objects = lent.Device.LiveObjects;
        Assert.Throws<ArgumentNullException>("input", () => _tokenizer.BeginEncode((TitokInput)null!, 1));
        Assert.Throws<ArgumentOutOfRangeException>("count", () => _tokenizer.BeginEncode(new TitokImageInput { Image = 1 }, 0));
        Assert.Throws<ArgumentOutOfRangeException>("count", () => _tokenizer.BeginReconstruct(new TitokImageInput { Image = 1 }, _tokenizer.MaxPicturesPerJob + 1));
        Assert.Throws<ArgumentException>("Image", () => _tokenizer.BeginEncode(new TitokImageInput { Image = 0 }, 1));
        Assert.Throws<ArgumentOutOfRangeException>("X", () => _tokenizer.BeginEncode(new TitokImageInput { Image = 1, X = -1 }, 1));
        Assert.Throws<ArgumentOutOfRangeException>("Layout", () => _tokenizer.BeginEncode(new TitokImageInput { Image = 1, Layout = 0 }, 1));
        Assert.Throws<ArgumentException>("Format", () => _tokenizer.BeginEncode(new TitokImageInput { Image = 1, Format = TitokPixelFormat.PlanarFloat32 }, 1));
        Assert.Throws<ArgumentException>("Buffer", () => _tokenizer.BeginEncode(new TitokBufferInput { Buffer = 0 }, 1));
        Assert.Throws<ArgumentOutOfRangeException>("OffsetInBytes", () => _tokenizer.BeginEncode(new TitokBufferInput { Buffer = 1, OffsetInBytes = 6 }, 1));
        Assert.Throws<ArgumentOutOfRangeException>("Format", () => _tokenizer.BeginEncode(new TitokBufferInput { Buffer = 1, Format = (TitokPixelFormat)9 }, 1));
        Assert.Contains(
            $"{_size}×{_size}",
            Assert.Throws<ArgumentException>("Pixels", () => _tokenizer.BeginEncode(new TitokMemoryInput { Pixels = new byte[7] }, 1)).Message);
        Assert.Equal(objects, lent.Device.LiveObjects);
    }

    /// <summary>A refused input leaves a finished job finished.</summary>
    [Fact]
    public void ARefusedInputChangesNothing()
    {
        using TitokTokenizerJob job = _tokenizer.BeginEncode(new float[3 * _size * _size], 1);
        JobTests.Run(job, TitokSlice.Everything);
        int[] tokens = Tokens(job);
        Assert.Throws<ArgumentException>(() => job.Restart(new TitokImageInput { Image = 0 }));
        Assert.Throws<ArgumentException>(() => job.Restart(new TitokMemoryInput { Pixels = new byte[7] }));
        Assert.True(job.IsFinished);
        Assert.Equal(tokens, Tokens(job));
        using TitokTokenizerJob decoding = _tokenizer.BeginDecode(tokens, 1);
        Assert.Throws<InvalidOperationException>(() => decoding.Restart(new TitokImageInput { Image = 1 }));
    }

    private int[] TokensOf(ReadOnlySpan<byte> pixels, int count, TitokPixelFormat format) => _tokenizer.Encode(Planes(pixels, count, format, _size), count);

    private static float[] Planes(ReadOnlySpan<byte> pixels, int count, TitokPixelFormat format, int size) =>
        Reference.Picture.FromBytes(MemoryMarshal.Cast<byte, uint>(pixels).ToArray(), count, size, blueFirst: format == TitokPixelFormat.Bgra8, linear: false);

    private int[] Tokens(TitokTokenizerJob job)
    {
        int[] tokens = new int[job.Pictures * _tokenizer.Info.LatentTokens];
        job.ReadTokens(tokens);
        return tokens;
    }

    private void Record(TitokTokenizerJob job, TitokSlice slice)
    {
        while (!job.IsRecorded)
            lent.Host.Frame(commands => job.Record(commands.Handle, slice));
        Assert.True(job.IsFinished);
    }

    private static byte[] Noise(int length, int seed)
    {
        byte[] bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }
}
