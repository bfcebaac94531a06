using System.Collections;
using System.Collections.Concurrent;
using ChangeDetection.Core.Database;
using ChangeDetection.Core.Runs;
using ChangeDetection.Core.Runs.Loader;
using ChangeDetection.Core.Workers;
using ChangeDetection.TestKit;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace ChangeDetection.Core.Tests.Runs;

/// <summary>
/// Leases go by the database's clock alone: a worker whose clock is an hour off, or in another time zone, has nothing to be wrong about, because nothing
/// it sends is a time. Durations are sent, which are the same by every clock.
/// </summary>
[Needs(Resource.Database, Resource.Processes)]
public sealed class ClientTimeTests(PostgresServer server)
{
    [Fact]
    public async Task LifeOfALease_NoStatementCarriesATimeOfItsClient()
    {
        await using var database = await server.CreateDatabaseAsync();
        var sent = new SentValues();
        var settings = new NpgsqlConnectionStringBuilder(database.ConnectionString) { SearchPath = DataSources.Schema };
        await using var watched = new NpgsqlDataSourceBuilder(settings.ConnectionString).UseLoggerFactory(sent).EnableParameterLogging().Build();
        var (leases, workers) = (new LeaseStore(watched, new LeaseSettings()), new WorkerStore(watched));
        var worker = new WorkerRecord
        {
            Id = Guid.NewGuid(),
            Host = "host",
            Pid = 1,
            Version = "test",
            SeenAt = DateTime.MaxValue,
            StartedAt = DateTime.MaxValue,
        };
        await workers.RegisterAsync(
            worker with { Slots = [new SlotRecord { WorkerId = worker.Id, Name = "cpu", Device = "cpu", DeviceName = "cpu" }] },
            CancellationToken.None);

        var claim = (await leases.ClaimAsync((await Experiments.SubmitAsync(database))[0], worker.Id, "host", "cpu", Guid.NewGuid(), CancellationToken.None))!;
        await leases.RenewAsync(claim, CancellationToken.None);
        await workers.HeartbeatAsync(worker.Id, CancellationToken.None);
        await leases.ExpireAsync(CancellationToken.None);
        await workers.MarkLostAsync(new LeaseSettings(), CancellationToken.None);
        await using (var fence = await FencedTransaction.BeginAsync(watched, claim, CancellationToken.None))
        {
            await MetricStore.AddAsync(fence, [new MetricPoint("val/f1", 1, 0, 0.5)], CancellationToken.None);
            await LogStore.AddAsync(fence, [new LogLine { Seq = 1, Text = "line", At = DateTime.MaxValue }], CancellationToken.None);
            await EventStore.AddAsync(fence, "something", null, 2, CancellationToken.None);
            await ProgressStore.SetAsync(fence, new RunProgress(0, 1, 2, 0.5, 1, new LoaderFigures()), CancellationToken.None);
            await fence.CommitAsync(CancellationToken.None);
        }
        await new AttemptStore(watched).EndAsync(claim, AttemptEnding.Succeeded, null, retryable: false, new LeaseSettings(), CancellationToken.None);
        await workers.SetStateAsync(worker.Id, WorkerState.Stopped, CancellationToken.None);

        // The lease's length was seen going by, so times would have been seen too.
        Assert.Contains(sent.Values, value => value is TimeSpan);
        Assert.DoesNotContain(sent.Values, value => value is DateTime or DateTimeOffset or DateOnly or TimeOnly);
    }

    /// <summary>The values of all parameters that Npgsql logs.</summary>
    private sealed class SentValues : ILoggerFactory, ILogger
    {
        private readonly ConcurrentBag<object?> _values = [];

        public IReadOnlyCollection<object?> Values => _values;

        public ILogger CreateLogger(string categoryName) => this;

        public void AddProvider(ILoggerProvider provider)
        {
        }

        public void Dispose()
        {
        }

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            foreach (var (_, value) in state as IEnumerable<KeyValuePair<string, object?>> ?? [])
                Keep(value);
        }

        private void Keep(object? value)
        {
            if (value is IEnumerable many and not string)
            {
                foreach (var one in many)
                    Keep(one);
            }
            else
            {
                _values.Add(value);
            }
        }
    }
}
