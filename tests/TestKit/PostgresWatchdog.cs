using System.Diagnostics;
using ChangeDetection.Core.Hosting;

namespace ChangeDetection.TestKit;

/// <summary>
/// A shell that waits for the end of our pipe, then kills the cluster and deletes it with its data folder. The pipe ends when we close it, and also when this
/// process is killed: one way out for both. It has a session of its own, where a Ctrl-C does not reach it.
/// </summary>
public sealed class PostgresWatchdog : IAsyncDisposable
{
    // SIGQUIT is an immediate shutdown. Every wait is bounded; a server that does not go is killed with its back ends.
    private const string Script = """
        trap '' INT TERM HUP
        read -r _
        home=$(sed -n 's/^ *"\(cluster\|home\)": "\(.*\)",\{0,1\}$/\2/p' "$1/postgres.json" 2>/dev/null)
        case $home in ''|/*) ;; *) home="$1/$home";; esac
        pid=$(head -n 1 "$home/data/postmaster.pid" 2>/dev/null)
        if [ -n "$pid" ] && [ -d "/proc/$pid" ]; then
            kill -QUIT "$pid"
            i=0
            while [ -d "/proc/$pid" ] && [ $i -lt 100 ]; do i=$((i + 1)); sleep 0.1; done
            kill -KILL "$pid" 2>/dev/null
        fi
        [ -n "$home" ] && rm -rf "$home"
        rm -rf "$1"
        exit 0
        """;

    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(30);

    private readonly Process _shell;

    private PostgresWatchdog(Process shell) => _shell = shell;

    /// <summary>Watches the cluster of this data folder, which need not exist yet.</summary>
    public static PostgresWatchdog Start(DataFolder folder)
    {
        var start = new ProcessStartInfo("setsid", ["/bin/sh", "-c", Script, "sh", folder.Path]) { RedirectStandardInput = true };
        return new PostgresWatchdog(Process.Start(start) ?? throw new InvalidOperationException("No shell could be started."));
    }

    public async ValueTask DisposeAsync()
    {
        _shell.StandardInput.Close();
        using var limit = new CancellationTokenSource(s_limit);
        await _shell.WaitForExitAsync(limit.Token);
        _shell.Dispose();
    }
}
