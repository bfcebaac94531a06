using ChangeDetection.Core.Database;
using ChangeDetection.Core.Hosting.Supervision;
using ChangeDetection.Core.Workers;
using Npgsql;

namespace ChangeDetection.Scheduler.SingleMachine;

/// <summary>Brings drained workers of <c>up</c> back when <c>worker start</c> asks for them. While none is away the database is left alone.</summary>
internal sealed class WorkerRecall : IAsyncDisposable
{
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(500);

    private readonly NpgsqlDataSource _database;
    private readonly Supervisor _supervisor;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _watching;

    private WorkerRecall(string connectionString, Supervisor supervisor, TimeProvider time)
    {
        (_database, _supervisor) = (DataSources.Create(connectionString, "changedetection up"), supervisor);
        _watching = WatchAsync(time);
    }

    public static WorkerRecall Start(string connectionString, Supervisor supervisor, TimeProvider time) => new(connectionString, supervisor, time);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _watching;
        await _database.DisposeAsync();
        _stop.Dispose();
    }

    private async Task WatchAsync(TimeProvider time)
    {
        var requests = new SupervisedWorkers(_database);
        using var timer = new PeriodicTimer(s_look, time);
        try
        {
            while (await timer.WaitForNextTickAsync(_stop.Token))
            {
                if (_supervisor.Away is { Count: > 0 } away)
                    await CallBackAsync(requests, away);
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // Taken down in order.
        }
    }

    private async Task CallBackAsync(SupervisedWorkers requests, IReadOnlyList<string> away)
    {
        try
        {
            foreach (var name in await requests.TakeRequestsAsync(away, _stop.Token))
                _supervisor.CallBack(name);
        }
        catch (NpgsqlException)
        {
            // The next look asks again; that the database is away is told by all others.
        }
    }
}
