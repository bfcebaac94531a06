using ChangeDetection.Core.Database;
using ChangeDetection.Core.Runs;
using Npgsql;

namespace ChangeDetection.Dashboard.Live;

/// <summary>
/// Passes the database's notifications that a run changed its state on inside this process. A lost connection loses notifications,
/// never changes: every <see cref="Feed{T}"/> reads again by the clock as well.
/// </summary>
public sealed partial class RunChangeSignal(NpgsqlDataSource database, TimeProvider time, ILogger<RunChangeSignal> logger) : BackgroundService
{
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(1);

    private TaskCompletionSource _next = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends at the next change of any run.</summary>
    public Task Next => Volatile.Read(ref _next).Task;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await using var listener = new RunChangeListener(database);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await listener.WaitAsync(Timeout.InfiniteTimeSpan, stoppingToken);
                Announce();
            }
#pragma warning disable CA1031 // The top of the loop: pages read by the clock as well, so nothing that happens here is worth the process.
            catch (Exception error) when (!stoppingToken.IsCancellationRequested)
#pragma warning restore CA1031
            {
                LogConnectionLost(DatabaseProblem.Describe(error));
                await Task.Delay(s_pause, time, stoppingToken);
            }
        }
    }

    private void Announce() =>
        Interlocked.Exchange(ref _next, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();

    [LoggerMessage(Level = LogLevel.Warning, Message = "Lost the connection that listens for changed runs, and tries again: {Reason}")]
    private partial void LogConnectionLost(string reason);
}
