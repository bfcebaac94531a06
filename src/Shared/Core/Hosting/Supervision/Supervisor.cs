using System.Collections.Concurrent;
using System.Globalization;

namespace ChangeDetection.Core.Hosting.Supervision;

/// <summary>Keeps a set of child processes alive: starts a dead one again, with a growing wait, until it is told to stop them all.
/// One that may leave and ends with code 0 was asked to (a drained worker), and stays away until it is called back.</summary>
public sealed class Supervisor : IAsyncDisposable
{
    private readonly IReadOnlyList<Watch> _watches;
    private readonly ConcurrentDictionary<string, int> _pids = new(StringComparer.Ordinal);
    private readonly Action<string> _report;
    private readonly BackOff _backOff;
    private readonly TimeProvider _time;

    private Supervisor(IReadOnlyList<SupervisedChild> children, Action<string> report, TimeProvider time, BackOff backOff)
    {
        (_report, _time, _backOff) = (report, time, backOff);
        _watches = [.. children.Select(child => new Watch(child))];
    }

    /// <summary>Starts the children and watches over them.</summary>
    /// <param name="report">Takes a line about each death and restart; may be called from several threads.</param>
    /// <exception cref="ChildStartException">One cannot be started at all; those that were are stopped again.</exception>
    public static async Task<Supervisor> StartAsync(
        IReadOnlyList<SupervisedChild> children, Action<string> report, TimeProvider time, BackOff? backOff = null)
    {
        var supervisor = new Supervisor(children, report, time, backOff ?? BackOff.Default);
        try
        {
            foreach (var watch in supervisor._watches)
                watch.Begin(ChildProcess.Start(watch.Child.Command), supervisor.KeepAliveAsync);
            return supervisor;
        }
        catch
        {
            await supervisor.StopAsync();
            throw;
        }
    }

    /// <summary>The process id of a child; null while it is dead.</summary>
    public int? PidOf(string name) => _pids.TryGetValue(name, out var pid) ? pid : null;

    /// <summary>The children that have left on purpose and were not called back.</summary>
    public IReadOnlyList<string> Away => [.. _watches.Where(watch => watch.IsAway).Select(watch => watch.Child.Command.Name)];

    /// <summary>Starts a child again that has left on purpose; one that is there, or is about to be started, is left alone.</summary>
    /// <returns>Whether it was away.</returns>
    public bool CallBack(string name) => _watches.Any(watch => watch.Child.Command.Name == name && watch.TryCallBack());

    /// <summary>Stops all children in their order, each within its grace, and starts none again.</summary>
    public async Task StopAsync()
    {
        // Nothing may be born while the rest is being stopped.
        foreach (var watch in _watches)
            await watch.Leaving.CancelAsync();
        foreach (var rank in _watches.GroupBy(watch => watch.Child.StopOrder).OrderBy(rank => rank.Key))
            await Task.WhenAll(rank.Select(StopAsync));
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        foreach (var watch in _watches)
            watch.Leaving.Dispose();
    }

    private static async Task StopAsync(Watch watch)
    {
        watch.Stop.TrySetResult();
        await watch.Loop;
    }

    private async Task KeepAliveAsync(Watch watch, ChildProcess first)
    {
        var name = watch.Child.Command.Name;
        ChildProcess? process = first;
        TimeSpan? wait = null;
        while (true)
        {
            var born = _time.GetTimestamp();
            int? code = process is null ? null : await LifeAsync(watch, process);
            if (watch.Leaving.IsCancellationRequested)
                return;
            if (code == 0 && watch.Child.MayLeave)
            {
                _report($"{name} has left as it was asked to, and stays away until it is called back");
                if (!await watch.CalledBackAsync())
                    return;
                (process, wait) = (TryStart(watch), null);
                continue;
            }

            wait = _backOff.After(wait, _time.GetElapsedTime(born));
            _report(string
                .Create(CultureInfo.InvariantCulture,
                    $"{name} {(code is { } known ? ExitStatus.Describe(known) : "could not be started")}; starting it again in " +
                    $"{wait.Value.TotalSeconds:0.###} s{SeeLog(watch)}"));
            try
            {
                await Task.Delay(wait.Value, _time, watch.Leaving.Token);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            process = TryStart(watch);
        }
    }

    /// <summary>Sees a process to its end, which is its own or, once stopping is asked for, ours to bring about; its exit code.</summary>
    private async Task<int> LifeAsync(Watch watch, ChildProcess process)
    {
        var name = watch.Child.Command.Name;
        await using (process)
        {
            _pids[name] = process.Pid;
            await Task.WhenAny(process.Exited, watch.Stop.Task);
            var code = await process.StopAsync(watch.Child.Grace);
            _pids.TryRemove(name, out _);
            return code;
        }
    }

    private ChildProcess? TryStart(Watch watch)
    {
        try
        {
            return ChildProcess.Start(watch.Child.Command);
        }
        catch (ChildStartException error)
        {
            _report(error.Message);
            return null;
        }
    }

    private static string SeeLog(Watch watch) => watch.Child.Command.LogFile is { } log ? $" (its log: {log})" : "";

    private sealed class Watch(SupervisedChild child)
    {
        private TaskCompletionSource? _away;

        public SupervisedChild Child { get; } = child;

        public bool IsAway => Volatile.Read(ref _away) is not null;

        /// <summary>No new life from here on.</summary>
        public CancellationTokenSource Leaving { get; } = new();

        /// <summary>This child's turn to stop has come.</summary>
        public TaskCompletionSource Stop { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Loop { get; private set; } = Task.CompletedTask;

        /// <summary>Stays away; false: until all are stopped.</summary>
        public async Task<bool> CalledBackAsync()
        {
            var away = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            Volatile.Write(ref _away, away);
            await using var leaving = Leaving.Token.Register(() => away.TrySetCanceled());
            await Task.WhenAny(away.Task);
            Volatile.Write(ref _away, null);
            return away.Task.IsCompletedSuccessfully;
        }

        public bool TryCallBack() => Interlocked.Exchange(ref _away, null)?.TrySetResult() ?? false;

        public void Begin(ChildProcess process, Func<Watch, ChildProcess, Task> keepAlive) => Loop = keepAlive(this, process);
    }
}
