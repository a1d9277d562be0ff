namespace Titok.Cli.Display;

/// <summary>The terminal that a command's results go to.</summary>
internal static class Terminal
{
    /// <summary>Characters that one of its lines has room for; null where results go elsewhere, or it does not tell.</summary>
    public static int? Width => !Console.IsOutputRedirected && Console.WindowWidth is > 0 and var width ? width : null;
}
