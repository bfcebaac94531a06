using ChangeDetection.Database;
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
