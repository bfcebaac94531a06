using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.Runs;
using ChangeDetection.Core.Storage;
using ChangeDetection.Scheduler.Daemon;
using ChangeDetection.TestKit;

namespace ChangeDetection.Scheduler.Tests.Daemon;

/// <summary>P5: retention against those who read, many times.</summary>
[Needs(Resource.Database, Resource.Processes)]
public sealed class RetentionRaceTests(PostgresServer server) : IDisposable
{
    private const int Checkpoints = 60;
    private const int Readers = 3;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>
    /// One run publishes as fast as it can, keeps one, and dies now and then between objects and row. Collectors collect all the time without any grace time.
    /// Runs that read its checkpoints take their time: longer than it takes to retire and collect what they were given. None may miss a byte.
    /// </summary>
    [Fact]
    public async Task RunsThatReadACheckpoint_FindItWhole_HoweverFastItIsRetiredAndCollected()
    {
        await using var database = await server.CreateDatabaseAsync();
        var store = new FileObjectStore(_folder["store"]);
        var run = await StoredRun.BeginAsync(database, store);
        await run.PublishAsync(1);
        using var over = new CancellationTokenSource();

        var collected = Enumerable.Range(0, 2).Select(_ => CollectAllTheTimeAsync(database, store, over.Token)).ToList();
        var read = Enumerable.Range(0, Readers).Select(_ => ReadAllTheTimeAsync(database, store, run, over.Token)).ToList();
        for (var step = 2; step <= Checkpoints; step++)
        {
            var checkpoint = await run.PutAsync(step);
            if (step % 7 == 0)
            {
                await StoredRun.EndAsync(database, run.Claim, AttemptEnding.Preempted);
                await run.ClaimAsync();
                continue;
            }
            await run.PublishAsync(checkpoint);
        }
        await over.CancelAsync();

        Assert.All(await Task.WhenAll(read), reads => Assert.InRange(reads, 1, int.MaxValue));
        Assert.InRange((await Task.WhenAll(collected)).Sum(), 1, int.MaxValue);
        // All readers are done: what is left is what the last look would still have found, and then the one that is kept.
        await run.CollectAsync(TimeSpan.Zero);
        var kept = Assert.Single(await new CheckpointStore(database.DataSource).ListAsync(run.Id, CancellationToken.None));
        Assert.Equal(kept.WeightsSha256, await StoredRun.HashAsync(store, kept));
        Assert.All(
            await store.ListAsync(RunObject.Root, CancellationToken.None).ToListAsync(CancellationToken.None),
            stored => Assert.StartsWith(kept.Prefix, stored.Key.Value, StringComparison.Ordinal));
    }

    private static async Task<int> CollectAllTheTimeAsync(TestDatabase database, IObjectStore store, CancellationToken over)
    {
        var collected = 0;
        while (!over.IsCancellationRequested)
        {
            var leftovers = await StoredRun.CollectAsync(database, store, TimeSpan.Zero);
            Assert.DoesNotContain(leftovers, leftover => leftover.Fate is LeftoverFate.Failed);
            collected += leftovers.Count(leftover => leftover.Fate is LeftoverFate.Collected);
        }
        return collected;
    }

    /// <summary>An evaluation as its worker runs it: claimed, then given what is listed, then read, while the training goes on.</summary>
    private static async Task<int> ReadAllTheTimeAsync(TestDatabase database, IObjectStore store, StoredRun source, CancellationToken over)
    {
        var reads = 0;
        while (!over.IsCancellationRequested)
        {
            var reader = await source.BeginReaderAsync();
            var given = (await new CheckpointStore(database.DataSource).FindAsync(source.Id, CheckpointChoice.Best, CancellationToken.None))!;
            // At least two more are published meanwhile, unless it is over: the one given is retired for certain.
            await Eventually.TrueAsync(
                "the checkpoint to be retired",
                async () =>
                    over.IsCancellationRequested || (await new CheckpointStore(database.DataSource).ListAsync(source.Id, CancellationToken.None))
                    .All(one => one.Step > given.Step + 1),
                TimeSpan.FromMinutes(1));
            Assert.Equal(given.WeightsSha256, await StoredRun.HashAsync(store, given));
            await StoredRun.EndAsync(database, reader);
            reads++;
        }
        return reads;
    }
}
