using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.Database;
using Hangfire;
using Hangfire.PostgreSql;
using Hangfire.PostgreSql.Factories;

namespace ChangeDetection.Core.Queue;

/// <summary>Hangfire as every process of ours uses it. The settings were measured; CONTRIBUTING.md says which failure each one prevents.</summary>
public static class HangfireSetup
{
    /// <summary>How long a fetched queue job stays invisible without a keep-alive. Only the last net: the reconciler enqueues much sooner.</summary>
    public static readonly TimeSpan InvisibilityTimeout = TimeSpan.FromMinutes(1);

    /// <summary>
    /// What every session of Hangfire's asks of the server. Queue jobs need no flush: one that a crash of the server loses is enqueued again, and one that
    /// it brings back wins no second claim.
    /// </summary>
    private const string SessionSettings = "-c synchronous_commit=off";

    /// <summary>
    /// Process-wide: the type list, no automatic retries (budgets are ours), and no culture (a job carries an id, nothing that is read by one).
    /// </summary>
    public static void UseOurRules(this IGlobalConfiguration configuration)
    {
        configuration.UseTypeSerializer(JobTypes.Alias).UseTypeResolver(JobTypes.Resolve);
        foreach (var filter in GlobalJobFilters.Filters.Where(filter => IsUnwanted(filter.Instance)).ToList())
            GlobalJobFilters.Filters.Remove(filter.Instance);
    }

    /// <summary>Opens Hangfire's storage. It throws while the database is down, so callers wait for the schema first.</summary>
    /// <param name="mayFetch">As of <see cref="OutageTolerantStorage"/>.</param>
    public static PostgreSqlStorage CreateStorage(string connectionString, Func<string[], bool>? mayFetch = null)
    {
        GlobalConfiguration.Configuration.UseOurRules();
        var options = StorageOptions();
        return new OutageTolerantStorage(Connections(connectionString, options), options, mayFetch);
    }

    /// <summary>How Hangfire's connections are made.</summary>
    public static NpgsqlConnectionFactory Connections(string connectionString, PostgreSqlStorageOptions options)
    {
        var given = DataSources.Settings(connectionString);
        given.Enlist = false;
        var settings = DataSources.Prepared(DataSources.Guarded(given));
        settings.Options = $"{SessionSettings} {settings.Options}";
        // A run takes nine connections out of the pool, and each reset costs the server seven statements. Hangfire leaves nothing behind in a session: its
        // locks are rows, and the one connection that listens does so until its server ends.
        settings.NoResetOnClose = true;
        return new NpgsqlConnectionFactory(settings.ConnectionString, options);
    }

    public static PostgreSqlStorageOptions StorageOptions() => new()
    {
        SchemaName = HangfireSchema.Name,
        // The migrator installs the schema; two installers racing at start-up would be one too many.
        PrepareSchemaIfNecessary = false,
        UseSlidingInvisibilityTimeout = true,
        InvisibilityTimeout = InvisibilityTimeout,
        EnableLongPolling = true,
        // The backstop: requeues and expired fetches do not notify.
        QueuePollInterval = TimeSpan.FromSeconds(5),
        DistributedLockTimeout = TimeSpan.FromMinutes(1),
        AllowDegradedModeWithoutStorage = false,
        EnableTransactionScopeEnlistment = false,
    };

    /// <summary>Options of a server with one worker thread per slot of one device class.</summary>
    /// <param name="name">Shown in Hangfire's dashboard.</param>
    /// <param name="checkpointGrace">How long writing a checkpoint may take at shutdown.</param>
    public static BackgroundJobServerOptions ServerOptions(
        string name, DeviceClass device, int slots, TimeSpan checkpointGrace, JobActivator activator) => new()
    {
        ServerName = name,
        WorkerCount = slots,
        Queues = QueueNames.ServedBy(device),
        Activator = activator,
        // Longer than an outage we mean to survive: a server that takes itself for dead cancels every job it has.
        ServerTimeout = TimeSpan.FromMinutes(5),
        CancellationCheckInterval = TimeSpan.FromSeconds(2),
        // "Lightweight" would switch off the keep-alive of fetched queue jobs.
        IsLightweightServer = false,
        StopTimeout = TimeSpan.Zero,
        ShutdownTimeout = checkpointGrace,
    };

    private static bool IsUnwanted(object filter) => filter is AutomaticRetryAttribute or ContinuationsSupportAttribute or CaptureCultureAttribute;
}
