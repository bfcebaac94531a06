using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.Runs;
using ChangeDetection.TestKit;
using Dapper;

namespace ChangeDetection.Core.Tests.Runs;

/// <summary>P5: what is kept is what the config says, of what is intact; and nothing that anybody still refers to is let go.</summary>
[Needs(Resource.Database, Resource.Processes)]
public sealed class RetentionTests(PostgresServer server)
{
    private static readonly LeaseSettings s_lease = new();

    [Fact]
    public async Task Retire_KeepsTheNewestAndTheBest()
    {
        await using var database = await server.CreateDatabaseAsync();
        var claim = await ClaimAsync(database, (await Experiments.SubmitAsync(database))[0]);
        foreach (var step in Enumerable.Range(1, 6))
            await PublishAsync(database, claim, step, best: step is 1 or 3, keepBest: 1, keepLast: 2);

        var kept = await ListAsync(database, claim.Run);

        Assert.Equal([6L, 5, 3], kept.Select(checkpoint => checkpoint.Step));
        Assert.Equal([3L], kept.Where(checkpoint => checkpoint.Best).Select(checkpoint => checkpoint.Step));
        Assert.Equal([6L], kept.Where(checkpoint => checkpoint.Last).Select(checkpoint => checkpoint.Step));
    }

    [Fact]
    public async Task Retire_AfterAFallback_KeepsWhatIsPublishedNowRatherThanWhatHasTheHigherStep()
    {
        await using var database = await server.CreateDatabaseAsync();
        var first = await ClaimAsync(database, (await Experiments.SubmitAsync(database))[0]);
        await PublishAsync(database, first, 10, best: true, keepBest: 1, keepLast: 2);
        await PublishAsync(database, first, 20, best: true, keepBest: 1, keepLast: 2);

        // Step 20 was damaged; the next attempt goes on from step 10.
        var second = await OvertakeAsync(database, first);
        await InFenceAsync(database, second, fence => CheckpointStore.MarkDamagedAsync(fence, Prefix(first, 20), CancellationToken.None));
        Assert.Equal([(10L, false), (20, true)], (await ListAsync(database, first.Run)).Select(checkpoint => (checkpoint.Step, checkpoint.Damaged)));
        Assert.Equal(10, (await new CheckpointStore(database.DataSource).FindAsync(first.Run, CheckpointChoice.Best, CancellationToken.None))!.Step);

        await PublishAsync(database, second, 15, best: false, keepBest: 1, keepLast: 2);
        var kept = await ListAsync(database, first.Run);
        // Two intact ones are there: the damaged one is not counted, and may go.
        Assert.Equal([(15L, 2), (10, 1)], kept.Select(checkpoint => (checkpoint.Step, checkpoint.Attempt)));
        Assert.True(kept[0].Last);
        Assert.True(kept[1].Best);
    }

    [Fact]
    public async Task Retire_WithKeepLastOne_NeverRetiresWhatWasJustPublished()
    {
        await using var database = await server.CreateDatabaseAsync();
        var first = await ClaimAsync(database, (await Experiments.SubmitAsync(database))[0]);
        await PublishAsync(database, first, 20, best: false, keepBest: 0, keepLast: 1);
        var second = await OvertakeAsync(database, first);

        await PublishAsync(database, second, 10, best: false, keepBest: 0, keepLast: 1);

        Assert.Equal([10L], (await ListAsync(database, first.Run)).Select(checkpoint => checkpoint.Step));
    }

    [Theory]
    [InlineData("queued", true)]
    [InlineData("paused", true)]
    [InlineData("cancelled", false)]
    public async Task Retire_WithARunThatIsToReadTheBest_KeepsItThoughTheConfigKeepsNone(string reader, bool stays)
    {
        await using var database = await server.CreateDatabaseAsync();
        var (training, evaluation) = await Experiments.SubmitPairAsync(database);
        await ExecuteAsync(database, "update runs set state = @reader where id = @evaluation", new { reader, evaluation });
        var claim = await ClaimAsync(database, training);
        await PublishAsync(database, claim, 1, best: true, keepBest: 0, keepLast: 1);
        await PublishAsync(database, claim, 2, best: false, keepBest: 0, keepLast: 1);

        long[] kept = stays ? [2, 1] : [2];
        Assert.Equal(kept, (await ListAsync(database, training)).Select(checkpoint => checkpoint.Step));
    }

    [Fact]
    public async Task Retired_IsHeldWhileARunMayBeReadingIt_AndDueAfterItsGraceTime()
    {
        await using var database = await server.CreateDatabaseAsync();
        var (training, evaluation) = await Experiments.SubmitPairAsync(database);
        var warm = (await Experiments.SubmitAsync(database))[0];
        var claim = await ClaimAsync(database, training);
        await PublishAsync(database, claim, 1, best: false, keepBest: 1, keepLast: 1);
        await PublishAsync(database, claim, 2, best: false, keepBest: 1, keepLast: 1);

        var retired = await RetiredAsync(database, TimeSpan.FromHours(1));
        Assert.Equal((1L, false, null), (retired.Step, retired.Due, retired.HeldBy));
        var due = await RetiredAsync(database, TimeSpan.Zero);
        Assert.True(due.Due);
        Assert.Equal(TimeSpan.FromHours(1), retired.DueAt - due.DueAt);

        // An evaluation of a run that still trains was given its checkpoint when it was claimed.
        await ExecuteAsync(database, "update runs set waits_for = 0 where id = @evaluation", new { evaluation });
        var reading = await ClaimAsync(database, evaluation);
        Assert.Equal(evaluation, (await RetiredAsync(database, TimeSpan.Zero)).HeldBy);
        await new AttemptStore(database.DataSource).EndAsync(reading, AttemptEnding.Succeeded, null, false, s_lease, CancellationToken.None);
        Assert.Null((await RetiredAsync(database, TimeSpan.Zero)).HeldBy);

        // A run that starts from its weights, and has not begun.
        var init = $"file:///store/{Prefix(claim, 1)}/weights.safetensors";
        await ExecuteAsync(database, "update runs set config = jsonb_set(config, '{model,init}', to_jsonb(@init::text)) where id = @warm", new { init, warm });
        Assert.Equal(warm, (await RetiredAsync(database, TimeSpan.Zero)).HeldBy);
        // Or from a part of them.
        await ExecuteAsync(
            database,
            """
            update runs set config = jsonb_set(config, '{model,init}', jsonb_build_object('from', @init::text, 'only', '["bn11"]'::jsonb)) where id = @warm
            """,
            new { init, warm });
        Assert.Equal(warm, (await RetiredAsync(database, TimeSpan.Zero)).HeldBy);
    }

    private static string Prefix(Claim claim, long step) => RunObject.Checkpoint(claim.Run, step, claim.Attempt).Value;

    private static async Task PublishAsync(TestDatabase database, Claim claim, long step, bool best, int keepBest, int keepLast) =>
        await InFenceAsync(database, claim, async fence =>
        {
            await CheckpointStore.AddAsync(
                fence, new CheckpointRecord { Step = step, Prefix = Prefix(claim, step),
                    WeightsSha256 = $"{step}", ManifestSha256 = "0", Best = best }, CancellationToken.None);
            await CheckpointStore.RetireAsync(fence, keepBest, keepLast, CancellationToken.None);
        });

    private static async Task InFenceAsync(TestDatabase database, Claim claim, Func<FencedTransaction, Task> write)
    {
        await using var fence = await FencedTransaction.BeginAsync(database.DataSource, claim, CancellationToken.None);
        await write(fence);
        await fence.CommitAsync(CancellationToken.None);
    }

    private static async Task<Claim> ClaimAsync(TestDatabase database, Guid run) =>
        await new LeaseStore(database.DataSource, s_lease).ClaimAsync(run, Guid.CreateVersion7(), "host", "cpu", Guid.CreateVersion7(), CancellationToken.None)
        ?? throw new InvalidOperationException("not claimable");

    private static async Task<Claim> OvertakeAsync(TestDatabase database, Claim claim)
    {
        await new AttemptStore(database.DataSource).EndAsync(claim, AttemptEnding.Preempted, "handed back", true, s_lease, CancellationToken.None);
        return await ClaimAsync(database, claim.Run);
    }

    private static Task<IReadOnlyList<CheckpointRecord>> ListAsync(TestDatabase database, Guid run) =>
        new CheckpointStore(database.DataSource).ListAsync(run, CancellationToken.None);

    private static async Task<RetiredCheckpoint> RetiredAsync(TestDatabase database, TimeSpan grace) =>
        Assert.Single(await new RetiredCheckpoints(database.DataSource).ListAsync(grace, CancellationToken.None));

    private static async Task ExecuteAsync(TestDatabase database, string sql, object parameters)
    {
        await using var connection = await database.DataSource.OpenConnectionAsync();
        await connection.ExecuteAsync(sql, parameters);
    }
}
