using System.Collections.Concurrent;
using System.Diagnostics;
using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.Queue;
using ChangeDetection.Core.Runs;
using Hangfire.PostgreSql;
using Hangfire.Storage;
using Hangfire;
using Npgsql;

namespace ChangeDetection.Bench.Queue;

/// <summary>
/// A Hangfire server as workers have it, with so many threads, whose runs are over as soon as they are claimed. Each fetch and claim is timed from the
/// moment that the thread asks for a queue job.
/// </summary>
internal sealed class Claimers : IAsyncDisposable
{
    private readonly BackgroundJobServer _server;
    private readonly ClaimingJob _job;

    private Claimers(BackgroundJobServer server, ClaimingJob job) => (_server, _job) = (server, job);

    public static async Task<Claimers> StartAsync(string connectionString, NpgsqlDataSource database, int claimers, int runs)
    {
        var job = new ClaimingJob(database, await BenchRuns.RegisterWorkerAsync(database, claimers), claimers, runs);
        var options = HangfireSetup.ServerOptions("bench", DeviceClass.Cpu, claimers, TimeSpan.FromSeconds(5), new SingleJob(job));
        GlobalConfiguration.Configuration.UseOurRules();
        var storage = HangfireSetup.StorageOptions();
        return new Claimers(new BackgroundJobServer(options, new TimedStorage(HangfireSetup.Connections(connectionString, storage), storage)), job);
    }

    public Task HalfDone => _job.HalfDone.Task;
    public Task Done => _job.Done.Task;

    /// <summary>From the first claim to the last end.</summary>
    public TimeSpan Elapsed => _job.Elapsed;

    /// <summary>In the order in which the runs ended.</summary>
    public IEnumerable<TimeSpan> FetchAndClaim => _job.Waits;

    public async Task StopAsync()
    {
        _server.SendStop();
        await _server.WaitForShutdownAsync(CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _server.Dispose();
    }

    private sealed class ClaimingJob : IRunJob
    {
        private readonly LeaseStore _leases;
        private readonly AttemptStore _attempts;
        private readonly Guid _worker;
        private readonly ConcurrentBag<string> _slots;
        private readonly int _runs;
        private int _ended;
        private long _first;

        public ClaimingJob(NpgsqlDataSource database, Guid worker, int slots, int runs)
        {
            (_leases, _attempts, _worker, _runs) = (new LeaseStore(database, new LeaseSettings()), new AttemptStore(database), worker, runs);
            _slots = [.. Enumerable.Range(0, slots).Select(BenchRuns.SlotName)];
        }

        public TaskCompletionSource HalfDone { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
        public ConcurrentQueue<TimeSpan> Waits { get; } = [];
        public TimeSpan Elapsed { get; private set; }

        public async Task ExecuteAsync(Guid run, CancellationToken cancellationToken)
        {
            var asked = TimedStorage.Asked;
            Interlocked.CompareExchange(ref _first, Stopwatch.GetTimestamp(), 0);
            _ = _slots.TryTake(out var slot);
            var claim = await _leases.ClaimAsync(run, _worker, BenchRuns.Host, slot!, Guid.CreateVersion7(), CancellationToken.None);
            var claimed = Stopwatch.GetElapsedTime(asked);
            if (claim is not null)
                await _attempts.EndAsync(claim, AttemptEnding.Succeeded, null, retryable: false, new LeaseSettings(), CancellationToken.None);
            _slots.Add(slot!);
            var ended = Interlocked.Increment(ref _ended);
            if (ended > _runs)
                return;
            Waits.Enqueue(claimed);
            if (ended == _runs / 2)
                HalfDone.SetResult();
            if (ended != _runs)
                return;
            Elapsed = Stopwatch.GetElapsedTime(_first);
            Done.SetResult();
        }
    }
}

/// <summary>Hangfire's storage, which notes when the queue job was asked for: the thread that fetched it hands that on to the job that it begins.</summary>
internal sealed class TimedStorage(IConnectionFactory connections, PostgreSqlStorageOptions options) : PostgreSqlStorage(connections, options)
{
    private static readonly AsyncLocal<long> s_asked = new();

    public static long Asked => s_asked.Value;

    public override IStorageConnection GetConnection() => new TimedConnection(this);

    private sealed class TimedConnection(PostgreSqlStorage storage) : PostgreSqlConnection(storage)
    {
        public override IFetchedJob FetchNextJob(string[] queues, CancellationToken cancellationToken)
        {
            s_asked.Value = Stopwatch.GetTimestamp();
            return base.FetchNextJob(queues, cancellationToken);
        }
    }
}
