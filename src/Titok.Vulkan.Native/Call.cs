namespace Titok.Vulkan.Native;

/// <summary>
/// What stands around the work of every function of titok.h: whatever goes wrong in it becomes a result and a message, and
/// nothing is thrown into C code. What C has passed goes along as a value, so that a call by itself allocates nothing.
/// </summary>
internal static class Call
{
    public static int Ask<TArguments>(TArguments arguments, Func<TArguments, NativeResult> work)
    {
        try
        {
            return (int)work(arguments);
        }
        catch (Exception e)
        {
            return Failure.Of(e);
        }
    }

    public static int Do<TArguments>(TArguments arguments, Action<TArguments> work) => Ask((arguments, work), static call =>
    {
        call.work(call.arguments);
        return NativeResult.Ok;
    });

    /// <summary>Makes something and its handle.</summary>
    public static int Make<TArguments>(NativePointer<nint> made, TArguments arguments, Func<TArguments, IDisposable> make) =>
        Do((made, arguments, make), static call =>
        {
            // Looked at first: what is made for nobody would be lost.
            ref nint made = ref call.made.Value;
            Library.ThrowIfLoadedTwice();
            made = HandleTable.Add(call.make(call.arguments));
        });

    public static int Destroy<T>(nint handle)
        where T : class, IDisposable => Do(handle, HandleTable.Destroy<T>);

    /// <summary>A call on the object of a handle.</summary>
    public static CallOn<T> On<T>(nint handle)
        where T : class => new(handle);

    /// <summary>A call in a job, where one thread at a time may be.</summary>
    public static CallIn In(nint job) => new(job);
}

/// <summary>A call on the object of a handle.</summary>
internal readonly struct CallOn<T>(nint handle)
    where T : class
{
    public int Do<TArguments>(TArguments arguments, Action<T, TArguments> work) =>
        Call.Do((handle, arguments, work), static call =>
        {
            using HandleTable.Held<T> held = HandleTable.Hold<T>(call.handle);
            call.work(held.Value, call.arguments);
        });

    /// <summary>Makes something of the object, which can't be destroyed before it, and its handle.</summary>
    public int Make<TArguments>(NativePointer<nint> made, TArguments arguments, Func<T, TArguments, IDisposable> make) =>
        Call.Do((handle, made, arguments, make), static call =>
        {
            // Held until what is made of it has been counted.
            using HandleTable.Held<T> held = HandleTable.Hold<T>(call.handle);
            ref nint made = ref call.made.Value;
            made = HandleTable.Add(call.make(held.Value, call.arguments), call.handle);
        });
}

/// <summary>A call in a job.</summary>
internal readonly struct CallIn(nint job)
{
    public int Ask<TArguments>(TArguments arguments, Func<NativeJob, TArguments, NativeResult> work) =>
        Call.Ask((job, arguments, work), static call =>
        {
            using NativeJob.Visit visit = NativeJob.Enter(call.job);
            return call.work(visit.Job, call.arguments);
        });

    public int Do<TArguments>(TArguments arguments, Action<NativeJob, TArguments> work) =>
        Ask((arguments, work), static (job, call) =>
        {
            call.work(job, call.arguments);
            return NativeResult.Ok;
        });
}
