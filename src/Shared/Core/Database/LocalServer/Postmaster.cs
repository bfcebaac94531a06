using System.Globalization;

namespace ChangeDetection.Core.Database.LocalServer;

/// <summary>The server process of one cluster: finds out whether it lives, starts it, stops it.</summary>
internal sealed class Postmaster(PostgresBinaries binaries, ClusterHome home)
{
    private const long LogLimit = 10 << 20;
    private static readonly TimeSpan s_slack = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan s_probeLimit = TimeSpan.FromSeconds(20);

    /// <summary>
    /// The process ids of all servers and back ends at work on the cluster. A server's working folder is its cluster: unlike the
    /// number in <c>postmaster.pid</c>, which after a crash may be any process's by now, that cannot be mistaken.
    /// Asked as the account, since not even root may look at another account's process in a container.
    /// </summary>
    public async Task<IReadOnlyList<int>> ProcessesAsync(CancellationToken cancellationToken)
    {
        const string script = """
            for p in /proc/[0-9]*; do
                if [ "$p/cwd" -ef "$1" ]; then
                    read -r name < "$p/comm"
                    case $name in postgres|postmaster) echo "${p#/proc/}";; esac
                fi
            done 2>/dev/null
            exit 0
            """;
        var result = await home.Shell.RunScriptAsync(script, [ClusterHome.Data], s_probeLimit, null, cancellationToken);
        return [.. result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => int.Parse(line, CultureInfo.InvariantCulture))];
    }

    /// <summary>What <c>postmaster.pid</c> says; null when there is none or it is half-written.</summary>
    public PostmasterFile? File() => PostmasterFile.Read(PidFile);

    /// <summary>Takes a dead server's file away. Only for a cluster that no process works on.</summary>
    public void DeleteFile() => System.IO.File.Delete(PidFile);

    /// <summary>Starts the server in a session of its own, so that a Ctrl-C in our terminal does not reach it, and waits until it takes connections.</summary>
    /// <exception cref="LocalPostgresException">It did not start, or is not ready in time; the message holds what it logged.</exception>
    public async Task StartAsync(int port, bool durable, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var logged = PrepareLog();
        var result = await home.Shell.RunAsync(
            binaries.PgCtl,
            ["start", "-w", "-s", "-t", Seconds(timeout), "-D", ClusterHome.Data, "-l",
                ClusterHome.Log, "-o", ClusterSettings.CommandLine(binaries.Major, port, durable)],
            timeout + s_slack, null, cancellationToken);
        if (result.ExitCode == 0)
            return;
        var output = result.Output + LoggedSince(logged);
        throw LocalPostgresException.From($"PostgreSQL did not start within {timeout.TotalSeconds:0} s in '{home.Folder}'", output, home);
    }

    /// <summary>Stops the server and waits for its end. False: it is still there when the time is up.</summary>
    /// <param name="mode">
    /// pg_ctl's: <c>fast</c> ends sessions and writes everything down, <c>immediate</c> leaves that to the recovery at the next start.
    /// </param>
    public async Task<bool> StopAsync(string mode, TimeSpan timeout, CancellationToken cancellationToken)
    {
        // pg_ctl ends whatever process the file names. One that came along with a copy, or outlived a restart of the machine, names somebody else's.
        if (File() is { Pid: var pid } && await ProcessesAsync(cancellationToken) is var processes && !processes.Contains(pid))
            return processes.Count == 0;
        var result = await home.Shell.RunAsync(
            binaries.PgCtl, ["stop", "-w", "-s", "-m", mode, "-t", Seconds(timeout), "-D", ClusterHome.Data], timeout + s_slack, null, cancellationToken);
        return result.ExitCode == 0 || (await ProcessesAsync(cancellationToken)).Count == 0;
    }

    private string PidFile => Path.Combine(home.DataDirectory, "postmaster.pid");

    private static string Seconds(TimeSpan span) => ((int)Math.Ceiling(span.TotalSeconds)).ToString(CultureInfo.InvariantCulture);

    /// <summary>Puts a long log aside, once, and returns where the new part begins.</summary>
    private long PrepareLog()
    {
        var log = new FileInfo(home.LogFile);
        if (!log.Exists)
            return 0;
        if (log.Length < LogLimit)
            return log.Length;
        log.MoveTo(home.LogFile + ".old", overwrite: true);
        return 0;
    }

    private string LoggedSince(long position)
    {
        if (!System.IO.File.Exists(home.LogFile))
            return "";
        using var stream = new FileStream(home.LogFile, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        stream.Position = Math.Min(position, stream.Length);
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}

/// <summary>The lines of <c>postmaster.pid</c> that matter here.</summary>
/// <param name="Status"><c>starting</c>, <c>ready</c>, <c>stopping</c>; empty before the server has said any.</param>
internal sealed record PostmasterFile(int Pid, int Port, string Status)
{
    private const int PidLine = 0;
    private const int PortLine = 3;
    private const int StatusLine = 7;

    public static PostmasterFile? Read(string path)
    {
        try
        {
            var lines = File.ReadAllLines(path);
            return lines.Length > PortLine
                && int.TryParse(lines[PidLine], CultureInfo.InvariantCulture, out var pid)
                && int.TryParse(lines[PortLine], CultureInfo.InvariantCulture, out var port)
                ? new PostmasterFile(pid, port, lines.Length > StatusLine ? lines[StatusLine].Trim() : "")
                : null;
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }
}
