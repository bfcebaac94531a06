using System.Diagnostics;
using System.Globalization;
using ChangeDetection.Core.Queue;
using Hangfire.PostgreSql.Factories;
using Hangfire.PostgreSql;
using Hangfire;

namespace ChangeDetection.Bench.Queue;

/// <summary>
/// The baseline: Hangfire on PostgreSQL with every default of its own, so that an idle worker looks for jobs every 15 s. A process beside this
/// one enqueues job after job, each at any moment between two polls; each is only timed.
/// </summary>
internal sealed class DefaultQueue : IDisposable
{
    /// <summary>The benchmark's verb of the process that enqueues.</summary>
    public const string Verb = "pickup-enqueue";

    private const int PollMs = 15_000;
    private readonly CancellationTokenSource _stop = new();
    private readonly TimedJob _job = new();
    private readonly BackgroundJobServer _server;
    private readonly Process _enqueuer;
    private readonly Task<List<TimeSpan>> _measuring;

    private DefaultQueue(string connectionString)
    {
        _server = new BackgroundJobServer(new BackgroundJobServerOptions { Activator = new SingleJob(_job) }, Storage(connectionString));
        var start = new ProcessStartInfo(Environment.ProcessPath!, [Verb]) { RedirectStandardInput = true, RedirectStandardOutput = true };
        _enqueuer = Process.Start(start)!;
        _enqueuer.StandardInput.WriteLine(connectionString);
        _measuring = MeasureAsync();
    }

    public static DefaultQueue Start(string connectionString) => new(connectionString);

    /// <summary>The process that enqueues: the connection string on the first line, then a job for every line, answered with its time.</summary>
    public static async Task<int> EnqueueAsync()
    {
        var connectionString = await Console.In.ReadLineAsync()
            ?? throw new InvalidOperationException("This verb is for the pickup benchmark only.");
        var client = new BackgroundJobClient(Storage(connectionString));
        while (await Console.In.ReadLineAsync() is not null)
        {
            client.Enqueue<IRunJob>(run => run.ExecuteAsync(Guid.Empty, CancellationToken.None));
            Console.WriteLine(Stopwatch.GetTimestamp().ToString(CultureInfo.InvariantCulture));
        }
        return 0;
    }

    /// <summary>From enqueued to executing, for every job so far.</summary>
    public async Task<List<TimeSpan>> StopAsync()
    {
        await _stop.CancelAsync();
        return await _measuring;
    }

    public void Dispose()
    {
        _enqueuer.StandardInput.Close();
        _enqueuer.WaitForExit();
        _enqueuer.Dispose();
        _server.Dispose();
        _stop.Dispose();
    }

    private static PostgreSqlStorage Storage(string connectionString)
    {
        GlobalConfiguration.Configuration.UseOurRules();
        var options = new PostgreSqlStorageOptions();
        return new PostgreSqlStorage(new NpgsqlConnectionFactory(connectionString, options), options);
    }

    private async Task<List<TimeSpan>> MeasureAsync()
    {
        var pauses = new Random(2);
        var waits = new List<TimeSpan>();
        try
        {
            while (true)
            {
                await Task.Delay(pauses.Next(PollMs), _stop.Token);
                var executing = _job.NextAsync();
                await _enqueuer.StandardInput.WriteLineAsync("enqueue");
                await _enqueuer.StandardInput.FlushAsync();
                var answer = await _enqueuer.StandardOutput.ReadLineAsync(_stop.Token)
                    ?? throw new InvalidOperationException("The enqueuing process has ended.");
                // Both processes read one clock, the machine's monotonic one.
                waits.Add(Stopwatch.GetElapsedTime(long.Parse(answer, CultureInfo.InvariantCulture), await executing.WaitAsync(_stop.Token)));
            }
        }
        catch (OperationCanceledException)
        {
            return waits;
        }
    }

    private sealed class TimedJob : IRunJob
    {
        private TaskCompletionSource<long> _next = new();

        public Task<long> NextAsync()
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
