namespace ChangeDetection.Core.Database;

/// <summary>The database's schema cannot be brought to, or is not at, this program's version; the message says why and what to do.</summary>
public sealed class MigrationException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>The database belongs to a newer version of the program: waiting does not help.</summary>
    public bool IsNewer { get; init; }
}
