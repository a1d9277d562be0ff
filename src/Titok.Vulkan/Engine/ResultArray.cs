namespace Titok.Vulkan.Engine;

/// <summary>Arrays that results of many pictures are returned in.</summary>
internal static class ResultArray
{
    /// <summary>Room for so many pictures' numbers.</summary>
    /// <exception cref="ArgumentException">There are more than an array holds.</exception>
    public static T[] New<T>(int pictures, int numbersEach)
    {
        if ((long)pictures * numbersEach > Array.MaxLength)
            throw new ArgumentException($"{pictures} pictures of {numbersEach} numbers each are more than an array holds, {Array.MaxLength}: ask for fewer at a time.");
        return new T[pictures * numbersEach];
    }
}
