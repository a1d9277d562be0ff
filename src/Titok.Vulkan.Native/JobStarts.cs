using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Titok.Vulkan.Native;

/// <summary>The functions that begin jobs and end them.</summary>
internal static unsafe class JobStarts
{
    [UnmanagedCallersOnly(EntryPoint = "titokJobGenerate", CallConvs = [typeof(CallConvCdecl)])]
    public static int Generate(nint pipeline, NativeRequest* request, nint* job)
    {
        try
        {
            TitokPipeline found = HandleTable.Get<NativePipeline>(pipeline).Both;
            Arguments.NotNull(job, "job");
            *job = HandleTable.Add(new NativeJob(found.Begin(Requests.Read(request, found))), pipeline);
            return 0;
        }
        catch (Exception e)
        {
            return Failure.Of(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "titokJobDecode", CallConvs = [typeof(CallConvCdecl)])]
    public static int Decode(nint pipeline, uint pictures, int* tokens, nuint tokenCount, nint* job)
    {
        try
        {
            TitokTokenizer found = HandleTable.Get<NativePipeline>(pipeline).Tokenizer;
            Arguments.NotNull(job, "job");
            int count = Arguments.Pictures(pictures);
            ReadOnlySpan<int> from = Arguments.Array(tokens, tokenCount, (long)count * found.Info.LatentTokens, "tokens");
            *job = HandleTable.Add(new NativeJob(found.BeginDecode(from, count)), pipeline);
            return 0;
        }
        catch (Exception e)
        {
            return Failure.Of(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "titokJobReconstruct", CallConvs = [typeof(CallConvCdecl)])]
    public static int Reconstruct(nint pipeline, uint pictures, float* images, nuint imageCount, nint* job)
    {
        try
        {
            TitokTokenizer found = HandleTable.Get<NativePipeline>(pipeline).Tokenizer;
            Arguments.NotNull(job, "job");
            int count = Arguments.Pictures(pictures);
            ReadOnlySpan<float> from = Arguments.Array(images, imageCount, (long)count * 3 * found.Info.ImageSize * found.Info.ImageSize, "images");
            *job = HandleTable.Add(new NativeJob(found.BeginReconstruct(from, count)), pipeline);
            return 0;
        }
        catch (Exception e)
        {
            return Failure.Of(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "titokJobRestart", CallConvs = [typeof(CallConvCdecl)])]
    public static int Restart(nint job, NativeRequest* request)
    {
        NativeJob? entered = null;
        try
        {
            entered = NativeJob.Enter(job);
            TitokGenerationJob generation = entered.Generation;
            generation.Restart(Requests.Read(request, generation.Pipeline));
            return 0;
        }
        catch (Exception e)
        {
            return Failure.Of(e);
        }
        finally
        {
            NativeJob.Leave(entered);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "titokJobRestartSeed", CallConvs = [typeof(CallConvCdecl)])]
    public static int RestartSeed(nint job, ulong seed)
    {
        NativeJob? entered = null;
        try
        {
            entered = NativeJob.Enter(job);
            entered.Generation.Restart(seed);
            return 0;
        }
        catch (Exception e)
        {
            return Failure.Of(e);
        }
        finally
        {
            NativeJob.Leave(entered);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "titokJobRestartTokens", CallConvs = [typeof(CallConvCdecl)])]
    public static int RestartTokens(nint job, int* tokens, nuint tokenCount)
    {
        NativeJob? entered = null;
        try
        {
            entered = NativeJob.Enter(job);
            entered.Pictures.Restart((ReadOnlySpan<int>)Arguments.Array(tokens, tokenCount, "tokens"));
            return 0;
        }
        catch (Exception e)
        {
            return Failure.Of(e);
        }
        finally
        {
            NativeJob.Leave(entered);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "titokJobRestartImages", CallConvs = [typeof(CallConvCdecl)])]
    public static int RestartImages(nint job, float* images, nuint imageCount)
    {
        NativeJob? entered = null;
        try
        {
            entered = NativeJob.Enter(job);
            entered.Pictures.Restart((ReadOnlySpan<float>)Arguments.Array(images, imageCount, "images"));
            return 0;
        }
        catch (Exception e)
        {
            return Failure.Of(e);
        }
        finally
        {
            NativeJob.Leave(entered);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "titokJobDestroy", CallConvs = [typeof(CallConvCdecl)])]
    public static int Destroy(nint job)
    {
        try
        {
            // Entered and not left: whoever comes later finds no handle, and whoever is inside is told of.
            NativeJob entered = NativeJob.Enter(job);
            HandleTable.Remove<NativeJob>(job);
            entered.Dispose();
            return 0;
        }
        catch (Exception e)
        {
            return Failure.Of(e);
        }
    }
}
