using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Titok.Vulkan.Native;

/// <summary>The function that generates and waits.</summary>
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
