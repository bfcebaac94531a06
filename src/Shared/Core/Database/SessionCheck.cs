using ChangeDetection.Core.Hosting;
using Npgsql;

namespace ChangeDetection.Core.Database;

/// <summary>
/// Whether an address gives each connection a session of its own, by which it keeps what it sets: search path, locks, LISTEN and prepared statements of ours
/// rest on that. A pooler that hands sessions out by the transaction (PgBouncer's <c>pool_mode = transaction</c>) takes all of them away, silently. Asked at
/// the start of every process, before anything is written. What is wrong for good with password or certificate is told here too.
/// </summary>
public static class SessionCheck
{
    /// <summary>A pooler that has two sessions shows itself in two rounds; with more, and other clients between, a few may be needed.</summary>
    private const int Rounds = 5;
    private const int AnswerSeconds = 5;
    private const string UnknownParameter = "unsupported startup parameter";
    private const string Address = $"The address in {SystemSettings.DatabaseVariable}";

    private const string ByTransaction =
        $"{Address} leads to a connection pooler, such as PgBouncer, that gives a session away after each transaction. Locks, notifications and the search "
        + "path of this system need a session of their own. Use the direct address of the server, or set pool_mode = session for this database. "
        + "Nothing was written.";

    private const string ParametersRefused =
        $"{Address} leads to PgBouncer, which refuses what our sessions ask for when they begin. Use the direct address of the server; or, beside "
        + "pool_mode = session, set ignore_startup_parameters = options,search_path there, and once, in the database: "
        + $"alter role USER set search_path = {DataSources.Schema}; alter role USER set idle_in_transaction_session_timeout = '10s'. Nothing was written.";

    private const string PathLost =
        $"{Address} leads through a connection pooler that drops the search path of our sessions. Use the direct address of the server, or set it for the "
        + $"role: alter role USER set search_path = {DataSources.Schema}; alter role USER set idle_in_transaction_session_timeout = '10s'. Nothing was "
        + "written.";

    /// <exception cref="SettingsException">It gives none, or refuses us for good; the message says what to do.</exception>
    /// <exception cref="NpgsqlException">The database is away (<see cref="Outage.IsOutage"/>), or refuses for another reason.</exception>
    public static async Task RequireAsync(string connectionString, CancellationToken cancellationToken)
    {
        var settings = DataSources.OfSession(connectionString, "changedetection check");
        settings.Pooling = false;
        settings.CommandTimeout = AnswerSeconds;
        TlsDiagnosis.RequireFiles(settings);
        try
        {
            await RequireAsync(settings, cancellationToken);
        }
        catch (PostgresException refusal) when (refusal.MessageText.StartsWith(UnknownParameter, StringComparison.Ordinal))
        {
            var bare = new NpgsqlConnectionStringBuilder(settings.ConnectionString) { Options = null, SearchPath = null };
            throw new SettingsException(await AreSessionsSharedAsync(bare, cancellationToken) ? ByTransaction : ParametersRefused, refusal);
        }
        catch (PostgresException refusal) when (refusal.SqlState is PostgresErrorCodes.InvalidPassword
            or PostgresErrorCodes.InvalidAuthorizationSpecification or PostgresErrorCodes.InvalidCatalogName)
        {
            throw new SettingsException(
                $"The database refuses the connection ({DatabaseProblem.Describe(refusal)}). Correct user, password and database in "
                + $"{SystemSettings.DatabaseVariable}; the server's log says more.", refusal);
        }
        catch (NpgsqlException failure) when (TlsDiagnosis.IsAbout(failure))
        {
            throw new SettingsException(await TlsDiagnosis.ExplainAsync(settings, failure, cancellationToken), failure);
        }
    }

    private static async Task RequireAsync(NpgsqlConnectionStringBuilder settings, CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(settings, cancellationToken);
        // What a server says of itself when it takes a connection; a pooler has to say something else.
        if (await BackEndAsync(connection, cancellationToken) != connection.ProcessID && await AreSessionsSharedAsync(settings, cancellationToken))
            throw new SettingsException(ByTransaction);
        await using var command = new NpgsqlCommand("select current_setting('search_path')", connection);
        var path = (string?)await command.ExecuteScalarAsync(cancellationToken) ?? "";
        if (path.Split(',')[0].Trim(' ', '"') != DataSources.Schema)
            throw new SettingsException(PathLost);
    }

    /// <summary>
    /// Whether connections that stay open are served by each other's sessions: one asks which session serves it, while another holds the session that
    /// it was given for a transaction. With sessions of their own the two numbers differ and never change.
    /// </summary>
    private static async Task<bool> AreSessionsSharedAsync(NpgsqlConnectionStringBuilder settings, CancellationToken cancellationToken)
    {
        await using var one = await OpenAsync(settings, cancellationToken);
        await using var other = await OpenAsync(settings, cancellationToken);
        var own = await BackEndAsync(one, cancellationToken);
        try
        {
            for (var round = 0; round < Rounds; round++)
            {
                await using var transaction = await other.BeginTransactionAsync(cancellationToken);
                if (await BackEndAsync(other, cancellationToken) == own || await BackEndAsync(one, cancellationToken) != own)
                    return true;
                await transaction.RollbackAsync(cancellationToken);
                if (await BackEndAsync(one, cancellationToken) != own)
                    return true;
            }
            return false;
        }
        catch (PostgresException refusal) when (ServerRefusal.IsPoolersMistake(refusal))
        {
            // Pooling by the statement has no transactions at all.
            return true;
        }
    }

    private static async Task<NpgsqlConnection> OpenAsync(NpgsqlConnectionStringBuilder settings, CancellationToken cancellationToken)
    {
        var connection = new NpgsqlConnection(settings.ConnectionString);
        try
        {
            await connection.OpenAsync(cancellationToken);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private static async Task<int> BackEndAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("select pg_backend_pid()", connection);
        return (int)(await command.ExecuteScalarAsync(cancellationToken))!;
    }
}
