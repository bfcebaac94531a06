using System.Globalization;
using ChangeDetection.Core.Database;
using ChangeDetection.Core.Database.LocalServer;
using Dapper;
using Npgsql;

namespace ChangeDetection.Core.Health;

/// <summary>Whether a database can be reached and written to, has this program's schema, keeps time, and has connections left.</summary>
public static class DatabaseHealth
{
    public const string Name = "database";
    public const string ClockName = "clock";

    private const int Samples = 5;
    /// <summary>Of a worker with a few slots, and of a command beside it.</summary>
    private const int FewConnections = 20;
    private const double SlowMilliseconds = 100;
    /// <summary>
    /// Times of logs and events, which two clocks write, can then no longer be put in order; S3 refuses requests from 15 minutes on.
    /// </summary>
    private const double ClockWarnSeconds = 2;

    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(20);

    /// <param name="database">With the settings that every process of ours uses.</param>
    public static async Task<IReadOnlyList<HealthFinding>> CheckAsync(
        NpgsqlDataSource database, TimeProvider time, CancellationToken cancellationToken)
    {
        HealthFinding clock = HealthFinding.Skipped(ClockName, "no database answers, by whose clock the host's could be told");
        var reached = await BoundedCheck.RunAsync(Name, s_limit, CheckAsync, time, cancellationToken);
        return [reached, clock];

        async Task<HealthFinding> CheckAsync(CancellationToken token)
        {
            try
            {
                await using var connection = await database.OpenConnectionAsync(token);
                var (latency, offset) = await ClockAsync(connection, time, token);
                clock = Clock(offset);
                return Judge(await FactsAsync(connection, token), await Migrator.StandAsync(connection, token), latency);
            }
            catch (NpgsqlException exception)
            {
                return HealthFinding.Failure(Name, "no answer that helps", $"{FirstLine(exception.Message).TrimEnd('.')}.", Outage.IsOutage(exception)
                    ? "Look whether the server is up, and whether host and port are right."
                    : "Look whether user, password and database are right; the server's own log says more.");
            }
        }
    }

    private static HealthFinding Judge(ServerFacts server, SchemaStand schema, double latency)
    {
        var seen = string.Create(
            CultureInfo.InvariantCulture,
            $"PostgreSQL {server.Version}, schema {schema.Newest ?? "none"}, {latency:0.0} ms a round trip, "
            + $"{server.Used} of {server.Most} connections in use");
        if (server.Major < PostgresBinaries.OldestMajor)
            return HealthFinding.Failure(Name, seen, $"the server is older than {PostgresBinaries.OldestMajor}.", "Upgrade it.");
        if (server.InRecovery)
            return HealthFinding.Failure(Name, seen, "the server is a standby: it cannot be written to.", "Name the primary, or promote it.");
        if (server.ReadOnly)
            return HealthFinding.Failure(
                Name, seen, "sessions are read-only (default_transaction_read_only).", "Have it switched off for this database.");
        if (schema.Edited is { } edited)
            return HealthFinding.Failure(
                Name, seen, $"the migration {edited} is another one than this program's.", "Run the version that the database belongs to.");
        if (schema.Missing is { } missing)
            return HealthFinding.Failure(
                Name, seen, $"the schema lacks {missing}.",
                "Start the scheduler of this version once (changedetection serve, or up), which brings it there.");
        if (schema.Unknown is { } unknown)
            return HealthFinding.Warning(Name, seen, $"the schema has {unknown}, which a newer version made.", "Upgrade this program.");
        if (server.Most - server.Reserved - server.Used is var left and < FewConnections)
            return HealthFinding.Warning(
                Name, seen, $"{Math.Max(0, left)} connections are left, {server.Reserved} kept for administrators aside.",
                "Raise max_connections: a worker takes about eight and two for each slot, scheduler and dashboard ten each.");
        return latency > SlowMilliseconds
            ? HealthFinding.Warning(Name, seen, "each statement waits for a slow line.", "Run scheduler and workers nearer to the database.")
            : HealthFinding.Good(Name, seen);
    }

    private static HealthFinding Clock(double offset)
    {
        var side = offset < 0 ? "behind" : "ahead of";
        var seen = string.Create(CultureInfo.InvariantCulture, $"this host is {Math.Abs(offset):0.000} s {side} the database");
        return Math.Abs(offset) > ClockWarnSeconds
            ? HealthFinding.Warning(
                ClockName, seen, "their clocks disagree. Leases go by the database's alone; times in logs do not.",
                "Run an NTP client (chrony) on both.")
            : HealthFinding.Good(ClockName, seen);
    }

    /// <summary>
    /// Median round trip in milliseconds, and by how many seconds the host is ahead: the middle of the quickest round trip is taken for the answer's
    /// moment.
    /// </summary>
    private static async Task<(double Latency, double Offset)> ClockAsync(
        NpgsqlConnection connection, TimeProvider time, CancellationToken cancellationToken)
    {
        var trips = new List<(double Milliseconds, double Offset)>();
        for (var sample = 0; sample < Samples; sample++)
        {
            var (before, start) = (time.GetUtcNow(), time.GetTimestamp());
            var there = await connection.QuerySingleAsync<double>(new CommandDefinition(
                "select extract(epoch from clock_timestamp())::double precision", cancellationToken: cancellationToken));
            var took = time.GetElapsedTime(start);
            trips.Add((took.TotalMilliseconds, ((before + took / 2) - DateTimeOffset.UnixEpoch).TotalSeconds - there));
        }
        trips.Sort();
        return (trips[Samples / 2].Milliseconds, trips[0].Offset);
    }

    /// <summary>Sessions are counted where every role may: of others' sessions <c>pg_stat_activity</c> shows a plain role next to nothing.</summary>
    private static Task<ServerFacts> FactsAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        connection.QuerySingleAsync<ServerFacts>(new CommandDefinition(
            """
            select current_setting('server_version') as version, current_setting('server_version_num')::int / 10000 as major,
                   pg_is_in_recovery() as in_recovery, current_setting('default_transaction_read_only') = 'on' as read_only,
                   current_setting('max_connections')::int as most, current_setting('superuser_reserved_connections')::int as reserved,
                   (select coalesce(sum(numbackends), 0) from pg_stat_database)::int as used
            """, cancellationToken: cancellationToken));

    private static string FirstLine(string text) => text.Split('\n')[0].TrimEnd();

    private sealed record ServerFacts
    {
        public string Version { get; init; } = "";
        public int Major { get; init; }
        public bool InRecovery { get; init; }
        public bool ReadOnly { get; init; }
        public int Most { get; init; }
        public int Reserved { get; init; }
        public int Used { get; init; }
    }
}
