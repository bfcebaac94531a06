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

    private const string ReadWrite = "read-write";
    private const int StatementsPrepared = 64;

    static DataSources() => DefaultTypeMap.MatchNamesWithUnderscores = true;

    /// <param name="connectionString">As in <see cref="Settings"/>.</param>
    /// <param name="applicationName">Shown in <c>pg_stat_activity</c>.</param>
    /// <exception cref="SettingsException">It is none.</exception>
    public static NpgsqlDataSource Create(string connectionString, string applicationName)
    {
        var settings = Prepared(OfSession(connectionString, applicationName));
        // Of several hosts a data source takes the one asked for from a wrapper, and refuses to be told by its settings.
        var target = settings.TargetSessionAttributes;
        settings.TargetSessionAttributes = null;
        var builder = new NpgsqlDataSourceBuilder(settings.ConnectionString);
        return target is null ? builder.Build() : builder.BuildMultiHost().WithTargetSession(Target(target));
    }

    /// <summary>What <see cref="Create"/> asks of a session, without a pool around it.</summary>
    /// <exception cref="SettingsException">The text is no connection string.</exception>
    internal static NpgsqlConnectionStringBuilder OfSession(string connectionString, string applicationName)
    {
        var settings = Settings(connectionString);
        settings.ApplicationName = applicationName;
        settings.SearchPath = Schema;
        settings.IncludeErrorDetail = false;
        settings.KeepAlive = 10;
        if (settings.Timeout == 15)
            settings.Timeout = 5;
        return Guarded(settings);
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

    /// <summary>
    /// Reads an address: a connection string of Npgsql's, or <c>postgresql://…</c> (<see cref="PostgresUrl"/>). Of several hosts the one is meant that
    /// takes writes, unless the address says otherwise.
    /// </summary>
    /// <exception cref="SettingsException">It is neither.</exception>
    public static NpgsqlConnectionStringBuilder Settings(string connectionString)
    {
        try
        {
            var settings = PostgresUrl.IsOne(connectionString) ? PostgresUrl.Parse(connectionString) : new NpgsqlConnectionStringBuilder(connectionString);
            if (settings.Host is null)
                throw NotOne("it names no Host");
            if (!settings.Host.Contains(',', StringComparison.Ordinal))
                settings.TargetSessionAttributes = null;
            else
                settings.TargetSessionAttributes ??= ReadWrite;
            return settings;
        }
        catch (FormatException wrong) when (PostgresUrl.IsOne(connectionString))
        {
            throw new SettingsException(
                $"{SystemSettings.DatabaseVariable} is no address of a database: {wrong.Message}. Write it like " +
                    "postgresql://USER:PASSWORD@HOST:5432/DATABASE.", wrong);
        }
        catch (Exception wrong) when (wrong is ArgumentException or FormatException)
        {
            throw NotOne(NoList, wrong);
        }
    }

    /// <summary>Not Npgsql's words: what stands before a = may be the rest of a password that holds a semicolon.</summary>
    private const string NoList =
        "it is no list of KEY=VALUE; with keys and values that Npgsql knows (a value that holds a ; or a = stands in quotes; a Port is a number)";

    private static TargetSessionAttributes Target(string text) =>
        Enum.Parse<TargetSessionAttributes>(text.Replace("-", "", StringComparison.Ordinal), ignoreCase: true);

    /// <summary>The message never repeats the text: it may hold a password.</summary>
    private static SettingsException NotOne(string problem, Exception? inner = null) => new(
        $"{SystemSettings.DatabaseVariable} is no connection string (nor the content of its file, where {SystemSettings.DatabaseFileVariable} names one): " +
            $"{problem}. Write it like " +
            "'Host=db;Port=5432;Database=changedetection;Username=…;Password=…', or like postgresql://USER:PASSWORD@HOST:5432/DATABASE.", inner);
}
