using System.Runtime.InteropServices;
using Titok.Vulkan.Graphs;
using Titok.Vulkan.Kernels;
using Titok.Vulkan.Tests.Gpu;
using Titok.Vulkan.Tests.Models;

namespace Titok.Vulkan.Tests.Kernels;

/// <summary>Ops that put tokens, patches and codes in their places, on random shapes against the oracle.</summary>
[Collection(GpuCollection.Name)]
public class TokenOpTests(GpuFixture gpu)
{
    private const int Shapes = 50;

    public static TheoryData<string> Names => [.. Profiles.StorageNames];

    [Theory]
    [MemberData(nameof(Names))]
    public void Patchify(string profileName) => KernelTheory.ForShapes(gpu, profileName, Shapes, (run, random, _) =>
    {
        int batch = random.Next(1, 4), patch = random.Next(1, 9), side = random.Next(1, 5), size = side * patch;
        float[] image = run.Random(batch * 3 * size * size);
        Tensor y = run.Graph.Patchify("patches", run.Floats("image", image, batch, 3, size, size), patch);
        Assert.Equal(Reference.Patchify.Apply(image, batch, size, patch), run.Run(y));
    });

    [Theory]
    [MemberData(nameof(Names))]
    public void Unpatchify(string profileName) => KernelTheory.ForShapes(gpu, profileName, Shapes, (run, random, _) =>
    {
        int batch = random.Next(1, 4), patch = random.Next(1, 9), side = random.Next(1, 5), size = side * patch;
        float[] x = run.Random(batch * 3 * size * size);
        Tensor y = run.Graph.Unpatchify("pixels", run.Activation("x", x, batch, side * side, 3 * patch * patch), patch);
        Assert.Equal(Reference.Unpatchify.Apply(x, batch, size, patch), run.Run(y));
    });

    [Theory]
    [MemberData(nameof(Names))]
    public void AssembleTokens(string profileName) => KernelTheory.ForShapes(gpu, profileName, Shapes, (run, random, profile) =>
    {
        int batch = random.Next(1, 4), patches = random.Next(1, 20), latents = random.Next(1, 12), channels = random.Next(1, 70);
        bool decoder = random.Next(2) == 1;
        float[] x = run.Random(batch * (decoder ? latents : patches) * channels), classes = run.Random(channels, stored: false);
        float[] constant = run.Random((decoder ? 1 : latents) * channels, stored: false), position = run.Random((1 + patches) * channels, stored: false);
        float[] latentPosition = run.Random(latents * channels, stored: false);
        run.Weight("class", classes, channels);
        run.Weight("constant", constant, constant.Length);
        run.Weight("position", position, 1 + patches, channels);
        run.Weight("latent", latentPosition, latents, channels);
        Tensor y = run.Graph.AssembleTokens(
            "tokens",
            decoder,
            run.Activation("x", x, batch, decoder ? latents : patches, channels),
            run.Graph.Vector(channels, "class"),
            run.Graph.Vector(constant.Length, "constant"),
            run.Graph.Table(new Shape(1 + patches, channels), "position"),
            run.Graph.Table(new Shape(latents, channels), "latent"));
        float[] expected = Reference.AssembleTokens.Apply(decoder, x, classes, constant, position, latentPosition, batch, patches, latents, channels);
        Agreement.Assert($"tokens [{batch}, 1 + {patches} + {latents}, {channels}], decoder {decoder}", expected, run.Run(y), Agreement.Bound(profile));
    });

    [Theory]
    [MemberData(nameof(Names))]
    public void ReshapeLatents(string profileName) => KernelTheory.ForShapes(gpu, profileName, Shapes, (run, random, _) =>
    {
        int batch = random.Next(1, 4), latents = random.Next(1, 40), width = random.Next(1, 70);
        float[] x = run.Random(batch * latents * width);
        Tensor y = run.Graph.ReshapeLatents("reshape", run.Activation("x", x, batch, latents, width));
        Assert.Equal(Reference.ReshapeLatents.Apply(x, batch, latents, width), run.Run(y));
    });

    [Theory]
    [MemberData(nameof(Names))]
    public void TakeTokens(string profileName) => KernelTheory.ForShapes(gpu, profileName, Shapes, (run, random, _) =>
    {
        int batch = random.Next(1, 4), tokens = random.Next(1, 40), channels = 8 * random.Next(1, 9), first = random.Next(tokens), count = random.Next(1, tokens - first + 1);
        float[] x = run.Random(batch * tokens * channels);
        Tensor y = run.Graph.TakeTokens("taken", run.Activation("x", x, batch, tokens, channels), first, count);
        Assert.Equal(Reference.TakeTokens.Apply(x, batch, tokens, channels, first, count), run.Run(y));
    });

    [Theory]
    [MemberData(nameof(Names))]
    public void EmbedIds(string profileName) => KernelTheory.ForShapes(gpu, profileName, Shapes, (run, random, profile) =>
    {
        int images = random.Next(1, 4), latents = random.Next(1, 20), channels = random.Next(1, 70), codes = random.Next(1, 50), classCount = random.Next(1, 9);
        bool guided = random.Next(2) == 1, typed = random.Next(2) == 1;
        int vocabulary = codes + 1 + classCount + 1;
        uint[] ids = [.. Enumerable.Range(0, images * latents).Select(_ => (uint)random.Next(codes + 1))], classes = [.. Enumerable.Range(0, images).Select(_ => (uint)random.Next(classCount))];
        float[] word = run.Random(vocabulary * channels, stored: false), position = run.Random((1 + latents) * channels, stored: false), type = run.Random(channels, stored: false);
        run.Weight("word", word, vocabulary, channels);
        run.Weight("position", position, 1 + latents, channels);
        run.Weight("type", type, channels);
        Tensor y = run.Graph.EmbedIds(
            "embed",
            run.Words("ids", ids, images, latents),
            run.Words("classes", classes, images),
            run.Graph.Table(new Shape(vocabulary, channels), "word"),
            run.Graph.Table(new Shape(1 + latents, channels), "position"),
            typed ? run.Graph.Vector(channels, "type") : null,
            guided,
            codes + 1,
            codes + 1 + classCount);
        float[] expected = Reference.EmbedIds.Apply(
            [.. ids.Select(i => (int)i)], [.. classes.Select(c => (int)c)], word, position, typed ? type : null, images * (guided ? 2 : 1), latents, channels, codes + 1, codes + 1 + classCount);
        Agreement.Assert($"embed {images} × {latents}, {channels} channels, guided {guided}, typed {typed}", expected, run.Run(y), Agreement.Bound(profile));
    });

    [Theory]
    [MemberData(nameof(Names))]
    public void LookupCode(string profileName) => KernelTheory.ForShapes(gpu, profileName, Shapes, (run, random, profile) =>
    {
        int rows = random.Next(1, 40), dims = random.Next(1, 70), codes = random.Next(1, 90);
        bool l2Norm = random.Next(2) == 1;
        // Past the codebook's end, as a mask is, too.
        uint[] ids = [.. Enumerable.Range(0, rows).Select(_ => (uint)random.Next(codes + 2))];
        float[] codebook = run.Random(codes * dims, stored: !l2Norm);
        // One without a length, and a short one.
        if (codes > 1)
            codebook.AsSpan(0, dims).Clear();
        for (int i = dims; codes > 2 && i < 2 * dims; i++)
            codebook[i] *= 1e-9f;
        run.Weight("codebook", codebook, codes, dims);
        Tensor y = run.Graph.LookupCode("lookup", run.Words("ids", ids, 1, rows), run.Graph.Table(new Shape(codes, dims), "codebook"), l2Norm);
        Agreement.Assert(
            $"lookup {rows} of [{codes}, {dims}], normalised {l2Norm}", Reference.LookupCode.Apply([.. ids.Select(i => Math.Min((int)i, codes - 1))], codebook, dims, l2Norm), run.Run(y), Agreement.Bound(profile));
    });

    /// <summary>Weights of every type a file may have, through a lookup that changes nothing about them.</summary>
    [Theory]
    [InlineData("F32")]
    [InlineData("F16")]
    [InlineData("BF16")]
    public void WeightsOfEveryType(string type) => KernelTheory.ForShapes(gpu, "portable-fp32", Shapes, (run, random, _) =>
    {
        int codes = random.Next(1, 60), dims = random.Next(1, 33);
        float[] values = run.Random(codes * dims, scale: 100);
        byte[] bytes = type switch
        {
            "F16" => [.. values.SelectMany(v => BitConverter.GetBytes((Half)v))],
            "BF16" => [.. values.SelectMany(v => BitConverter.GetBytes((ushort)(BitConverter.SingleToUInt32Bits(v) >> 16)))],
            _ => MemoryMarshal.AsBytes(values.AsSpan()).ToArray(),
        };
        float[] stored = type switch
        {
            "F16" => [.. values.Select(v => (float)(Half)v)],
            "BF16" => [.. values.Select(v => BitConverter.UInt32BitsToSingle(BitConverter.SingleToUInt32Bits(v) & 0xFFFF0000))],
            _ => values,
        };
        // An odd tensor in front, so that the other begins in the middle of a word.
        run.Weight("a", type, bytes[..(bytes.Length / values.Length)], 1);
        run.Weight("codebook", type, bytes, codes, dims);
        run.Graph.LookupCode("first", run.Words("zero", [0u], 1, 1), run.Graph.Table(new Shape(1, 1), "a"), l2Norm: false);
        Tensor y = run.Graph.LookupCode(
            "lookup", run.Words("ids", [.. Enumerable.Range(0, codes).Select(i => (uint)i)], 1, codes), run.Graph.Table(new Shape(codes, dims), "codebook"), l2Norm: false);
        Assert.Equal(stored, run.Run(y));
    });

    [Fact]
    public void Quantize() => KernelTheory.ForShapes(gpu, "portable-fp32", Shapes, (run, random, _) =>
    {
        int rows = random.Next(1, 40), dims = random.Next(1, 20), codes = random.Next(1, 300);
        bool l2Norm = dims > 1 && random.Next(2) == 1;
        float[] z = run.Random(rows * dims), codebook = run.Random(codes * dims);
        // What has no length is nearest to what has none either; what has little is not.
        z.AsSpan(0, dims).Clear();
        for (int i = dims; l2Norm && i < Math.Min(2, rows) * dims; i++)
            z[i] *= 1e-9f;
        codebook.AsSpan(0, dims).Clear();
        for (int i = dims; l2Norm && i < Math.Min(2, codes) * dims; i++)
            codebook[i] *= 1e-9f;
        // Entries twice over: of equals the first wins.
        for (int i = 0; i < codes / 2 * dims; i++)
            codebook[codebook.Length - 1 - codes % 2 * dims - codes / 2 * dims + 1 + i] = codebook[i];
        run.Weight("codebook", codebook, codes, dims);
        Tensor ids = run.Words("ids", new uint[rows], 1, rows);
        run.Graph.Quantize("quantize", run.Floats("z", z, 1, rows, dims), run.Graph.Table(new Shape(codes, dims), "codebook"), ids, l2Norm);
        Assert.Equal(Reference.Quantize.Apply(z, codebook, rows, dims, codes, l2Norm), run.RunFor<int>("ids")[0]);
    });

    [Fact]
    public void Pictures() => KernelTheory.ForShapes(gpu, "portable-fp32", Shapes, (run, random, _) =>
    {
        int batch = random.Next(1, 4), size = random.Next(1, 20);
        float[] x = run.Random(batch * size * size * 3);
        (x[0], x[1], x[2]) = (float.NaN, float.PositiveInfinity, float.NegativeInfinity);
        Tensor picture = run.Floats("x", x, batch, size, size, 3);
        Tensor planes = run.Floats("planes", new float[x.Length], batch, 3, size, size);
        run.Graph.ToPlanar("planar", picture, planes);
        run.Graph.ToPixels("rgba", planes, run.Words("rgba", new uint[x.Length / 3], batch, size, size), PixelFormat.Rgba8, linear: false);
        run.Graph.ToPixels("bgra", planes, run.Words("bgra", new uint[x.Length / 3], batch, size, size), PixelFormat.Bgra8, linear: false);
        run.Graph.ToPixels("half", planes, run.Words("half", new uint[x.Length / 3 * 2], batch, size, size, 2), PixelFormat.Rgba16Float, linear: false);
        run.Graph.ToPixels("light", planes, run.Words("light", new uint[x.Length / 3 * 2], batch, size, size, 2), PixelFormat.Rgba16Float, linear: true);
        uint[][] results = run.RunFor<uint>("planes", "rgba", "bgra", "half", "light");
        float[] planar = Reference.Picture.ToPlanar(x, batch, size);
        Assert.Equal(planar, MemoryMarshal.Cast<uint, float>(results[0]).ToArray());
        Assert.Equal(Reference.Picture.ToBytes(planar, batch, size, blueFirst: false, linear: false), results[1]);
        Assert.Equal(Reference.Picture.ToBytes(planar, batch, size, blueFirst: true, linear: false), results[2]);
        AssertColours(Reference.Picture.ToColours(planar, batch, size, linear: false), results[3]);
        AssertColours(Reference.Picture.ToColours(planar, batch, size, linear: true), results[4]);
    });

    [Fact]
    public void PicturesOfPixels() => KernelTheory.ForShapes(gpu, "portable-fp32", Shapes, (run, random, _) =>
    {
        int batch = random.Next(1, 4), size = random.Next(1, 20), pixels = batch * size * size;
        uint[] bytes = [.. Enumerable.Range(0, pixels).Select(_ => (uint)random.NextInt64(1L << 32))];
        Half[] halves = [.. run.Random(4 * pixels).Select(v => (Half)v)];
        (halves[0], halves[^2]) = (Half.NaN, Half.PositiveInfinity);
        uint[] words = MemoryMarshal.Cast<Half, uint>(halves).ToArray();
        float[] colours = [.. halves.Select(h => (float)h)], none = new float[3 * pixels];
        foreach ((string name, uint[] x, PixelFormat format, bool linear) in s_packed.Select(p => (p.Name, p.Format == PixelFormat.Rgba16Float ? words : bytes, p.Format, p.Linear)))
        {
            Tensor input = run.Words($"{name} pixels", x, batch, size, size, x.Length / pixels);
            run.Graph.FromPixels(name, input, run.Floats(name, none, batch, 3, size, size), format, linear);
        }
        float[][] results = run.RunFor<float>([.. s_packed.Select(p => p.Name)]);
        Assert.Equal(Reference.Picture.FromBytes(bytes, batch, size, blueFirst: false, linear: false), results[0]);
        Assert.Equal(Reference.Picture.FromBytes(bytes, batch, size, blueFirst: true, linear: false), results[1]);
        AssertClose(Reference.Picture.FromBytes(bytes, batch, size, blueFirst: false, linear: true), results[2]);
        Assert.Equal(Reference.Picture.FromColours(colours, batch, size, linear: false), results[3]);
        AssertClose(Reference.Picture.FromColours(colours, batch, size, linear: true), results[4]);
    });

    private static readonly (string Name, PixelFormat Format, bool Linear)[] s_packed =
    [
        ("rgba", PixelFormat.Rgba8, false), ("bgra", PixelFormat.Bgra8, false), ("linear rgba", PixelFormat.Rgba8, true),
        ("half", PixelFormat.Rgba16Float, false), ("light", PixelFormat.Rgba16Float, true),
    ];

    /// <summary>Within what Vulkan lets a power function be off: some 2⁻¹⁶ of 1 at these exponents.</summary>
    private static void AssertClose(float[] expected, float[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
            Assert.Equal(expected[i], actual[i], 1.5e-5f);
    }

    /// <summary>
    /// Within a step of fp16 of each colour, and a little more for the driver's power function. What is no finite number is not
    /// clamped there, and not looked at.
    /// </summary>
    private static void AssertColours(float[][] expected, uint[] words)
    {
        float[] actual = [.. MemoryMarshal.Cast<uint, Half>(words).ToArray().Select(h => (float)h)];
        float[] flat = [.. expected.SelectMany(c => c)];
        Assert.Equal(flat.Length, actual.Length);
        foreach (int i in Enumerable.Range(0, flat.Length).Where(i => float.IsFinite(flat[i])))
            Assert.InRange(actual[i], flat[i] - MathF.Abs(flat[i]) / 512 - 1e-6f, flat[i] + MathF.Abs(flat[i]) / 512 + 1e-6f);
    }
}
