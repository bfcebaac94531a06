using System.Diagnostics;
using ChangeDetection.Queue;
using Hangfire;
using Hangfire.PostgreSql;
using Hangfire.PostgreSql.Factories;

namespace ChangeDetection.Bench;

/// <summary>
/// The baseline: Hangfire on PostgreSQL with every default of its own, so that an idle worker looks for jobs every 15 s. One job after another
/// is enqueued, with a pause so that the next does not ride on the poll of the one before; each is only counted.
/// </summary>
internal sealed class DefaultQueue : IDisposable
{
    private const int ShortestPauseMs = 200;
    private const int LongestPauseMs = 5000;
    private readonly CancellationTokenSource _stop = new();
    private readonly BackgroundJobServer _server;
    private readonly Task<List<TimeSpan>> _measuring;

    private DefaultQueue(string connectionString)
    {
        var options = new PostgreSqlStorageOptions();
        var storage = new PostgreSqlStorage(new NpgsqlConnectionFactory(connectionString, options), options);
        var job = new CountingJob();
        _server = new BackgroundJobServer(new BackgroundJobServerOptions { Activator = new SingleJob(job) }, storage);
        _measuring = MeasureAsync(new BackgroundJobClient(storage), job);
    }

    public static DefaultQueue Start(string connectionString) => new(connectionString);

    /// <summary>From enqueued to executing, for every job so far.</summary>
    public async Task<List<TimeSpan>> StopAsync()
    {
        await _stop.CancelAsync();
        return await _measuring;
    }

    public void Dispose()
    {
        _server.Dispose();
        _stop.Dispose();
    }

    private async Task<List<TimeSpan>> MeasureAsync(BackgroundJobClient client, CountingJob job)
    {
        var pauses = new Random(2);
        var waits = new List<TimeSpan>();
        try
        {
            while (true)
            {
                await Task.Delay(pauses.Next(ShortestPauseMs, LongestPauseMs), _stop.Token);
                var executing = job.Expect();
                client.Enqueue<IRunJob>(run => run.ExecuteAsync(Guid.Empty, CancellationToken.None));
                var enqueued = Stopwatch.GetTimestamp();
                waits.Add(Stopwatch.GetElapsedTime(enqueued, await executing.WaitAsync(_stop.Token)));
            }
        }
        catch (OperationCanceledException)
        {
            return waits;
        }
    }

    private sealed class CountingJob : IRunJob
    {
        private TaskCompletionSource<long> _next = new();

        public Task<long> Expect()
        {
            _next = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
            return _next.Task;
        }

        public Task ExecuteAsync(Guid run, CancellationToken cancellationToken)
        {
            _next.TrySetResult(Stopwatch.GetTimestamp());
            return Task.CompletedTask;
        }
    }
}
