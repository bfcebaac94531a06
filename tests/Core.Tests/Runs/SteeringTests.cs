using ChangeDetection.Core.Runs;
using ChangeDetection.TestKit;
using Npgsql;

namespace ChangeDetection.Core.Tests.Runs;

/// <summary>P3: what a user may ask of a run, what comes of it, and what is answered where it cannot be.</summary>
[Needs(Resource.Database, Resource.Processes)]
public sealed class SteeringTests(PostgresServer server)
{
    private static readonly LeaseSettings s_lease = new() { MaxDeaths = 1 };

    [Fact]
    public async Task Pause_OfAQueuedRun_TakesItOutOfReachUntilResumed()
    {
        await using var database = await server.CreateDatabaseAsync();
        var run = (await Experiments.SubmitAsync(database))[0];

        Assert.Equal((true, RunState.Paused, "paused"), Brief(await ApplyAsync(database, RunAction.Pause, run)));
        Assert.Null(await TryClaimAsync(database, run));
        Assert.Equal("paused by the user", (await FindAsync(database, run)).Reason);

        Assert.Equal((true, RunState.Queued, "queued again"), Brief(await ApplyAsync(database, RunAction.Resume, run)));
        Assert.Null((await FindAsync(database, run)).Reason);
        Assert.NotNull(await TryClaimAsync(database, run));
        Assert.Equal(["submitted", "paused", "resumed", "claimed"], await EventsAsync(database, run));
    }

    [Fact]
    public async Task Pause_OfARunningRun_IsBroughtByTheRenewalAndFreesTheSlot()
    {
        await using var database = await server.CreateDatabaseAsync();
        var claim = await ClaimAsync(database, (await Experiments.SubmitAsync(database))[0]);

        Assert.Equal((true, RunState.Running, "asked to pause"), Brief(await ApplyAsync(database, RunAction.Pause, claim.Run)));
        Assert.True((await new LeaseStore(database.DataSource, s_lease).RenewAsync(claim, CancellationToken.None)).PauseRequested);
        Assert.Equal((true, RunState.Running, "asked to pause already"), Brief(await ApplyAsync(database, RunAction.Pause, claim.Run)));

        Assert.Equal(RunState.Paused, await EndAsync(database, claim, AttemptEnding.Preempted));
        var paused = await FindAsync(database, claim.Run);
        Assert.Equal((RunState.Paused, null, "paused by the user", 0, 0), (paused.State, paused.WorkerId, paused.Reason, paused.Deaths, paused.Errors));
        Assert.Equal(["submitted", "claimed", "pause-requested", "preempted", "paused"], await EventsAsync(database, claim.Run));
        await ApplyAsync(database, RunAction.Resume, claim.Run);
        Assert.Equal(2, (await ClaimAsync(database, claim.Run)).Attempt);
    }

    [Fact]
    public async Task Resume_BeforeTheTrainerStopped_TakesThePauseBack()
    {
        await using var database = await server.CreateDatabaseAsync();
        var claim = await ClaimAsync(database, (await Experiments.SubmitAsync(database))[0]);
        await ApplyAsync(database, RunAction.Pause, claim.Run);

        Assert.Equal((true, RunState.Running, "its pause is taken back"), Brief(await ApplyAsync(database, RunAction.Resume, claim.Run)));

        Assert.False((await new LeaseStore(database.DataSource, s_lease).RenewAsync(claim, CancellationToken.None)).PauseRequested);
        // The trainer had been asked already, and stops: the run goes straight back to the queue.
        Assert.Equal(RunState.Queued, await EndAsync(database, claim, AttemptEnding.Preempted));
    }

    [Fact]
    public async Task Pause_OfARunThatDies_IsKept()
    {
        await using var database = await server.CreateDatabaseAsync();
        var claim = await ClaimAsync(database, (await Experiments.SubmitAsync(database))[0]);
        await ApplyAsync(database, RunAction.Pause, claim.Run);
        var patient = new LeaseSettings { Duration = TimeSpan.Zero, MaxDeaths = 3 };
        await new LeaseStore(database.DataSource, patient).RenewAsync(claim, CancellationToken.None);

        await new LeaseStore(database.DataSource, patient).ExpireAsync(CancellationToken.None);

        var run = await FindAsync(database, claim.Run);
        Assert.Equal((RunState.Paused, "paused by the user", 1), (run.State, run.Reason, run.Deaths));
    }

    [Fact]
    public async Task Retry_OfAFailedRun_CountsFromZeroAndKeepsTheOldReasonInTheLedger()
    {
        await using var database = await server.CreateDatabaseAsync();
        var claim = await ClaimAsync(database, (await Experiments.SubmitAsync(database))[0]);
        Assert.Equal(RunState.Failed, await EndAsync(database, claim, AttemptEnding.Died));

        Assert.Equal((true, RunState.Queued, "queued again"), Brief(await ApplyAsync(database, RunAction.Retry, claim.Run)));

        var run = await FindAsync(database, claim.Run);
        Assert.Equal((0, 0, null, null, 1), (run.Deaths, run.Errors, run.Reason, run.FinishedAt, run.Attempt));
        var told = (await new EventStore(database.DataSource).ListAsync(claim.Run, CancellationToken.None))[^1];
        Assert.Equal(("retried", "by the user; before: failed, died 1 times; the last time: why"), (told.Type, told.Detail));
        Assert.Equal(2, (await ClaimAsync(database, claim.Run)).Attempt);
    }

    [Fact]
    public async Task Retry_OfACancelledRun_ForgetsTheWishButNotWithFailedOnly()
    {
        await using var database = await server.CreateDatabaseAsync();
        var run = (await Experiments.SubmitAsync(database))[0];
        await ApplyAsync(database, RunAction.Cancel, run);

        Assert.Equal(
            (false, RunState.Cancelled, "is cancelled, so --failed-only leaves it. It can be retried."),
            Brief(await ApplyAsync(database, RunAction.RetryFailed, run)));
        Assert.Equal((true, RunState.Queued, "queued again"), Brief(await ApplyAsync(database, RunAction.Retry, run)));

        Assert.NotNull(await TryClaimAsync(database, run));
    }

    [Fact]
    public async Task Retry_OfAParent_BringsBackWhatWasCancelledForItAndNothingElse()
    {
        await using var database = await server.CreateDatabaseAsync();
        var (parent, child) = await Experiments.SubmitPairAsync(database);
        await EndAsync(database, await ClaimAsync(database, parent), AttemptEnding.Failed);
        await SettleAsync(database);
        Assert.Equal(RunState.Cancelled, (await FindAsync(database, child)).State);

        var refused = await ApplyAsync(database, RunAction.Retry, child);
        Assert.Equal((false, RunState.Cancelled, $"waits for run {parent}, which failed. Retry that one, and this comes back with it."), Brief(refused));
        await ApplyAsync(database, RunAction.RetryFailed, parent);
        await SettleAsync(database);

        var back = await FindAsync(database, child);
        Assert.Equal((RunState.Queued, 1, $"waits for {parent}", null), (back.State, back.WaitsFor, back.Reason, back.FinishedAt));
        Assert.Equal(["submitted", "cancelled", "retried"], await EventsAsync(database, child));

        // What the user cancelled stays, however often its parent is retried.
        await ApplyAsync(database, RunAction.Cancel, child);
        await EndAsync(database, await ClaimAsync(database, parent), AttemptEnding.Failed);
        await ApplyAsync(database, RunAction.Retry, parent);
        await SettleAsync(database);
        Assert.Equal(RunState.Cancelled, (await FindAsync(database, child)).State);
    }

    [Fact]
    public async Task Retry_OfAParentThatSucceedsBeforeAnybodyLooks_LosesNoChild()
    {
        await using var database = await server.CreateDatabaseAsync();
        var (parent, child) = await Experiments.SubmitPairAsync(database);
        await EndAsync(database, await ClaimAsync(database, parent), AttemptEnding.Failed);
        await SettleAsync(database);
        await ApplyAsync(database, RunAction.Retry, parent);
        await EndAsync(database, await ClaimAsync(database, parent), AttemptEnding.Succeeded);

        await SettleAsync(database);

        var released = await FindAsync(database, child);
        Assert.Equal((RunState.Queued, 0, null), (released.State, released.WaitsFor, released.Reason));
    }

    [Fact]
    public async Task Pause_OfARunThatWaits_KeepsWhatItWaitsFor()
    {
        await using var database = await server.CreateDatabaseAsync();
        var (parent, child) = await Experiments.SubmitPairAsync(database);
        await ApplyAsync(database, RunAction.Pause, child);
        await ApplyAsync(database, RunAction.Resume, child);
        Assert.Equal((1, $"waits for {parent}"), ((await FindAsync(database, child)).WaitsFor, (await FindAsync(database, child)).Reason));

        await ApplyAsync(database, RunAction.Pause, child);
        await EndAsync(database, await ClaimAsync(database, parent), AttemptEnding.Succeeded);
        await SettleAsync(database);
        var paused = await FindAsync(database, child);
        Assert.Equal((RunState.Paused, 0, "paused by the user"), (paused.State, paused.WaitsFor, paused.Reason));
        await ApplyAsync(database, RunAction.Resume, child);
        Assert.Null((await FindAsync(database, child)).Reason);
        Assert.NotNull(await TryClaimAsync(database, child));
    }

    [Theory]
    [InlineData(RunAction.Resume, "is queued, so it cannot be resumed. It can be paused or cancelled.")]
    [InlineData(RunAction.Retry, "is queued, so it cannot be retried. It can be paused or cancelled.")]
    public async Task Ask_WhatAQueuedRunCannotDo_NamesTheStateAndWhatItCan(RunAction action, string words)
    {
        await using var database = await server.CreateDatabaseAsync();
        Assert.Equal((false, RunState.Queued, words), Brief(await ApplyAsync(database, action, (await Experiments.SubmitAsync(database))[0])));
    }

    [Theory]
    [InlineData(RunAction.Cancel)]
    [InlineData(RunAction.Pause)]
    [InlineData(RunAction.Resume)]
    [InlineData(RunAction.Retry)]
    public async Task Ask_AnythingOfARunThatSucceeded_ChangesNothing(RunAction action)
    {
        await using var database = await server.CreateDatabaseAsync();
        var claim = await ClaimAsync(database, (await Experiments.SubmitAsync(database))[0]);
        await EndAsync(database, claim, AttemptEnding.Succeeded);
        var before = await FindAsync(database, claim.Run);

        var answer = await ApplyAsync(database, action, claim.Run);

        Assert.False(answer.Granted);
        Assert.StartsWith("has succeeded, so it cannot be ", answer.Words, StringComparison.Ordinal);
        Assert.Equal(before, await FindAsync(database, claim.Run));
    }

    [Fact]
    public async Task Ask_OfARunThatIsNone_IsNoAnswer()
    {
        await using var database = await server.CreateDatabaseAsync();
        Assert.Null(await new RunActionStore(database.DataSource).ApplyAsync(RunAction.Pause, Guid.NewGuid(), CancellationToken.None));
    }

    [Fact]
    public async Task Pause_OfARunningRun_IsToldByTheDatabaseAtOnce()
    {
        await using var database = await server.CreateDatabaseAsync();
        var claim = await ClaimAsync(database, (await Experiments.SubmitAsync(database))[0]);
        await using var connection = await database.DataSource.OpenConnectionAsync();
        await using (var listen = new NpgsqlCommand("listen changedetection_runs", connection))
            await listen.ExecuteNonQueryAsync();

        foreach (var action in new[] { RunAction.Pause, RunAction.Resume })
        {
            await ApplyAsync(database, action, claim.Run);
            Assert.True(await connection.WaitAsync(TimeSpan.FromSeconds(10), CancellationToken.None), $"nothing was told of {action}");
        }
    }

    [Theory]
    [InlineData(AttemptEnding.Succeeded, RunState.Succeeded)]
    [InlineData(AttemptEnding.Preempted, RunState.Cancelled)]
    [InlineData(AttemptEnding.Failed, null)]
    [InlineData(AttemptEnding.Died, null)]
    public async Task Cancel_RacingWithTheEnd_LeavesOneTerminalState(AttemptEnding ending, RunState? always)
    {
        const int rounds = 250;
        await using var database = await server.CreateDatabaseAsync();
        var runs = await Experiments.SubmitAsync(database, rounds);
        await Parallel.ForEachAsync(runs, new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (run, _) =>
        {
            var claim = await ClaimAsync(database, run);
            var cancel = ApplyAsync(database, RunAction.Cancel, run);
            var end = EndAsync(database, claim, ending);
            await Task.WhenAll(cancel, end);

            var after = (await FindAsync(database, run)).State;
            Assert.True(after.IsTerminal(), $"{ending}, then {after}");
            Assert.Equal(always ?? after, after);
            Assert.Single(await EventsAsync(database, run), type => type == after.Word());
            await SettleAsync(database);
            Assert.Equal(after, (await FindAsync(database, run)).State);
        });
    }

    private static (bool, RunState, string) Brief(ActionResult answer) => (answer.Granted, answer.State, answer.Words);

    private static async Task<ActionResult> ApplyAsync(TestDatabase database, RunAction action, Guid run) =>
        (await new RunActionStore(database.DataSource).ApplyAsync(action, run, CancellationToken.None))!;

    private static Task<Claim?> TryClaimAsync(TestDatabase database, Guid run) =>
        new LeaseStore(database.DataSource, s_lease).ClaimAsync(run, Guid.CreateVersion7(), "host", "cpu", Guid.CreateVersion7(), CancellationToken.None);

    private static async Task<Claim> ClaimAsync(TestDatabase database, Guid run) =>
        await TryClaimAsync(database, run) ?? throw new InvalidOperationException("not claimable");

    private static Task<RunState> EndAsync(TestDatabase database, Claim claim, AttemptEnding ending) =>
        new AttemptStore(database.DataSource).EndAsync(claim, ending, "why", retryable: true, s_lease, CancellationToken.None);

    private static Task SettleAsync(TestDatabase database) => new DependencyStore(database.DataSource).SettleAsync(CancellationToken.None);

    private static async Task<List<string>> EventsAsync(TestDatabase database, Guid run) =>
        [.. (await new EventStore(database.DataSource).ListAsync(run, CancellationToken.None)).Select(entry => entry.Type)];

    private static async Task<Run> FindAsync(TestDatabase database, Guid run) =>
        (await new RunStore(database.DataSource).FindAsync(run, CancellationToken.None))!;
}
