using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Titok.Vulkan.Native;

/// <summary>The functions that begin jobs, start them over, and end them.</summary>
internal static unsafe class JobStarts
{
    [UnmanagedCallersOnly(EntryPoint = "titokJobGenerate", CallConvs = [typeof(CallConvCdecl)])]
    public static int Generate(nint pipeline, NativeRequest* request, nint* job) =>
        Call.On<NativePipeline>(pipeline).Make(Arguments.Pointer(job), Arguments.Pointer(request), static (pipeline, request) =>
            new NativeJob(pipeline.Both.Begin(Requests.Read(request.Structure, pipeline.Both))));

    [UnmanagedCallersOnly(EntryPoint = "titokJobDecode", CallConvs = [typeof(CallConvCdecl)])]
    public static int Decode(nint pipeline, uint pictures, int* tokens, nuint tokenCount, nint* job) =>
        Call.On<NativePipeline>(pipeline).Make(Arguments.Pointer(job), (pictures, tokens: Arguments.Array(tokens, tokenCount)), static (pipeline, with) =>
        {
            int count = Arguments.Pictures(with.pictures);
            return new NativeJob(pipeline.Tokenizer.BeginDecode(with.tokens.Exactly((long)count * pipeline.TokensPerPicture), count));
        });

    [UnmanagedCallersOnly(EntryPoint = "titokJobDecodeLatents", CallConvs = [typeof(CallConvCdecl)])]
    public static int DecodeLatents(nint pipeline, uint pictures, float* latents, nuint latentCount, nint* job) =>
        Call.On<NativePipeline>(pipeline).Make(Arguments.Pointer(job), (pictures, latents: Arguments.Array(latents, latentCount)), static (pipeline, with) =>
        {
            int count = Arguments.Pictures(with.pictures);
            return new NativeJob(pipeline.Tokenizer.BeginDecodeLatents(with.latents.Exactly((long)count * pipeline.LatentsPerPicture), count));
        });

    [UnmanagedCallersOnly(EntryPoint = "titokJobEncode", CallConvs = [typeof(CallConvCdecl)])]
    public static int Encode(nint pipeline, uint pictures, NativeInput* input, nint* job) =>
        Call.On<NativePipeline>(pipeline).Make(Arguments.Pointer(job), (pictures, input: Arguments.Pointer(input)), static (pipeline, with) =>
            new NativeJob(pipeline.Tokenizer.BeginEncode(Inputs.Read(with.input.Structure), Arguments.Pictures(with.pictures))));

    [UnmanagedCallersOnly(EntryPoint = "titokJobReconstruct", CallConvs = [typeof(CallConvCdecl)])]
    public static int Reconstruct(nint pipeline, uint pictures, NativeInput* input, nint* job) =>
        Call.On<NativePipeline>(pipeline).Make(Arguments.Pointer(job), (pictures, input: Arguments.Pointer(input)), static (pipeline, with) =>
            new NativeJob(pipeline.Tokenizer.BeginReconstruct(Inputs.Read(with.input.Structure), Arguments.Pictures(with.pictures))));

    [UnmanagedCallersOnly(EntryPoint = "titokJobRestart", CallConvs = [typeof(CallConvCdecl)])]
    public static int Restart(nint job, NativeRequest* request) => Call.In(job).Do(Arguments.Pointer(request), static (job, request) =>
    {
        if (request.IsNull)
            job.Job.Restart();
        else
            job.Generation.Restart(Requests.Read(request.Structure, job.Generation.Pipeline));
    });

    [UnmanagedCallersOnly(EntryPoint = "titokJobRestartSeed", CallConvs = [typeof(CallConvCdecl)])]
    public static int RestartSeed(nint job, ulong seed) => Call.In(job).Do(seed, static (job, seed) => job.Generation.Restart(seed));

    [UnmanagedCallersOnly(EntryPoint = "titokJobRestartTokens", CallConvs = [typeof(CallConvCdecl)])]
    public static int RestartTokens(nint job, int* tokens, nuint tokenCount) =>
        Call.In(job).Do(Arguments.Array(tokens, tokenCount), static (job, tokens) => job.Tokenizing.Restart((ReadOnlySpan<int>)tokens.All));

    [UnmanagedCallersOnly(EntryPoint = "titokJobRestartLatents", CallConvs = [typeof(CallConvCdecl)])]
    public static int RestartLatents(nint job, float* latents, nuint latentCount) =>
        Call.In(job).Do(Arguments.Array(latents, latentCount), static (job, latents) => job.Tokenizing.RestartLatents(latents.All));

    [UnmanagedCallersOnly(EntryPoint = "titokJobRestartInput", CallConvs = [typeof(CallConvCdecl)])]
    public static int RestartInput(nint job, NativeInput* input) =>
        Call.In(job).Do(Arguments.Pointer(input), static (job, input) => job.Tokenizing.Restart(Inputs.Read(input.Structure)));

    [UnmanagedCallersOnly(EntryPoint = "titokJobDestroy", CallConvs = [typeof(CallConvCdecl)])]
    public static int Destroy(nint job) => Call.Do(job, static handle =>
    {
        // Entered and not left: whoever is inside is told of, and whoever comes later finds no handle.
        _ = NativeJob.Enter(handle);
        HandleTable.Destroy<NativeJob>(handle);
    });
}
