using ChangeDetection.Core.Hosting;
using Dapper;
using Npgsql;

namespace ChangeDetection.Core.Database;

/// <summary>Builds the one <see cref="NpgsqlDataSource"/> of a process.</summary>
public static class DataSources
{
    /// <summary>Our tables stand here; Hangfire's beside them in <c>hangfire</c>.</summary>
    public const string Schema = "changedetection";

    /// <summary>
    /// What every session of ours asks of the server. A process that freezes, or whose network dies, in the middle of a transaction keeps its row
    /// locks for as long as the server keeps the session: the run under such a lock could be neither renewed nor taken back. No transaction of ours
    /// ever idles for long, so the server may end one that does.
    /// </summary>
    private const string SessionGuards =
        "-c idle_in_transaction_session_timeout=10s -c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3";

    private const int StatementsPrepared = 64;

    static DataSources() => DefaultTypeMap.MatchNamesWithUnderscores = true;

    /// <param name="connectionString">Npgsql connection string or its URI-less key=value form.</param>
    /// <param name="applicationName">Shown in <c>pg_stat_activity</c>.</param>
    /// <exception cref="SettingsException">It is none.</exception>
    public static NpgsqlDataSource Create(string connectionString, string applicationName)
    {
        var settings = Settings(connectionString);
        settings.ApplicationName = applicationName;
        settings.SearchPath = Schema;
        settings.IncludeErrorDetail = false;
        settings.KeepAlive = 10;
        if (settings.Timeout == 15)
            settings.Timeout = 5;
        return new NpgsqlDataSourceBuilder(Prepared(Guarded(settings)).ConnectionString).Build();
    }

    /// <summary>The same connection, which prepares what it sends often: to parse and plan our statements costs the server more than to run them.</summary>
    // A user behind a proxy that cannot prepare says "Max Auto Prepare=0": what comes later in the text wins.
    public static NpgsqlConnectionStringBuilder Prepared(NpgsqlConnectionStringBuilder settings) =>
        new($"Max Auto Prepare={StatementsPrepared};{settings.ConnectionString}");

    /// <summary>The same connection, with the server told not to keep what a dead client held.</summary>
    public static NpgsqlConnectionStringBuilder Guarded(NpgsqlConnectionStringBuilder settings) => new(settings.ConnectionString)
    {
        // What the user gives comes last, and therefore wins.
        Options = $"{SessionGuards} {settings.Options}".TrimEnd(),
    };

    /// <summary>Says of a text that it is no connection string before anything is tried with it.</summary>
    /// <exception cref="SettingsException">It is none.</exception>
    public static void Require(string connectionString) => Settings(connectionString);

    /// <summary>The same text, read.</summary>
    /// <exception cref="SettingsException">It is none.</exception>
    public static NpgsqlConnectionStringBuilder Settings(string connectionString)
    {
        try
        {
            var settings = new NpgsqlConnectionStringBuilder(connectionString);
            return settings.Host is null ? throw NotOne("it names no Host") : settings;
        }
        catch (Exception wrong) when (wrong is ArgumentException or FormatException)
        {
            throw NotOne(wrong.Message.TrimEnd('.'), wrong);
        }
    }

    /// <summary>The message never repeats the text: it may hold a password.</summary>
    private static SettingsException NotOne(string problem, Exception? inner = null) => new(
        $"{SystemSettings.DatabaseVariable} is no connection string: {problem}. Write it like " +
            "'Host=db;Port=5432;Database=changedetection;Username=…;Password=…'.", inner);
}
