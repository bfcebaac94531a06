using ChangeDetection.Core.Hosting;
using ChangeDetection.Scheduler.Daemon;

namespace ChangeDetection.Scheduler.SingleMachine;

/// <summary>Keeps the scheduler of a local system going, in this process: one that ended by a fault is begun again, as a dead child is.</summary>
internal sealed class SchedulerKeeper : IAsyncDisposable
{
    private readonly Func<CancellationToken, Task<SchedulerHost>> _start;
    private readonly Action<string> _say;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _watching;

    private SchedulerKeeper(SchedulerHost first, Func<CancellationToken, Task<SchedulerHost>> start, Action<string> say, TimeProvider time)
    {
        (_start, _say, _time) = (start, say, time);
        _watching = WatchAsync(first);
    }

    /// <param name="start">How it is begun, each time. The first time its failure is the caller's.</param>
    /// <param name="say">Takes lines for people.</param>
    public static async Task<SchedulerKeeper> StartAsync(
        Func<CancellationToken, Task<SchedulerHost>> start, Action<string> say, TimeProvider time, CancellationToken cancellationToken) =>
        new(await start(cancellationToken), start, say, time);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _watching;
        _stop.Dispose();
    }

    private async Task WatchAsync(SchedulerHost first)
    {
        SchedulerHost? scheduler = first;
        TimeSpan? wait = null;
        while (!_stop.IsCancellationRequested)
        {
            var began = _time.GetTimestamp();
            try
            {
                scheduler ??= await _start(_stop.Token);
                await using (scheduler)
                    await scheduler.RunUntilStoppedAsync(_stop.Token);
                // In order: the signal that ends all of this process has reached it first.
                return;
            }
#pragma warning disable CA1031 // The top of the loop: without a scheduler every run would wait.
            catch (Exception exception) when (!_stop.IsCancellationRequested)
#pragma warning restore CA1031
            {
                wait = BackOff.Default.After(wait, _time.GetElapsedTime(began));
                _say($"{exception.Message} It begins again in {wait.Value.TotalSeconds:0} s.");
            }
            catch (Exception exception) when (exception is OperationCanceledException or SchedulerFaultException)
            {
                return;
            }
            scheduler = null;
            await Task.Delay(wait!.Value, _time, _stop.Token).ContinueWith(_ => { }, TaskScheduler.Default);
        }
    }
}
