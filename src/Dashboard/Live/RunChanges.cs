using Npgsql;

namespace ChangeDetection.Dashboard.Live;

/// <summary>
/// Listens for the database's word that a run changed its state, and passes it on inside this process. A lost connection loses words,
/// never changes: every <see cref="Feed{T}"/> reads again by the clock as well.
/// </summary>
public sealed partial class RunChanges(NpgsqlDataSource database, TimeProvider time, ILogger<RunChanges> logger) : BackgroundService
{
    private const string Channel = "changedetection_runs";
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(1);

    private TaskCompletionSource _next = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends at the next change of any run.</summary>
    public Task Next => Volatile.Read(ref _next).Task;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await ListenAsync(stoppingToken);
            }
            catch (NpgsqlException error)
            {
                LogConnectionLost(error.Message);
                await Task.Delay(s_pause, time, stoppingToken);
            }
        }
    }

    private async Task ListenAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        connection.Notification += (_, _) => Announce();
        await using (var listen = new NpgsqlCommand($"listen {Channel}", connection))
            await listen.ExecuteNonQueryAsync(cancellationToken);
        // What changed while nobody listened is announced now.
        Announce();
        while (true)
            await connection.WaitAsync(cancellationToken);
    }

    private void Announce() =>
        Interlocked.Exchange(ref _next, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();

    [LoggerMessage(Level = LogLevel.Warning, Message = "Lost the connection that listens for changed runs, and tries again: {Reason}")]
    private partial void LogConnectionLost(string reason);
}
