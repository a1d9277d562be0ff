namespace Titok.Demo.Scene;

/// <summary>A program around the scene that does nothing: where nobody is there to ask for anything.</summary>
internal sealed class IdleHost : ISceneHost;
