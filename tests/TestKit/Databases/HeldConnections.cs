using Npgsql;

namespace ChangeDetection.TestKit.Databases;

/// <summary>Holds every connection that a server has to give, as a program does that leaks them.</summary>
public sealed class HeldConnections : IAsyncDisposable
{
    private readonly List<NpgsqlConnection> _held = [];
    private readonly string _address;

    private HeldConnections(string address) => _address = address;

    /// <param name="connectionString">Of any database of the server; the maintenance database is used.</param>
    public static async Task<HeldConnections> AllAsync(string connectionString)
    {
        var held = new HeldConnections(new NpgsqlConnectionStringBuilder(connectionString)
        {
            Database = "postgres",
            Pooling = false,
        }.ConnectionString);
        await held.FillAsync();
        return held;
    }

    /// <summary>Takes what has become free since.</summary>
    public async Task FillAsync()
    {
        while (true)
        {
            var connection = new NpgsqlConnection(_address);
            try
            {
                await connection.OpenAsync();
                _held.Add(connection);
            }
            catch (PostgresException full) when (full.SqlState == PostgresErrorCodes.TooManyConnections)
            {
                await connection.DisposeAsync();
                return;
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var connection in _held)
            await connection.DisposeAsync();
    }
}
