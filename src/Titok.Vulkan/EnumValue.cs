namespace Titok.Vulkan;

/// <summary>Checks of what a program gives as a value of an enumeration, which may be any number.</summary>
internal static class EnumValue
{
    /// <summary>The value, if it is one of its type's.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is not.</exception>
    public static T Defined<T>(T value, string name)
        where T : struct, Enum =>
        Enum.IsDefined(value) ? value : throw new ArgumentOutOfRangeException(name, value, $"There is no such {typeof(T).Name}.");
}
