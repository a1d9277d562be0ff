namespace Titok.Demo.Scene;

/// <summary>Sets a scene for the options.</summary>
internal static class Scenes
{
    public static Director Create(DemoOptions options, ISceneHost host)
    {
        var settings = new StreamSettings(options.Model.DefaultSettings, options.Pictures, options.Class);
        return new Director(ModelFacts.Of(options.Model), settings, options.Seed, host);
    }
}
