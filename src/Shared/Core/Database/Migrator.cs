using System.Diagnostics;
using System.Globalization;
using Npgsql;

namespace ChangeDetection.Core.Database;

/// <summary>
/// Brings a database to the schema of this program: Hangfire's tables, then our own steps in order, each in a transaction of its own.
/// Any number of processes may try at once, and any may be killed: a lock in the database lets one at a time through.
/// </summary>
public static class Migrator
{
    private const long LockKey = 0x6368_616e_6765_6401; // "changed", 1: ours alone in this database
    private static readonly TimeSpan s_lockTimeout = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan s_scriptTimeout = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan s_poll = TimeSpan.FromMilliseconds(250);

    /// <summary>Applies the steps that the database lacks, and returns their names.</summary>
    /// <exception cref="MigrationException">
    /// A step failed (nothing of it is left), was edited after it was applied, or the database belongs to a newer version.
    /// </exception>
    /// <exception cref="Hosting.SettingsException">The address gives us no sessions of our own (<see cref="SessionCheck"/>); nothing was written.</exception>
    /// <exception cref="NpgsqlException">The database cannot be reached.</exception>
    public static Task<IReadOnlyList<string>> MigrateAsync(string connectionString, CancellationToken cancellationToken = default) =>
        MigrateAsync(connectionString, MigrationScript.Embedded, cancellationToken);

    internal static async Task<IReadOnlyList<string>> MigrateAsync(
        string connectionString, IReadOnlyList<MigrationScript> scripts, CancellationToken cancellationToken)
    {
        // Before anything is written: what a pooler does to sessions would put tables where nobody looks for them, and leave our lock behind.
        await SessionCheck.RequireAsync(connectionString, cancellationToken);
        await using var connection = await LockAsync(connectionString, cancellationToken);
        // First: whoever waits for our newest step may then take Hangfire's tables for granted.
        HangfireSchema.Install(connection);
        await MigrationJournal.CreateAsync(connection, cancellationToken);
        var applied = await MigrationJournal.ReadAsync(connection, cancellationToken) ?? throw new UnreachableException();
        RefuseEdited(scripts, applied);
        RefuseNewer(scripts, applied);
        var missing = scripts.Where(script => !applied.ContainsKey(script.Name)).OrderBy(script => script.Name, StringComparer.Ordinal).ToList();
        return await ApplyAsync(connection, missing, cancellationToken);
    }

    /// <summary>Makes Hangfire's tables again where somebody dropped them; its own installer runs only when a storage is constructed.</summary>
    public static async Task InstallHangfireAsync(string connectionString, CancellationToken cancellationToken = default)
    {
        await using var connection = await LockAsync(connectionString, cancellationToken);
        HangfireSchema.Install(connection);
    }

    /// <summary>
    /// Waits until another process (the scheduler) has brought the database to this program's version. Steps beyond ours are fine, so that workers may stay
    /// a version behind while a system is updated, but for those that say otherwise (<see cref="MigrationScript.RequiresDrain"/>).
    /// </summary>
    /// <exception cref="MigrationException">It did not happen in time, or a step differs from ours; the message says what was waited for.</exception>
    public static Task WaitForVersionAsync(NpgsqlDataSource dataSource, TimeSpan timeout, CancellationToken cancellationToken) =>
        WaitForVersionAsync(dataSource, MigrationScript.Embedded, timeout, cancellationToken);

    /// <summary>The same, of an address that is asked first whether it gives us sessions of our own.</summary>
    /// <param name="connectionString">That of the data source.</param>
    /// <exception cref="Hosting.SettingsException">It gives none, or refuses us for good (<see cref="SessionCheck"/>).</exception>
    public static Task WaitForVersionAsync(string connectionString, NpgsqlDataSource dataSource, TimeSpan timeout, CancellationToken cancellationToken) =>
        WaitForVersionAsync(dataSource, MigrationScript.Embedded, timeout, cancellationToken, connectionString);

    internal static async Task WaitForVersionAsync(
        NpgsqlDataSource dataSource, IReadOnlyList<MigrationScript> scripts, TimeSpan timeout, CancellationToken cancellationToken, string? address = null)
    {
        var clock = Stopwatch.StartNew();
        using var timer = new PeriodicTimer(s_poll);
        while (true)
        {
            var (missing, cause) = await MissingAsync(dataSource, scripts, address, cancellationToken);
            if (missing is null)
                return;
            if (clock.Elapsed >= timeout)
            {
                throw new MigrationException(
                    $"Waited {timeout.TotalSeconds:0.#} s for the database to have {missing}. "
                    + "The scheduler brings it there: start 'changedetection up', or 'changedetection serve' of this version.", cause);
            }
            await timer.WaitForNextTickAsync(cancellationToken);
        }
    }

    /// <summary>What a database lacks of this program's steps, in order. Nothing is changed.</summary>
    /// <returns>Null where it has never been migrated.</returns>
    public static async Task<IReadOnlyList<string>?> PendingAsync(string connectionString, CancellationToken cancellationToken = default)
    {
        await using var connection = new NpgsqlConnection(Session(connectionString));
        await connection.OpenAsync(cancellationToken);
        return await MigrationJournal.ReadAsync(connection, cancellationToken) is { Count: > 0 } applied
            ? [.. MigrationScript.Embedded.Select(script => script.Name).Where(name => !applied.ContainsKey(name)).Order(StringComparer.Ordinal)]
            : null;
    }

    /// <summary>Refuses a database that only newer programs can work with, and one that has yet to be brought to this program's version.</summary>
    /// <exception cref="MigrationException">The message names the step, and says what to do.</exception>
    public static Task RequireServableAsync(NpgsqlDataSource dataSource, CancellationToken cancellationToken) =>
        RequireServableAsync(dataSource, MigrationScript.Embedded, cancellationToken);

    internal static async Task RequireServableAsync(NpgsqlDataSource dataSource, IReadOnlyList<MigrationScript> scripts, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await RefuseNewerAsync(connection, scripts, cancellationToken);
        // One that was never migrated is told of by whoever finds no table.
        if (await MigrationJournal.ReadAsync(connection, cancellationToken) is { } applied
            && scripts.FirstOrDefault(script => !applied.ContainsKey(script.Name)) is { } missing)
            throw new MigrationException(
                $"The database lacks the migration {missing.Name}: it is of an older version than this program ({ProgramVersion.Text}). Start the " +
                "scheduler of this version, which brings it there ('changedetection serve', or 'changedetection up'), or use the older program.");
    }

    /// <summary>Refuses rows from elsewhere whose schema has had steps that this program does not know.</summary>
    /// <param name="subject">Begins the sentence.</param>
    /// <exception cref="MigrationException">There is one; the message names it.</exception>
    public static void RequireKnown(IEnumerable<string> steps, string subject)
    {
        if (steps.Except(MigrationScript.Embedded.Select(script => script.Name)).Order(StringComparer.Ordinal).FirstOrDefault() is { } unknown)
            throw new MigrationException(
                $"{subject} has the migration {unknown}, which this program ({ProgramVersion.Text}) does not know: it belongs to a newer one. " +
                "Use that version.")
            {
                IsNewer = true,
            };
    }

    /// <summary>Refuses a database that only newer programs can work with.</summary>
    /// <exception cref="MigrationException">It is one.</exception>
    public static async Task RefuseNewerAsync(NpgsqlDataSource dataSource, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await RefuseNewerAsync(connection, MigrationScript.Embedded, cancellationToken);
    }

    /// <summary>The step of the database that only newer programs can work with; null where there is none. Cheap enough for every heartbeat.</summary>
    public static async Task<string?> NewerStepAsync(NpgsqlDataSource dataSource, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        return (await MigrationJournal.NewerAsync(connection, MigrationScript.Embedded, cancellationToken))?.Step;
    }

    private static async Task RefuseNewerAsync(NpgsqlConnection connection, IReadOnlyList<MigrationScript> scripts, CancellationToken cancellationToken)
    {
        if (await MigrationJournal.NewerAsync(connection, scripts, cancellationToken) is var (step, program))
            throw new MigrationException(
                $"The database has the migration {step}, made by version {program}, and programs that do not know it cannot work with it: this is version " +
                $"{ProgramVersion.Text}. Update this machine to version {program} or newer.")
            {
                IsNewer = true,
            };
    }

    /// <summary>How the schema of a database stands to this program's.</summary>
    internal static async Task<SchemaStand> StandAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        SchemaStand.Of(MigrationScript.Embedded, await MigrationJournal.ReadAsync(connection, cancellationToken));

    private static async Task<(string? Missing, Exception? Cause)> MissingAsync(
        NpgsqlDataSource dataSource, IReadOnlyList<MigrationScript> scripts, string? address, CancellationToken cancellationToken)
    {
        try
        {
            if (address is not null)
                await SessionCheck.RequireAsync(address, cancellationToken);
            await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
            var applied = await MigrationJournal.ReadAsync(connection, cancellationToken);
            if (applied is null)
                return ("its schema (it was never migrated)", null);
            RefuseEdited(scripts, applied);
            await RefuseNewerAsync(connection, scripts, cancellationToken);
            return (scripts.FirstOrDefault(script => !applied.ContainsKey(script.Name)) is { } first ? $"the migration {first.Name}" : null, null);
        }
        catch (NpgsqlException error) when (Outage.IsOutage(error))
        {
            // Down, starting or restarting: exactly what this wait is for.
            return ($"its schema, and it does not answer ({DatabaseProblem.Describe(error)})", error);
        }
    }

    /// <summary>A connection that holds the lock until it is disposed; the server releases it when we are killed.</summary>
    private static async Task<NpgsqlConnection> LockAsync(string connectionString, CancellationToken cancellationToken)
    {
        var connection = new NpgsqlConnection(Session(connectionString));
        try
        {
            await connection.OpenAsync(cancellationToken);
            await using var command = connection.CreateCommand();
            command.CommandText = string.Create(
                CultureInfo.InvariantCulture,
                $"set lock_timeout = {(int)s_lockTimeout.TotalMilliseconds}; select pg_advisory_lock({LockKey}); set lock_timeout = 0;");
            command.CommandTimeout = (int)s_lockTimeout.TotalSeconds + 30;
            await command.ExecuteNonQueryAsync(cancellationToken);
            return connection;
        }
        catch (PostgresException error) when (error.SqlState == PostgresErrorCodes.LockNotAvailable)
        {
            await connection.DisposeAsync();
            throw new MigrationException(
                $"Another process has been migrating this database for {s_lockTimeout.TotalMinutes:0} min. "
                + "Find it: select * from pg_stat_activity where pid in (select pid from pg_locks where locktype = 'advisory' and granted).", error);
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private static void RefuseEdited(IReadOnlyList<MigrationScript> scripts, IReadOnlyDictionary<string, string> applied)
    {
        if (scripts.FirstOrDefault(script => applied.TryGetValue(script.Name, out var hash) && hash != script.Sha256) is { } edited)
        {
            throw new MigrationException(
                $"The migration {edited.Name} was edited after this database had it. Put its text back, and write the change as a new migration.");
        }
    }

    private static void RefuseNewer(IReadOnlyList<MigrationScript> scripts, IReadOnlyDictionary<string, string> applied)
    {
        if (applied.Keys.Except(scripts.Select(script => script.Name)).Order(StringComparer.Ordinal).FirstOrDefault() is { } unknown)
        {
            throw new MigrationException(
                $"The database has the migration {unknown}, which this version of the program does not know: it belongs to a newer one. Start that version.")
            {
                IsNewer = true,
            };
        }
    }

    private static async Task<IReadOnlyList<string>> ApplyAsync(
        NpgsqlConnection connection, IReadOnlyList<MigrationScript> missing, CancellationToken cancellationToken)
    {
        foreach (var script in missing)
        {
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            try
            {
                // Hangfire's installer leaves its own search path behind, and steps name our tables without their schema.
                await using var step = new NpgsqlCommand($"set local search_path to {DataSources.Schema};\n{script.Sql}", connection, transaction)
                {
                    CommandTimeout = (int)s_scriptTimeout.TotalSeconds,
                };
                await step.ExecuteNonQueryAsync(cancellationToken);
                await MigrationJournal.AddAsync(connection, script, cancellationToken);
                await transaction.CommitAsync(cancellationToken);
            }
            catch (NpgsqlException error)
            {
                throw new MigrationException($"The migration {script.Name} failed, and nothing of it was kept: {DatabaseProblem.Describe(error)}.", error);
            }
        }
        return [.. missing.Select(script => script.Name)];
    }

    /// <summary>The lock belongs to a session: its connection must end, not go back to a pool.</summary>
    private static string Session(string connectionString)
    {
        var settings = DataSources.Settings(connectionString);
        settings.Pooling = false;
        return settings.ConnectionString;
    }
}
