using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.Database;
using ChangeDetection.Core.Queue;
using ChangeDetection.TestKit;
using Dapper;
using Hangfire;

namespace ChangeDetection.Core.Tests.Queue;

[Needs(Resource.Database, Resource.Processes)]
public sealed class QueueTests(PostgresServer server)
{
    [Fact]
    public void ServedBy_Priorities_StandInAlphabeticalOrderByUrgency()
    {
        var names = QueueNames.ServedBy(DeviceClass.Gpu);
        Assert.Equal(names.Order(StringComparer.Ordinal), names);
        Assert.Equal(("q0-any", "q0-gpu", "q9-gpu"), (names[0], names[1], names[^1]));
        Assert.Equal("q0-gpu", QueueNames.For(9, DeviceClass.Gpu));
    }

    /// <summary>A file that is converted holds no device, so what takes for a device must not take it.</summary>
    [Fact]
    public void Imports_StandInQueuesOfTheirOwn()
    {
        Assert.Equal("q0-import", QueueNames.For(9, DeviceClass.Gpu, isImport: true));
        Assert.Equal(("q0-import", "q9-import", 10), (QueueNames.Imports[0], QueueNames.Imports[^1], QueueNames.Imports.Count));
        Assert.Empty(QueueNames.Imports.Intersect(QueueNames.ServedBy(DeviceClass.Cpu).Concat(QueueNames.ServedBy(DeviceClass.Gpu))));
    }

    [Fact]
    public async Task Enqueue_RunsThatWait_GetOneQueueJobEachInTheirQueue()
    {
        await using var database = await server.CreateDatabaseAsync();
        await Experiments.SubmitAsync(database, 2, priority: 9, device: DeviceClass.Gpu);
        await Experiments.SubmitAsync(database, 1, priority: 0, device: DeviceClass.Any);
        await Experiments.SubmitPairAsync(database);
        var queue = new RunQueue(database.DataSource, HangfireSetup.CreateStorage(database.ConnectionString));

        Assert.Equal(4, await queue.EnqueueWaitingAsync(CancellationToken.None));
        Assert.Equal(0, await queue.EnqueueWaitingAsync(CancellationToken.None));

        Assert.Equal(["q0-gpu", "q0-gpu", "q4-any", "q9-any"], await QueuesAsync(database));
    }

    [Fact]
    public async Task ForgetLostQueueJobs_SchemaDropped_EveryRunGetsANewQueueJobOnce()
    {
        await using var database = await server.CreateDatabaseAsync();
        await Experiments.SubmitAsync(database, 20);
        var queue = new RunQueue(database.DataSource, HangfireSetup.CreateStorage(database.ConnectionString));
        await queue.EnqueueWaitingAsync(CancellationToken.None);
        await using (var connection = await database.DataSource.OpenConnectionAsync())
        {
            await connection.ExecuteAsync("drop schema hangfire cascade");
            HangfireSchema.Install(connection);
        }

        Assert.Equal(20, await queue.ForgetLostQueueJobsAsync(CancellationToken.None));
        Assert.Equal(20, await queue.EnqueueWaitingAsync(CancellationToken.None));
        Assert.Equal(0, await queue.ForgetLostQueueJobsAsync(CancellationToken.None));
        Assert.Equal(20, (await QueuesAsync(database)).Count);
    }

    [Fact]
    public async Task QueueJob_HandWrittenRowNamingAnotherType_IsRefused()
    {
        await using var database = await server.CreateDatabaseAsync();
        var storage = HangfireSetup.CreateStorage(database.ConnectionString);
        var victim = Path.Combine(Path.GetTempPath(), $"changedetection-{Guid.NewGuid():N}");
        await using (var connection = await database.DataSource.OpenConnectionAsync())
        {
            await connection.ExecuteAsync(
                """
                with job as (insert into hangfire.job (invocationdata, arguments, createdat) values (@invocation::jsonb, '[]', now()) returning id)
                insert into hangfire.jobqueue (jobid, queue) select id, 'q0-any' from job
                """,
                new
                {
                    invocation = System.Text.Json.JsonSerializer.Serialize(new
                    {
                        Type = "System.IO.File, System.Private.CoreLib",
                        Method = "WriteAllText",
                        ParameterTypes = "[\"System.String, System.Private.CoreLib\",\"System.String, System.Private.CoreLib\"]",
                        Arguments = $"[\"\\\"{victim}\\\"\",\"\\\"owned\\\"\"]",
                    }),
                });
        }
        var job = new RecordingJob();
        var options = HangfireSetup.ServerOptions("test", DeviceClass.Cpu, 1, TimeSpan.FromSeconds(1), new OneJobActivator(job));
        var run = (await Experiments.SubmitAsync(database, priority: 0))[0];
        using (new BackgroundJobServer(options, storage))
        {
            await new RunQueue(database.DataSource, storage).EnqueueWaitingAsync(CancellationToken.None);
            // The honest queue job stands behind the poisoned one in the order of the queues.
            Assert.Equal(run, await job.First.WaitAsync(TimeSpan.FromSeconds(30)));
        }
        Assert.False(File.Exists(victim));
    }

    private static async Task<IReadOnlyList<string>> QueuesAsync(TestDatabase database)
    {
        await using var connection = await database.DataSource.OpenConnectionAsync();
        return (await connection.QueryAsync<string>("select queue from hangfire.jobqueue order by queue")).ToList();
    }

    private sealed class RecordingJob : IRunJob
    {
        private readonly TaskCompletionSource<Guid> _first = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<Guid> First => _first.Task;

        public Task ExecuteAsync(Guid run, CancellationToken cancellationToken)
        {
            _first.TrySetResult(run);
            return Task.CompletedTask;
        }
    }

    private sealed class OneJobActivator(IRunJob job) : JobActivator
    {
        public override object ActivateJob(Type jobType) => job;
    }
}
