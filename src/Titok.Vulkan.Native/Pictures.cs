using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Titok.Vulkan.Native;

/// <summary>The functions titokGenerate, titokEncode and titokDecode.</summary>
internal static unsafe class Pictures
{
    [UnmanagedCallersOnly(EntryPoint = "titokGenerate", CallConvs = [typeof(CallConvCdecl)])]
    public static int Generate(
        nint pipeline, NativeRequest* request, int* tokens, nuint tokenCount, float* images, nuint imageCount,
        delegate* unmanaged[Cdecl]<nint, uint, uint, int*, nuint, int> progress, nint user)
    {
        try
        {
            TitokPipeline found = HandleTable.Get<NativePipeline>(pipeline).Both;
            GenerationRequest wanted = Requests.Read(request, found);
            int pictures = wanted.Classes.Count;
            Span<int> toTokens = tokens == null && tokenCount == 0
                ? []
                : Arguments.Array(tokens, tokenCount, (long)pictures * found.Generator.Info.LatentTokens, "tokens");
            Span<float> toImages = images == null && imageCount == 0
                ? []
                : Arguments.Array(images, imageCount, (long)pictures * PictureLength(found.Tokenizer), "images");
            using var cancellation = new CancellationTokenSource();
            Progress? told = progress == null ? null : new Progress(progress, user, cancellation);
            GenerationResult result = found.Generate(wanted, told, cancellation.Token);
            if (toTokens.Length > 0)
                result.Tokens.CopyTo(toTokens);
            if (toImages.Length > 0)
                result.Images.CopyTo(toImages);
            return 0;
        }
        catch (Exception e)
        {
            return Failure.Of(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "titokEncode", CallConvs = [typeof(CallConvCdecl)])]
    public static int Encode(nint pipeline, uint pictures, float* images, nuint imageCount, int* tokens, nuint tokenCount)
    {
        try
        {
            TitokTokenizer tokenizer = HandleTable.Get<NativePipeline>(pipeline).Tokenizer;
            int count = Arguments.Pictures(pictures);
            ReadOnlySpan<float> from = Arguments.Array(images, imageCount, (long)count * PictureLength(tokenizer), "images");
            Span<int> to = Arguments.Array(tokens, tokenCount, (long)count * tokenizer.Info.LatentTokens, "tokens");
            tokenizer.Encode(from, count).CopyTo(to);
            return 0;
        }
        catch (Exception e)
        {
            return Failure.Of(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "titokDecode", CallConvs = [typeof(CallConvCdecl)])]
    public static int Decode(nint pipeline, uint pictures, int* tokens, nuint tokenCount, float* images, nuint imageCount)
    {
        try
        {
            TitokTokenizer tokenizer = HandleTable.Get<NativePipeline>(pipeline).Tokenizer;
            int count = Arguments.Pictures(pictures);
            ReadOnlySpan<int> from = Arguments.Array(tokens, tokenCount, (long)count * tokenizer.Info.LatentTokens, "tokens");
            Span<float> to = Arguments.Array(images, imageCount, (long)count * PictureLength(tokenizer), "images");
            tokenizer.Decode(from, count, to);
            return 0;
        }
        catch (Exception e)
        {
            return Failure.Of(e);
        }
    }

    private static int PictureLength(TitokTokenizer tokenizer) => 3 * tokenizer.Info.ImageSize * tokenizer.Info.ImageSize;

    private sealed class Progress(
        delegate* unmanaged[Cdecl]<nint, uint, uint, int*, nuint, int> told, nint user, CancellationTokenSource cancellation)
        : IProgress<GenerationStep>
    {
        public void Report(GenerationStep value)
        {
            fixed (int* ids = (int[])value.Ids)
            {
                if (told(user, (uint)value.Step, (uint)value.Steps, ids, (nuint)value.Ids.Count) != 0)
                    cancellation.Cancel();
            }
        }
    }
}
