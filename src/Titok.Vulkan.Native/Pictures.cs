using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Titok.Vulkan.Native;

/// <summary>The functions that wait for pictures, tokens and latents.</summary>
internal static unsafe class Pictures
{
    [UnmanagedCallersOnly(EntryPoint = "titokGenerate", CallConvs = [typeof(CallConvCdecl)])]
    public static int Generate(
        nint pipeline, NativeRequest* request, int* tokens, nuint tokenCount, float* images, nuint imageCount,
        delegate* unmanaged[Cdecl]<nint, NativeStep*, int> progress, nint user) =>
        Call.On<NativePipeline>(pipeline).Do(
            (request: Arguments.Pointer(request), tokens: Arguments.Array(tokens, tokenCount), images: Arguments.Array(images, imageCount), progress: (nint)progress, user),
            static (pipeline, with) =>
            {
                GenerationRequest request = Requests.Read(with.request.Structure, pipeline.Both);
                int pictures = request.Classes.Count;
                Span<int> tokens = with.tokens.IsNone ? [] : with.tokens.Exactly((long)pictures * pipeline.TokensPerPicture);
                Span<float> images = with.images.IsNone ? [] : with.images.Exactly((long)pictures * pipeline.FloatsPerPicture);
                using var cancellation = new CancellationTokenSource();
                Progress? told = with.progress == 0 ? null : new Progress(with.progress, with.user, cancellation);
                if (images.IsEmpty)
                {
                    int[] alone = pipeline.Both.Generator.Generate(request, told, cancellation.Token);
                    if (!tokens.IsEmpty)
                        alone.CopyTo(tokens);
                    return;
                }
                GenerationResult result = pipeline.Both.Generate(request, told, cancellation.Token);
                result.Images.CopyTo(images);
                if (!tokens.IsEmpty)
                    result.Tokens.CopyTo(tokens);
            });

    [UnmanagedCallersOnly(EntryPoint = "titokEncode", CallConvs = [typeof(CallConvCdecl)])]
    public static int Encode(nint pipeline, uint pictures, float* images, nuint imageCount, int* tokens, nuint tokenCount) =>
        Call.On<NativePipeline>(pipeline).Do(
            (pictures, images: Arguments.Array(images, imageCount), tokens: Arguments.Array(tokens, tokenCount)), static (pipeline, with) =>
            {
                int count = Arguments.Pictures(with.pictures);
                ReadOnlySpan<float> from = with.images.Exactly((long)count * pipeline.FloatsPerPicture);
                Span<int> to = with.tokens.Exactly((long)count * pipeline.TokensPerPicture);
                pipeline.Tokenizer.Encode(from, count, to);
            });

    [UnmanagedCallersOnly(EntryPoint = "titokDecode", CallConvs = [typeof(CallConvCdecl)])]
    public static int Decode(nint pipeline, uint pictures, int* tokens, nuint tokenCount, float* images, nuint imageCount) =>
        Call.On<NativePipeline>(pipeline).Do(
            (pictures, tokens: Arguments.Array(tokens, tokenCount), images: Arguments.Array(images, imageCount)), static (pipeline, with) =>
            {
                int count = Arguments.Pictures(with.pictures);
                ReadOnlySpan<int> from = with.tokens.Exactly((long)count * pipeline.TokensPerPicture);
                pipeline.Tokenizer.Decode(from, count, with.images.Exactly((long)count * pipeline.FloatsPerPicture));
            });

    [UnmanagedCallersOnly(EntryPoint = "titokEncodeLatents", CallConvs = [typeof(CallConvCdecl)])]
    public static int EncodeLatents(nint pipeline, uint pictures, float* images, nuint imageCount, ulong* seed, float* latents, nuint latentCount) =>
        Call.On<NativePipeline>(pipeline).Do(
            (pictures, images: Arguments.Array(images, imageCount), seed: Arguments.Pointer(seed), latents: Arguments.Array(latents, latentCount)),
            static (pipeline, with) =>
            {
                int count = Arguments.Pictures(with.pictures);
                ReadOnlySpan<float> from = with.images.Exactly((long)count * pipeline.FloatsPerPicture);
                Span<float> to = with.latents.Exactly((long)count * pipeline.LatentsPerPicture);
                pipeline.Tokenizer.EncodeLatents(from, count, to, with.seed.IsNull ? null : with.seed.Value);
            });

    [UnmanagedCallersOnly(EntryPoint = "titokDecodeLatents", CallConvs = [typeof(CallConvCdecl)])]
    public static int DecodeLatents(nint pipeline, uint pictures, float* latents, nuint latentCount, float* images, nuint imageCount) =>
        Call.On<NativePipeline>(pipeline).Do(
            (pictures, latents: Arguments.Array(latents, latentCount), images: Arguments.Array(images, imageCount)), static (pipeline, with) =>
            {
                int count = Arguments.Pictures(with.pictures);
                ReadOnlySpan<float> from = with.latents.Exactly((long)count * pipeline.LatentsPerPicture);
                pipeline.Tokenizer.DecodeLatents(from, count, with.images.Exactly((long)count * pipeline.FloatsPerPicture));
            });

    private sealed class Progress(nint told, nint user, CancellationTokenSource cancellation) : IProgress<GenerationStep>
    {
        public void Report(GenerationStep value)
        {
            fixed (int* tokens = (int[])value.Tokens)
            {
                var step = new NativeStep
                {
                    StructSize = (uint)sizeof(NativeStep),
                    Step = (uint)value.Step,
                    Steps = (uint)value.Steps,
                    FirstPicture = (uint)value.FirstPicture,
                    Tokens = tokens,
                    TokenCount = (nuint)value.Tokens.Count,
                };
                if (((delegate* unmanaged[Cdecl]<nint, NativeStep*, int>)told)(user, &step) != 0)
                    cancellation.Cancel();
            }
        }
    }
}
