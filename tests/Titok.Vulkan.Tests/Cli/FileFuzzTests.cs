using System.Globalization;
using System.Text;
using SkiaSharp;
using Titok.Cli.Files;
using Titok.Pictures;
using Titok.Vulkan.Tests.Checkpoints;

namespace Titok.Vulkan.Tests.Cli;

/// <summary>
/// Damaged files of every kind that the command reads: each is read, or refused with <see cref="FileException"/>, and
/// nothing else. TITOK_FUZZ_ITERATIONS raises the number of inputs.
/// </summary>
public sealed class FileFuzzTests(ITestOutputHelper output)
{
    private const int DefaultIterations = 20_000;
    private const ulong Seed = 0x7469_746f;

    [Fact]
    public void Latents() => Fuzz(
        [
            Npy.Forge("{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2, 1, 3), }   ", new byte[24]),
            Npy.Forge("{'descr': '<f4', 'fortran_order': False, 'shape': (4,), }", new byte[16]),
        ],
        Words("'<f4'", "(", ")", ",", "'shape'", "2147483648", "99999999999999999999", "\n", "}", "0", "True"),
        file =>
        {
            (float[] data, int[] shape) = NpyFile.Parse(file, "a.npy");
            Assert.Equal(shape.Aggregate(1L, (a, b) => a * b), data.Length);
        });

    [Fact]
    public void Tokens() => Fuzz(
        ["""{"tokens":[[0,1,2,3],[7,6,5,4]]}"""u8.ToArray(), """{"more": {"a": [null]}, "tokens": [[1, 2, 3, 4]]}"""u8.ToArray()],
        Words("[", "]", "{", "}", ",", ":", "\"tokens\"", "8", "-1", "1.5", "1e9", "null", "[[[[[[[[", "\"\\ud800\"", "99999999999999999999"),
        file =>
        {
            int[] tokens = TokensFile.Parse(file, "a.json", 4, 8);
            Assert.Equal(0, tokens.Length % 4);
            Assert.All(tokens, token => Assert.InRange(token, 0, 7));
        });

    /// <summary>The decoders are Skia's, in native code; what matters is that nothing but an error comes of it.</summary>
    [Theory]
    [InlineData(SKEncodedImageFormat.Png)]
    [InlineData(SKEncodedImageFormat.Jpeg)]
    [InlineData(SKEncodedImageFormat.Webp)]
    public void Pictures(SKEncodedImageFormat format)
    {
        using var bitmap = new SKBitmap(24, 17);
        bitmap.Erase(SKColors.Orange);
        bitmap.Erase(SKColors.Teal.WithAlpha(100), SKRectI.Create(3, 3, 9, 9));
        using SKData whole = bitmap.Encode(format, 80);
        Fuzz([whole.ToArray()], Words("IHDR", "IDAT", "Exif\0\0MM\0*", "\xff\xc0", "\xff\xda", "VP8L", "ANMF"), file =>
        {
            float[] picture = PictureFile.Decode(file, "picture", 16);
            Assert.Equal(3 * 16 * 16, picture.Length);
            Assert.All(picture, value => Assert.InRange(value, 0, 1.0001f));
        }, iterationsShare: 20);
    }

    private static byte[][] Words(params string[] words) => [.. words.Select(Encoding.Latin1.GetBytes)];

    private void Fuzz(byte[][] inputs, byte[][] words, Action<byte[]> read, int iterationsShare = 1)
    {
        string? asked = Environment.GetEnvironmentVariable("TITOK_FUZZ_ITERATIONS");
        int iterations = (asked is null ? DefaultIterations : int.Parse(asked, CultureInfo.InvariantCulture)) / iterationsShare;
        foreach (byte[] input in inputs)
            read(input);
        var mutator = new Mutator(Seed, inputs, words);
        int refused = 0;
        for (int i = 0; i < iterations; i++)
        {
            byte[] input = mutator.Next();
            try
            {
                read(input);
            }
            catch (FileException)
            {
                refused++;
            }
            catch (Exception e)
            {
                Assert.Fail($"input {i} of seed {Seed:x} ({Convert.ToBase64String(input)}): {e}");
            }
        }
        output.WriteLine($"{iterations} inputs, {refused} refused");
        Assert.InRange(refused, 1, iterations - 1);
    }
}
