using Npgsql;

namespace ChangeDetection.Core.Runs;

/// <summary>
/// Waits for a change of any run's state: one connection that LISTENs, opened anew after it broke. A broken connection loses notifications, so callers
/// also look by the clock.
/// </summary>
public sealed class RunChangeListener(NpgsqlDataSource database) : IAsyncDisposable
{
    private const string Channel = "changedetection_runs";
    private NpgsqlConnection? _connection;

    /// <summary>
    /// Ends at a change, at the latest after <paramref name="patience"/>. A change between two calls is not lost: PostgreSQL keeps it for the connection.
    /// The first call on a connection ends at once, because changes before the LISTEN were not heard.
    /// </summary>
    /// <param name="patience"><see cref="Timeout.InfiniteTimeSpan"/>: as long as it takes.</param>
    /// <exception cref="NpgsqlException">The database is away; the next call connects anew.</exception>
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
        catch
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
