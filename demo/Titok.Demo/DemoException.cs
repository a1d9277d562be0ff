namespace Titok.Demo;

/// <summary>Why the window cannot be opened or go on, in one line for a person.</summary>
public sealed class DemoException(string message, Exception? cause = null) : Exception(message, cause);
