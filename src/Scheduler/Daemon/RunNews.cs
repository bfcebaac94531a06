using ChangeDetection.Core.Database;
using Npgsql;

namespace ChangeDetection.Scheduler.Daemon;

/// <summary>Waits for a change of any run: one connection that LISTENs, opened anew when it broke.</summary>
public sealed class RunNews(NpgsqlDataSource database) : IAsyncDisposable
{
    private const string Channel = "changedetection_runs";
    private NpgsqlConnection? _connection;

    /// <summary>
    /// Ends at a change, at the latest after <paramref name="patience"/>. A change between two calls is not lost: PostgreSQL keeps it for the connection.
    /// The first call ends at once, because changes before the LISTEN were not heard.
    /// </summary>
    public async Task WaitAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        try
        {
            if (_connection is null)
            {
                _connection = await database.OpenConnectionAsync(cancellationToken);
                await using var listen = new NpgsqlCommand($"listen {Channel}", _connection);
                await listen.ExecuteNonQueryAsync(cancellationToken);
                return;
            }
            await _connection.WaitAsync(patience, cancellationToken);
        }
        catch (Exception exception) when (Outage.IsOutage(exception))
        {
            await DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_connection is not null)
            await _connection.DisposeAsync();
        _connection = null;
    }
}
