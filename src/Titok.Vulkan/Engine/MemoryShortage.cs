namespace Titok.Vulkan.Engine;

/// <summary>What to do where memory is short: free what is kept for later, or do less at a time.</summary>
internal static class MemoryShortage
{
    /// <summary>Makes something; where there is no room, once more after something was freed.</summary>
    /// <param name="state">Given to both functions, so that neither needs to capture anything.</param>
    /// <param name="make">Makes it.</param>
    /// <param name="free">Frees what nobody needs now; whether there was any.</param>
    /// <exception cref="OutOfDeviceMemoryException">There is no room, and there was nothing to free, or it did not help.</exception>
    public static T Retry<TState, T>(TState state, Func<TState, T> make, Func<TState, bool> free)
    {
        try
        {
            return make(state);
        }
        catch (OutOfDeviceMemoryException)
        {
            // Not in a filter, which would run before whoever failed has put its own house in order.
            if (!free(state))
                throw;
            return make(state);
        }
    }

    /// <summary>Makes something for so many pictures; where there is no room, for half as many, and so on.</summary>
    /// <exception cref="OutOfDeviceMemoryException">There is no room for one.</exception>
    public static T Fit<TState, T>(int pictures, TState state, Func<TState, int, T> make)
    {
        while (true)
        {
            try
            {
                return make(state, pictures);
            }
            catch (OutOfDeviceMemoryException) when (pictures > 1)
            {
                pictures = (pictures + 1) / 2;
            }
        }
    }
}
