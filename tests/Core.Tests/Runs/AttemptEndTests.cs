using ChangeDetection.Core.Runs;
using ChangeDetection.TestKit;

namespace ChangeDetection.Core.Tests.Runs;

/// <summary>Each kind of end has its own budget, and every end leads to one legal state.</summary>
[Needs(Resource.Database, Resource.Processes)]
public sealed class AttemptEndTests(PostgresServer server)
{
    private static readonly LeaseSettings s_lease = new() { MaxDeaths = 2 };

    [Theory]
    [InlineData(AttemptEnding.Succeeded, false, RunState.Succeeded)]
    [InlineData(AttemptEnding.Failed, false, RunState.Failed)]
    [InlineData(AttemptEnding.Failed, true, RunState.Queued)]
    [InlineData(AttemptEnding.Died, true, RunState.Queued)]
    [InlineData(AttemptEnding.Died, false, RunState.Failed)]
    [InlineData(AttemptEnding.Preempted, true, RunState.Queued)]
    [InlineData(AttemptEnding.Cancelled, false, RunState.Cancelled)]
    public async Task End_FirstAttempt_MovesTheRun(AttemptEnding ending, bool retryable, RunState expected)
    {
        await using var database = await server.CreateDatabaseAsync();
        var claim = await ClaimAsync(database, (await Experiments.SubmitAsync(database, errors: 1))[0]);

        var state = await EndAsync(database, claim, ending, retryable);

        var run = await FindAsync(database, claim.Run);
        Assert.Equal((expected, expected), (state, run.State));
        Assert.True(RunTransitions.IsLegal(RunState.Running, state));
        Assert.Equal(
            (ending is AttemptEnding.Died ? 1 : 0, ending is AttemptEnding.Failed ? 1 : 0, ending is AttemptEnding.Preempted ? 1 : 0),
            (run.Deaths, run.Errors, run.Preemptions));
        Assert.Equal(expected.IsTerminal(), run.FinishedAt is not null);
    }

    [Fact]
    public async Task End_ErrorsBeyondTheBudget_Fails()
    {
        await using var database = await server.CreateDatabaseAsync();
        var run = (await Experiments.SubmitAsync(database, errors: 1))[0];
        Assert.Equal(RunState.Queued, await EndAsync(database, await ClaimAsync(database, run), AttemptEnding.Failed, true));
        Assert.Equal(RunState.Failed, await EndAsync(database, await ClaimAsync(database, run), AttemptEnding.Failed, true));
    }

    [Fact]
    public async Task End_DeathsAndPreemptions_UseUpNoErrors()
    {
        await using var database = await server.CreateDatabaseAsync();
        var run = (await Experiments.SubmitAsync(database))[0];
        for (var i = 0; i < 5; i++)
            Assert.Equal(RunState.Queued, await EndAsync(database, await ClaimAsync(database, run), AttemptEnding.Preempted, true));
        Assert.Equal(RunState.Queued, await EndAsync(database, await ClaimAsync(database, run), AttemptEnding.Died, true));
        Assert.Equal(RunState.Failed, await EndAsync(database, await ClaimAsync(database, run), AttemptEnding.Died, true));
        Assert.Equal(
            (2, 0, 5),
            ((await FindAsync(database, run)).Deaths, (await FindAsync(database, run)).Errors, (await FindAsync(database, run)).Preemptions));
    }

    [Fact]
    public async Task End_AnswerLost_TheSameEndAgainIsNoError()
    {
        await using var database = await server.CreateDatabaseAsync();
        var claim = await ClaimAsync(database, (await Experiments.SubmitAsync(database))[0]);
        await EndAsync(database, claim, AttemptEnding.Succeeded, false);

        Assert.Equal(RunState.Succeeded, await EndAsync(database, claim, AttemptEnding.Succeeded, false));
        Assert.Single(await new EventStore(database.DataSource).ListAsync(claim.Run, CancellationToken.None), entry => entry.Type == "succeeded");
    }

    [Fact]
    public async Task Settle_ParentSucceeded_ReleasesTheChildOnce()
    {
        await using var database = await server.CreateDatabaseAsync();
        var (parent, child) = await Experiments.SubmitPairAsync(database);
        Assert.Equal($"waits for {parent}", (await FindAsync(database, child)).Reason);
        await EndAsync(database, await ClaimAsync(database, parent), AttemptEnding.Succeeded, false);

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => new DependencyStore(database.DataSource).SettleAsync(CancellationToken.None)));

        var after = await FindAsync(database, child);
        Assert.Equal((RunState.Queued, 0, null), (after.State, after.WaitsFor, after.Reason));
    }

    [Fact]
    public async Task Settle_ParentFailed_CancelsTheChildAndSaysWhy()
    {
        await using var database = await server.CreateDatabaseAsync();
        var (parent, child) = await Experiments.SubmitPairAsync(database);
        await EndAsync(database, await ClaimAsync(database, parent), AttemptEnding.Failed, false);

        await new DependencyStore(database.DataSource).SettleAsync(CancellationToken.None);

        var after = await FindAsync(database, child);
        Assert.Equal((RunState.Cancelled, $"{parent} failed"), (after.State, after.Reason));
    }

    private static async Task<Claim> ClaimAsync(TestDatabase database, Guid run) =>
        await new LeaseStore(database.DataSource, s_lease).ClaimAsync(run, Guid.CreateVersion7(), "host", "cpu", Guid.CreateVersion7(), CancellationToken.None)
        ?? throw new InvalidOperationException("not claimable");

    private static Task<RunState> EndAsync(TestDatabase database, Claim claim, AttemptEnding ending, bool retryable) =>
        new AttemptStore(database.DataSource).EndAsync(claim, ending, "why", retryable, s_lease, CancellationToken.None);

    private static async Task<Run> FindAsync(TestDatabase database, Guid run) =>
        (await new RunStore(database.DataSource).FindAsync(run, CancellationToken.None))!;
}
