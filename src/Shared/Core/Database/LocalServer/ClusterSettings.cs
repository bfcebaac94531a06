namespace ChangeDetection.Core.Database.LocalServer;

/// <summary>
/// The server's settings, given on its command line at every start: nothing has to be written into a folder that another account owns,
/// and a newer version of the program brings its own along. Values hold no spaces or quotes (pg_ctl passes them through a shell).
/// </summary>
internal static class ClusterSettings
{
    public static string CommandLine(int major, int port, bool durable) =>
        string.Join(' ', All(major, port, durable).Select(setting => $"-c {setting}"));

    private static IEnumerable<string> All(int major, int port, bool durable) =>
    [
        "listen_addresses=127.0.0.1",
        $"port={port}",
        "unix_socket_directories=",              // no socket file: their paths are limited to 107 characters, data folders are not
        "max_connections=200",                   // each idle worker thread of Hangfire listens on a connection of its own
        "shared_buffers=64MB",                   // rows are few and small; the memory belongs to training
        "max_wal_size=512MB",
        "max_parallel_workers_per_gather=0",     // parallel queries need /dev/shm, which containers keep small
        "jit=off",
        "timezone=UTC",
        "log_timezone=UTC",
        "log_statement=none",
        "log_min_error_statement=panic",         // a failed statement could carry a password or a user's data
        "log_checkpoints=off",
        "log_min_messages=warning",
        .. major >= 14 ? s_noticeLostClients : [],
        .. durable ? [] : s_fast,
    ];

    // A killed process's long statement, and the locks under it, end soon after it and not when the statement would.
    private static readonly string[] s_noticeLostClients = ["client_connection_check_interval=2000"];

    // Commits still reach the operating system one by one: what a client was told is committed survives the server, if not the machine.
    private static readonly string[] s_fast = ["fsync=off", "full_page_writes=off"];
}
