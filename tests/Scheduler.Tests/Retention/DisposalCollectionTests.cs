using ChangeDetection.Core.Checkpoints;
using ChangeDetection.Core.Hosting;
using ChangeDetection.Core.Identity;
using ChangeDetection.Core.Runs;
using ChangeDetection.Core.Runs.Retention;
using ChangeDetection.Core.Storage;
using ChangeDetection.Scheduler.Daemon;
using ChangeDetection.Scheduler.Tests.Daemon;
using ChangeDetection.TestKit;
using Dapper;

namespace ChangeDetection.Scheduler.Tests.Retention;

/// <summary>P5: what is put away goes from the store after its grace time, under any kill in between, and nothing else goes.</summary>
[Needs(Resource.Database, Resource.Processes)]
public sealed class DisposalCollectionTests(PostgresServer server) : IDisposable
{
    private static readonly TimeSpan s_hour = TimeSpan.FromHours(1);

    private readonly TemporaryFolder _folder = new();

    private FileObjectStore Store => new(_folder["store"]);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Optimizer_OfARunThatHasEnded_GoesAfterItsGraceTime_AndTheWeightsStay()
    {
        await using var database = await server.CreateDatabaseAsync();
        var run = await StoredRun.BeginAsync(database, Store);
        await run.PublishAsync(1, keepLast: 2, optimizer: 500);
        await run.PublishAsync(2, keepLast: 2, optimizer: 500);
        Assert.Empty(await run.CollectAsync(TimeSpan.Zero));
        await StoredRun.EndAsync(database, run.Claim);

        // A dry run tells of it before any row does.
        Assert.Equal([(LeftoverKind.Optimizer, LeftoverFate.Due)], Fates(await run.CollectAsync(TimeSpan.Zero, delete: false)));
        Assert.Equal([(LeftoverKind.Optimizer, LeftoverFate.Waits)], Fates(await run.CollectAsync(s_hour)));
        Assert.Equal(2 * 3, (await KeysAsync()).Count);
        var gone = Assert.Single(await run.CollectAsync(TimeSpan.Zero));

        Assert.Equal((LeftoverFate.Collected, 500L), (gone.Fate, gone.Bytes));
        Assert.Equal($"{RunObject.Checkpoint(run.Id, 1, 1)}/{CheckpointManifest.OptimizerFile}", gone.Key);
        Assert.Equal(
            [(2L, 100_550L, true), (1, 100_050, false)],
            (await ListAsync(database, run.Id)).Select(checkpoint => (checkpoint.Step, checkpoint.Bytes, checkpoint.Resumable)));
        Assert.Equal(2 * 3 - 1, (await KeysAsync()).Count);
        Assert.Empty(await run.CollectAsync(TimeSpan.Zero));
    }

    [Fact]
    public async Task Optimizer_CollectionKilledBetweenObjectAndRow_IsFinishedByTheNext()
    {
        await using var database = await server.CreateDatabaseAsync();
        var run = await StoredRun.BeginAsync(database, Store);
        await run.PublishAsync(1, keepLast: 2, optimizer: 500);
        await run.PublishAsync(2, keepLast: 2, optimizer: 500);
        await StoredRun.EndAsync(database, run.Claim);
        await using (var connection = await database.DataSource.OpenConnectionAsync())
            await connection.ExecuteAsync("update checkpoints set optimizer_bytes = null");
        await StoredRun.MarkAsync(database, Store);

        Assert.Equal(128 + 9, (await CliAsync(database, CrashPoints.ObjectsCollected, "checkpoint", "gc", "--grace", "00:00:00")).ExitCode);
        Assert.Equal(2 * 3 - 1, (await KeysAsync()).Count);
        Assert.Equal([(LeftoverKind.Optimizer, LeftoverFate.Collected)], Fates(await run.CollectAsync(TimeSpan.Zero)));

        Assert.Equal([100_550L, 100_050], (await ListAsync(database, run.Id)).Select(checkpoint => checkpoint.Bytes));
    }

    [Fact]
    public async Task Deleted_GoesAfterItsGraceTime_WithWhatComesLate_AndNoOtherRunsObjects()
    {
        await using var database = await server.CreateDatabaseAsync();
        var (run, other) = (await StoredRun.BeginAsync(database, Store), await StoredRun.BeginAsync(database, Store));
        await run.PublishAsync(1, optimizer: 500);
        await other.PublishAsync(1, optimizer: 500);
        await StoredRun.EndAsync(database, run.Claim);
        await StoredRun.EndAsync(database, other.Claim);
        await DeleteAsync(database, run.Id);

        Assert.Equal([(LeftoverKind.Orphaned, LeftoverFate.Waits)], Fates(await run.CollectAsync(s_hour, delete: false)));
        Assert.Equal([(LeftoverKind.Orphaned, LeftoverFate.Waits)], Fates(await run.CollectAsync(s_hour)));
        Assert.Equal(100_550, Assert.Single(await run.CollectAsync(TimeSpan.Zero)).Bytes);
        // A trainer that nobody could reach stores what it has, days later.
        await Store.PutAsync(
            RunObject.Checkpoint(run.Id, 9, 7) / CheckpointManifest.WeightsFile, (stream, token) => stream.WriteAsync(new byte[8], token).AsTask(),
            CancellationToken.None);
        Assert.Equal([(LeftoverKind.Orphaned, LeftoverFate.Collected)], Fates(await run.CollectAsync(TimeSpan.Zero)));

        Assert.Equal(3, (await KeysAsync()).Count);
        Assert.NotNull(await Store.LengthAsync(StoreMarker.Key, CancellationToken.None));
        Assert.All(await KeysAsync(), key => Assert.DoesNotContain($"{run.Id}", key, StringComparison.Ordinal));
        await using var connection = await database.DataSource.OpenConnectionAsync();
        Assert.Equal(0, await connection.ExecuteScalarAsync<long>("select left_bytes from deleted_runs"));
    }

    public static TheoryData<string> Points => [.. CrashPoints.OfDeletion, CrashPoints.ObjectsCollected];

    [Theory]
    [MemberData(nameof(Points))]
    public async Task Delete_KilledAt_HasHappenedOrNot_AndTheNextOneFinishes(string point)
    {
        await using var database = await server.CreateDatabaseAsync();
        var run = await StoredRun.BeginAsync(database, Store);
        await run.PublishAsync(1, keepLast: 2, optimizer: 500);
        await run.PublishAsync(2, keepLast: 2, optimizer: 500);
        await StoredRun.EndAsync(database, run.Claim);
        await StoredRun.MarkAsync(database, Store);
        var collecting = point == CrashPoints.ObjectsCollected;

        if (collecting)
            (await CliAsync(database, null, "delete", $"{run.Id}", "--yes")).Succeeded();
        string[] killed = collecting ? ["checkpoint", "gc", "--grace", "0"] : ["delete", $"{run.Id}", "--yes"];
        Assert.Equal(128 + 9, (await CliAsync(database, point, killed)).ExitCode);

        // All of its rows, or none: every object that a row names is there.
        var happened = point != CrashPoints.DeletionWritten;
        var listed = await ListAsync(database, run.Id);
        Assert.Equal(happened ? 0 : 2, listed.Count);
        Assert.Equal(happened, await new RunStore(database.DataSource).FindAsync(run.Id, CancellationToken.None) is null);
        Assert.Equal(collecting ? 3 : 2 * 3, (await KeysAsync()).Count);

        var again = await CliAsync(database, null, "delete", $"{run.Id}", "--yes");
        Assert.Equal(0, again.ExitCode);
        Assert.Equal(happened, again.Errors.Contains("deleted already", StringComparison.Ordinal));
        (await CliAsync(database, null, "checkpoint", "gc", "--grace", "0")).Succeeded();
        Assert.Empty(await KeysAsync());
    }

    [Theory]
    [InlineData(AttemptEnding.Succeeded)]
    [InlineData(AttemptEnding.Failed)]
    public async Task Strips_GoWithTheirRowsWhenThePredictionHasEnded_AndStayWhenItIsRetriedInTime(AttemptEnding ending)
    {
        await using var database = await server.CreateDatabaseAsync();
        var run = await StoredRun.BeginAsync(database, Store);
        var key = RunObject.Strip(run.Id, 0, run.Claim.Attempt);
        await Store.PutAsync(key, (stream, token) => stream.WriteAsync(new byte[5], token).AsTask(), CancellationToken.None);
        await using (var fence = await FencedTransaction.BeginAsync(database.DataSource, run.Claim, CancellationToken.None))
        {
            await StripStore.AddAsync(fence, new StoredStrip(0, 0, 1, key.Value, 5, "0"), CancellationToken.None);
            await fence.CommitAsync(CancellationToken.None);
        }
        await StoredRun.EndAsync(database, run.Claim, ending);
        Assert.Equal([(LeftoverKind.Orphaned, LeftoverFate.Waits)], Fates(await run.CollectAsync(s_hour)));
        Assert.Single(await new StripStore(database.DataSource).ListAsync(run.Id, CancellationToken.None));
        if (ending is AttemptEnding.Failed)
        {
            await new RunActionStore(database.DataSource).ApplyAsync(RunAction.Retry, run.Id, CancellationToken.None);
            Assert.Empty(await run.CollectAsync(TimeSpan.Zero));
            Assert.Single(await new StripStore(database.DataSource).ListAsync(run.Id, CancellationToken.None));
            await run.ClaimAsync();
            await StoredRun.EndAsync(database, run.Claim, ending);
        }

        await run.CollectAsync(TimeSpan.Zero);

        Assert.Empty(await new StripStore(database.DataSource).ListAsync(run.Id, CancellationToken.None));
        Assert.Empty(await KeysAsync());
    }

    private static async Task DeleteAsync(TestDatabase database, Guid run) =>
        Assert.True((await new RunDisposal(database.DataSource).DeleteAsync([run], withDependents: false, CancellationToken.None)).IsPossible);

    private static Task<IReadOnlyList<CheckpointRecord>> ListAsync(TestDatabase database, Guid run) =>
        new CheckpointStore(database.DataSource).ListAsync(run, CancellationToken.None);

    private static IEnumerable<(LeftoverKind, LeftoverFate)> Fates(IEnumerable<UnreferencedObject> leftovers) =>
        leftovers.Select(leftover => (leftover.Kind, leftover.Fate));

    private Task<CommandRun> CliAsync(TestDatabase database, string? crashPoint, params string[] arguments) =>
        CommandRun.OfAsync(arguments, new Dictionary<string, string?>
        {
            ["CHANGEDETECTION_DATABASE"] = database.ConnectionString,
            ["CHANGEDETECTION_STORE"] = new Uri(_folder["store"]).AbsoluteUri,
            [CrashPoint.Variable] = crashPoint,
        });

    private async Task<List<string>> KeysAsync() =>
        await Store.ListAsync(RunObject.Root, CancellationToken.None).Select(stored => stored.Key.Value).ToListAsync(CancellationToken.None);
}
