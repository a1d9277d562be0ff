namespace Titok.Cli;

/// <summary>A failure to tell the user in one line; the command ends with exit code 1.</summary>
internal sealed class CommandException(string message, Exception? cause = null) : Exception(message, cause);
