using System.Diagnostics;
using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.Runs;
using ChangeDetection.Core.Workers;
using ChangeDetection.TestKit;
using Dapper;
using Npgsql;

namespace ChangeDetection.Scheduler.Tests.Daemon;

[Needs(Resource.Database, Resource.Processes)]
public sealed class ReconcilerTests(PostgresServer server)
{
    private static readonly LeaseSettings s_short = new() { Duration = TimeSpan.FromSeconds(2) };

    [Fact]
    public async Task Submit_GetsAQueueJobWithinASecond_BecauseTheDatabaseTells()
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var reconciler = await RunningReconciler.StartAsync(database);
        await reconciler.UntilQueueJobAsync((await Experiments.SubmitAsync(database))[0]);

        // Each comes right after a round has ended: the timer alone would take two seconds for each.
        var clock = Stopwatch.StartNew();
        const int runs = 5;
        for (var i = 0; i < runs; i++)
            await reconciler.UntilQueueJobAsync((await Experiments.SubmitAsync(database))[0]);
        Assert.InRange(clock.Elapsed.TotalSeconds, 0, runs);
    }

    [Fact]
    public async Task HangfireSchema_DroppedWithTwentyRunsQueued_EachHasOneLiveQueueJobAgain()
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var reconciler = await RunningReconciler.StartAsync(database);
        var runs = await Experiments.SubmitAsync(database, 20);
        foreach (var run in runs)
            await reconciler.UntilQueueJobAsync(run);

        await using var connection = await database.DataSource.OpenConnectionAsync();
        await connection.ExecuteAsync("drop schema hangfire cascade");
        await Eventually.TrueAsync("twenty live queue jobs", async () => await LiveQueueJobsAsync(connection) >= 20, TimeSpan.FromSeconds(30));
        foreach (var run in runs)
            await reconciler.UntilQueueJobAsync(run);

        Assert.Equal(20, await LiveQueueJobsAsync(connection));
        Assert.Equal(20, await connection.ExecuteScalarAsync<int>("select count(distinct hangfire_job) from runs where state = 'queued'"));
    }

    [Fact]
    public async Task GpuRun_WithoutAGpuWorker_SaysWhyItWaitsUntilOneRegisters()
    {
        await using var database = await server.CreateDatabaseAsync();
        await RegisterAsync(database, "cpu");
        var run = (await Experiments.SubmitAsync(database, device: DeviceClass.Gpu))[0];
        await using var reconciler = await RunningReconciler.StartAsync(database);
        await reconciler.UntilAsync(run, "the reason", found => found.Reason == "waits for a worker with a gpu, and none is up");

        await RegisterAsync(database, "gpu");
        await reconciler.UntilAsync(run, "no reason", found => found.Reason is null);
    }

    [Fact]
    public async Task Run_WithUnfitWorkersOnly_SaysWhatIsWrongWithThem_UntilOneIsFit()
    {
        await using var database = await server.CreateDatabaseAsync();
        var unfit = await RegisterAsync(database, "cpu", WorkerState.Unfit, "store: it cannot be written to.");
        await RegisterAsync(database, "gpu", WorkerState.SetAside, "two different runs died");
        var any = (await Experiments.SubmitAsync(database))[0];
        var gpu = (await Experiments.SubmitAsync(database, device: DeviceClass.Gpu))[0];
        await using var reconciler = await RunningReconciler.StartAsync(database);
        await reconciler.UntilAsync(any, "both reasons", found => found.Reason ==
            "waits for a worker: none is fit: host cpu is unfit (store: it cannot be written to.); host gpu is set-aside (two different runs died)");
        await reconciler.UntilAsync(gpu, "its reason", found => found.Reason ==
            "waits for a worker with a gpu, and none is fit: host gpu is set-aside (two different runs died)");

        await new WorkerStore(database.DataSource).SetFitnessAsync(unfit, [new("cpu", WorkerState.Ready, null)], null, CancellationToken.None);

        await reconciler.UntilAsync(any, "no reason", found => found.Reason is null);
    }

    [Fact]
    public async Task Child_OfAParentThatSucceeded_IsReleasedWithAQueueJob()
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var reconciler = await RunningReconciler.StartAsync(database);
        var (parent, child) = await Experiments.SubmitPairAsync(database);
        await reconciler.UntilQueueJobAsync(parent);
        var waiting = await reconciler.FindAsync(child);
        Assert.Equal((1, $"waits for {parent}"), (waiting.WaitsFor, waiting.Reason));
        Assert.Null(await reconciler.QueueJobAsync(child));

        await EndAsync(database, parent, AttemptEnding.Succeeded, null);

        await reconciler.UntilQueueJobAsync(child);
        var released = await reconciler.FindAsync(child);
        Assert.Equal((RunState.Queued, 0), (released.State, released.WaitsFor));
        Assert.NotEqual($"waits for {parent}", released.Reason);
    }

    [Fact]
    public async Task Child_OfAParentThatFailed_IsCancelledWithTheReason()
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var reconciler = await RunningReconciler.StartAsync(database);
        var (parent, child) = await Experiments.SubmitPairAsync(database);

        await EndAsync(database, parent, AttemptEnding.Failed, "loss is not a number");

        var cancelled = await reconciler.UntilAsync(child, "the child's end", found => found.State.IsTerminal());
        Assert.Equal((RunState.Cancelled, $"{parent} failed"), (cancelled.State, cancelled.Reason));
        Assert.Null(await reconciler.QueueJobAsync(child));
    }

    [Fact]
    public async Task Lease_ThatRanOut_IsTakenBackAndTheRunGetsANewQueueJob()
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var reconciler = await RunningReconciler.StartAsync(database, s_short);
        var run = (await Experiments.SubmitAsync(database))[0];
        var first = await reconciler.UntilQueueJobAsync(run);
        await ClaimAsync(database, run);
        await using (var connection = await database.DataSource.OpenConnectionAsync())
            await connection.ExecuteAsync("delete from hangfire.jobqueue where jobid = @first", new { first });

        var requeued = await reconciler.UntilAsync(run, "the run to be queued again", found => found.State is RunState.Queued);

        Assert.Equal((1, 1, 0), (requeued.Attempt, requeued.Deaths, requeued.Errors));
        Assert.Equal("its worker fell silent", requeued.Reason);
        Assert.NotEqual(first, await reconciler.UntilQueueJobAsync(run));
    }

    /// <summary>None while the schema is away.</summary>
    private static async Task<int> LiveQueueJobsAsync(NpgsqlConnection connection) =>
        await connection.ExecuteScalarAsync<bool>("select to_regclass('hangfire.jobqueue') is not null")
            ? await connection.ExecuteScalarAsync<int>("select count(*) from hangfire.jobqueue where fetchedat is null")
            : 0;

    private static async Task<Claim> ClaimAsync(TestDatabase database, Guid run) =>
        (await new LeaseStore(database.DataSource, s_short).ClaimAsync(run, Guid.NewGuid(), "host", "cpu", Guid.NewGuid(), CancellationToken.None))!;

    private static async Task EndAsync(TestDatabase database, Guid run, AttemptEnding ending, string? detail) =>
        await new AttemptStore(database.DataSource).EndAsync(
            await ClaimAsync(database, run), ending, detail, retryable: false, s_short, CancellationToken.None);

    private static async Task<Guid> RegisterAsync(
        TestDatabase database, string device, WorkerState state = WorkerState.Ready, string? reason = null)
    {
        var worker = new WorkerRecord { Id = Guid.NewGuid(), Host = "host", Pid = 1, Version = "test" };
        var slot = new SlotRecord { WorkerId = worker.Id, Name = device, Device = device, DeviceName = device, State = state, Reason = reason };
        await new WorkerStore(database.DataSource).RegisterAsync(worker with { Slots = [slot] }, CancellationToken.None);
        return worker.Id;
    }
}
