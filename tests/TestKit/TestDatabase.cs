using ChangeDetection.Core.Database;
using Npgsql;

namespace ChangeDetection.TestKit;

/// <summary>One test's database, with a data source set up as our processes set theirs up.</summary>
public sealed class TestDatabase : IAsyncDisposable
{
    private readonly PostgresServer _server;

    internal TestDatabase(PostgresServer server, string name, string connectionString)
    {
        (_server, Name, ConnectionString) = (server, name, connectionString);
        DataSource = DataSources.Create(connectionString, "tests");
    }

    public string Name { get; }

    public string ConnectionString { get; }

    public NpgsqlDataSource DataSource { get; }

    /// <summary>Ends the session of everybody who is connected, as an administrator could.</summary>
    public Task TerminateBackEndsAsync() =>
        _server.ExecuteAsync($"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{Name}'");

    /// <summary>Whether a session waits for a lock that another holds, advisory ones aside: those only keep a queue in order.</summary>
    public async Task<bool> WaitingAsync()
    {
        await using var command = DataSource.CreateCommand(
            "select exists (select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and wait_event <> 'advisory')");
        return (bool)(await command.ExecuteScalarAsync())!;
    }

    public async ValueTask DisposeAsync()
    {
        await DataSource.DisposeAsync();
        // A test may have left the server down; the whole cluster goes at the end anyway.
        try
        {
            await _server.DropAsync(Name);
        }
        catch (NpgsqlException error) when (error is not PostgresException)
        {
        }
    }
}
