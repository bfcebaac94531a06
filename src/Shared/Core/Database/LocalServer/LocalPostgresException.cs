namespace ChangeDetection.Core.Database.LocalServer;

/// <summary>The private PostgreSQL cluster cannot be made, started or stopped; the message says why and what to do.</summary>
public sealed class LocalPostgresException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Another program took the port between the look and the start.</summary>
    internal bool PortTaken { get; init; }

    /// <summary>Reads the reason out of what the server's programs said.</summary>
    internal static LocalPostgresException From(string act, string output, ClusterHome home)
    {
        var remedy = output switch
        {
            _ when Says("shared memory segment") && Says("No space left") =>
                "The shared memory folder /dev/shm is full or too small: enlarge it (--shm-size for a container).",
            _ when Says("No space left") => $"The disk that holds '{home.Folder}' is full: free some space, or choose another data folder.",
            _ when Says("Read-only file system") => $"'{home.Folder}' is on a read-only file system: choose another data folder.",
            _ when Says("Permission denied") =>
                $"The account '{home.Account?.Name ?? Environment.UserName}' lacks a permission: check the owner of '{home.Folder}'.",
            _ when Says("incompatible with server") => $"Another version made this cluster: set {PostgresBinaries.Variable} to the bin folder of that version.",
            _ when Says("could not fork") || Says("Cannot allocate memory") => "The machine is out of memory or processes: end something else first.",
            _ when Says("did not start in time") =>
                $"It may still be recovering from a crash: try again, which goes on where it is. The server's log: {home.LogFile}.",
            _ => $"The server's log: {home.LogFile}.",
        };
        return new LocalPostgresException($"{act}. {remedy}{Environment.NewLine}{Tail(output)}")
        {
            PortTaken = Says("could not bind") || Says("could not create any TCP/IP sockets"),
        };

        bool Says(string words) => output.Contains(words, StringComparison.OrdinalIgnoreCase);
    }

    private static string Tail(string output)
    {
        const int lines = 12;
        var all = output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return string.Join(Environment.NewLine, all.TakeLast(lines).Select(line => $"  {line}"));
    }
}
