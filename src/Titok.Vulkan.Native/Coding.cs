using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Titok.Vulkan.Native;

/// <summary>The functions that encode and decode, and wait.</summary>
internal static unsafe class Coding
{
    [UnmanagedCallersOnly(EntryPoint = "titokEncode", CallConvs = [typeof(CallConvCdecl)])]
    public static int Encode(
        nint pipeline, uint pictures, float* images, nuint imageCount, int* tokens, nuint tokenCount,
        delegate* unmanaged[Cdecl]<nint, uint, int> progress, nint user) =>
        Call.On<NativePipeline>(pipeline).Do(
            (pictures, images: Arguments.Array(images, imageCount), tokens: Arguments.Array(tokens, tokenCount), progress: (nint)progress, user),
            static (pipeline, with) =>
            {
                int count = Arguments.Pictures(with.pictures);
                ReadOnlySpan<float> from = with.images.Exactly((long)count * pipeline.FloatsPerPicture);
                Span<int> to = with.tokens.Exactly((long)count * pipeline.TokensPerPicture);
                using var cancellation = new CancellationTokenSource();
                pipeline.Tokenizer.Encode(from, count, to, Progress.Of(with.progress, with.user, cancellation), cancellation.Token);
            });

    [UnmanagedCallersOnly(EntryPoint = "titokDecode", CallConvs = [typeof(CallConvCdecl)])]
    public static int Decode(
        nint pipeline, uint pictures, int* tokens, nuint tokenCount, float* images, nuint imageCount,
        delegate* unmanaged[Cdecl]<nint, uint, int> progress, nint user) =>
        Call.On<NativePipeline>(pipeline).Do(
            (pictures, tokens: Arguments.Array(tokens, tokenCount), images: Arguments.Array(images, imageCount), progress: (nint)progress, user),
            static (pipeline, with) =>
            {
                int count = Arguments.Pictures(with.pictures);
                ReadOnlySpan<int> from = with.tokens.Exactly((long)count * pipeline.TokensPerPicture);
                Span<float> to = with.images.Exactly((long)count * pipeline.FloatsPerPicture);
                using var cancellation = new CancellationTokenSource();
                pipeline.Tokenizer.Decode(from, count, to, Progress.Of(with.progress, with.user, cancellation), cancellation.Token);
            });

    [UnmanagedCallersOnly(EntryPoint = "titokEncodeLatents", CallConvs = [typeof(CallConvCdecl)])]
    public static int EncodeLatents(
        nint pipeline, uint pictures, float* images, nuint imageCount, ulong* seed, float* latents, nuint latentCount,
        delegate* unmanaged[Cdecl]<nint, uint, int> progress, nint user) =>
        Call.On<NativePipeline>(pipeline).Do(
            (pictures, images: Arguments.Array(images, imageCount), seed: Arguments.Pointer(seed), latents: Arguments.Array(latents, latentCount),
                progress: (nint)progress, user),
            static (pipeline, with) =>
            {
                int count = Arguments.Pictures(with.pictures);
                ReadOnlySpan<float> from = with.images.Exactly((long)count * pipeline.FloatsPerPicture);
                Span<float> to = with.latents.Exactly((long)count * pipeline.LatentsPerPicture);
                ulong? seed = with.seed.IsNull ? null : with.seed.Value;
                using var cancellation = new CancellationTokenSource();
                pipeline.Tokenizer.EncodeLatents(from, count, to, seed, Progress.Of(with.progress, with.user, cancellation), cancellation.Token);
            });

    [UnmanagedCallersOnly(EntryPoint = "titokDecodeLatents", CallConvs = [typeof(CallConvCdecl)])]
    public static int DecodeLatents(
        nint pipeline, uint pictures, float* latents, nuint latentCount, float* images, nuint imageCount,
        delegate* unmanaged[Cdecl]<nint, uint, int> progress, nint user) =>
        Call.On<NativePipeline>(pipeline).Do(
            (pictures, latents: Arguments.Array(latents, latentCount), images: Arguments.Array(images, imageCount), progress: (nint)progress, user),
            static (pipeline, with) =>
            {
                int count = Arguments.Pictures(with.pictures);
                ReadOnlySpan<float> from = with.latents.Exactly((long)count * pipeline.LatentsPerPicture);
                Span<float> to = with.images.Exactly((long)count * pipeline.FloatsPerPicture);
                using var cancellation = new CancellationTokenSource();
                pipeline.Tokenizer.DecodeLatents(from, count, to, Progress.Of(with.progress, with.user, cancellation), cancellation.Token);
            });

    /// <summary>Tells C how many pictures are done, which may cancel the others.</summary>
    private sealed class Progress(nint told, nint user, CancellationTokenSource cancellation) : IProgress<int>
    {
        /// <summary>None where nobody is told.</summary>
        public static Progress? Of(nint told, nint user, CancellationTokenSource cancellation) =>
            told == 0 ? null : new Progress(told, user, cancellation);

        public void Report(int value)
        {
            if (((delegate* unmanaged[Cdecl]<nint, uint, int>)told)(user, (uint)value) != 0)
                cancellation.Cancel();
        }
    }
}
