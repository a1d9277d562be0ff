namespace Titok.Cli.Options;

/// <summary>The small model that comes with the program: sprites, for whoever names no other.</summary>
internal static class BuiltInModel
{
    /// <summary>Its folder beside the program.</summary>
    public static string Folder { get; } = Path.Combine(AppContext.BaseDirectory, "models", "sprites");

    /// <summary>Whether it is there: a program copied without its folder still works, for other models.</summary>
    public static bool IsThere => Directory.Exists(Path.Combine(Folder, "tokenizer")) && Directory.Exists(Path.Combine(Folder, "generator"));
}
