namespace Titok.Cli;

/// <summary>Options that make no sense together or have no meaning; the command ends with exit code 2.</summary>
internal sealed class UsageException(string message) : Exception(message);
