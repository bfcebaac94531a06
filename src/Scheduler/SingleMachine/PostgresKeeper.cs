using ChangeDetection.Core.Database.LocalServer;
using ChangeDetection.Core.Hosting;

namespace ChangeDetection.Scheduler.SingleMachine;

/// <summary>Starts the private PostgreSQL again when it dies under a running system. Everybody else rides the gap out as any other outage.</summary>
internal sealed class PostgresKeeper : IAsyncDisposable
{
    private static readonly TimeSpan s_look = TimeSpan.FromSeconds(1);

    private readonly LocalPostgres _postgres;
    private readonly Action<string> _say;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _watching;

    private PostgresKeeper(LocalPostgres postgres, Action<string> say, TimeProvider time)
    {
        (_postgres, _say, _time) = (postgres, say, time);
        _watching = WatchAsync(_stop.Token);
    }

    /// <param name="say">Takes lines for people: that it died, that it is back, why it does not come back.</param>
    public static PostgresKeeper Start(LocalPostgres postgres, Action<string> say, TimeProvider time) => new(postgres, say, time);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _watching;
        _stop.Dispose();
    }

    private async Task WatchAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(s_look, _time);
        var alive = _time.GetTimestamp();
        TimeSpan? wait = null;
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                if (_postgres.IsAlive)
                    continue;
                wait = BackOff.Default.After(wait, _time.GetElapsedTime(alive));
                _say($"postgresql died; starting it again in {wait.Value.TotalSeconds:0} s");
                await Task.Delay(wait.Value, _time, cancellationToken);
                await ReviveAsync(cancellationToken);
                alive = _time.GetTimestamp();
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Taken down in order.
        }
    }

    private async Task ReviveAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _postgres.ReviveAsync(cancellationToken);
            _say("postgresql is back");
        }
#pragma warning disable CA1031 // The top of the loop: a disk that is full refuses in many ways, and has room again some day.
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            _say($"postgresql does not come back: {exception.Message}");
        }
    }
}
