using System.Diagnostics;
using ChangeDetection.Core.Checkpoints;
using ChangeDetection.Core.Runs;
using ChangeDetection.Core.Runs.Retention;
using ChangeDetection.Core.Runs.Usage;
using ChangeDetection.Core.Storage;
using ChangeDetection.TestKit;
using Dapper;

namespace ChangeDetection.Core.Tests.Runs.Retention;

/// <summary>What the system takes, by the rows.</summary>
[Needs(Resource.Database, Resource.Processes)]
public sealed class StorageUsageTests(PostgresServer server, ITestOutputHelper output)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Usage_IsByExperimentAndKind_AndSaysWhatCouldGo()
    {
        await using var database = await server.CreateDatabaseAsync();
        var (large, small) = (await PublishedRun.MakeAsync(database, 3, 70), await PublishedRun.MakeAsync(database, 1, 70));
        await large.SetAsync("succeeded");
        await large.ExecuteAsync("update checkpoints set retired_at = clock_timestamp() where run_id = @Id and step = 2");
        await small.SetAsync("failed");
        await small.ExecuteAsync("update runs set upload_bytes = 1000 where id = @Id");
        await large.ExecuteAsync($"insert into orphans (prefix, run_id, attempt, bytes) values ('runs/{large.Id}/pictures/lost-a1.png', @Id, 1, 9)");
        var gone = await PublishedRun.MakeAsync(database, 1);
        await gone.SetAsync("failed");
        await new RunDisposal(database.DataSource).DeleteAsync([gone.Id], withDependents: false, Token);

        var usage = await new StorageUsageReader(database.DataSource).ReadAsync(Token);

        Assert.Equal([large.Experiment, (Guid?)null, small.Experiment], usage.Experiments.Select(experiment => experiment.Id));
        Assert.Equal(
            [("optimizer", 140L), ("pictures", 11), ("strips", 5), ("unreferenced", 109), ("weights", 60)], Kinds(usage.Experiments[0].Kinds));
        // 100 of a checkpoint, 11 of a picture, 5 of a strip; nobody has looked through the store yet.
        Assert.Equal([("unreferenced", 116L)], Kinds(usage.Experiments[1].Kinds));
        // What a run that has ended was sent is nobody's any more.
        Assert.Equal([("optimizer", 70L), ("pictures", 11), ("strips", 5), ("weights", 30)], Kinds(usage.Experiments[2].Kinds));
        Assert.Equal(usage.Experiments.Sum(experiment => experiment.Bytes), usage.Bytes);
        Assert.Equal((1, 0), (usage.Experiments[0].Runs, usage.Experiments[0].Unfinished));
        Assert.Equal(3, usage.Experiments[0].Rows["metrics"]);
        Assert.Equal(4, Assert.Single(usage.Tables, table => table.Name == "metrics").Rows);
        Assert.InRange(usage.Experiments[0].DatabaseBytes, 1, usage.DatabaseBytes);
        // Archiving keeps the weights of step 1.
        Assert.Equal(170, usage.Experiments[0].ArchiveFrees);
        Assert.Equal(
            [("checkpoint gc", 225L), ("checkpoint gc", 70), ("archive EXPERIMENT…", 240), ("delete RUN…", 116)],
            usage.CouldGo.Select(one => (one.Command!["changedetection ".Length..], one.Bytes)));
    }

    [Fact]
    public async Task Sizes_OfRowsOfBefore_AreLearntFromTheStoreOnce()
    {
        await using var database = await server.CreateDatabaseAsync();
        using var folder = new TemporaryFolder();
        var store = new FileObjectStore(folder.Path);
        var run = await PublishedRun.MakeAsync(database, 2, 70);
        await run.ExecuteAsync("update checkpoints set optimizer_bytes = null where run_id = @Id");
        await store.PutAsync(
            RunObject.Checkpoint(run.Id, 1, 1) / CheckpointManifest.OptimizerFile, (stream, token) => stream.WriteAsync(new byte[70], token).AsTask(), Token);
        var sizes = new OptimizerSizes(database.DataSource);
        Assert.False(await sizes.AreKnownAsync(Token));

        await sizes.LearnAsync(store, Token);

        Assert.True(await sizes.AreKnownAsync(Token));
        Assert.Equal([(2L, (long?)0), (1, 70)], (await run.ListAsync()).Select(checkpoint => (checkpoint.Step, checkpoint.OptimizerBytes)));
    }

    /// <summary>A bound that a slow machine keeps: one statement for each run, or a listing of the store, would take minutes.</summary>
    [Fact]
    public async Task Usage_OfTenThousandRuns_TakesSeconds()
    {
        await using var database = await server.CreateDatabaseAsync();
        await using (var connection = await database.DataSource.OpenConnectionAsync(Token))
            await connection.ExecuteAsync(new CommandDefinition(ManyRuns, commandTimeout: 300, cancellationToken: Token));

        var start = Stopwatch.GetTimestamp();
        var usage = await new StorageUsageReader(database.DataSource).ReadAsync(Token);
        var took = Stopwatch.GetElapsedTime(start);
        start = Stopwatch.GetTimestamp();
        var released = await new OptimizerStates(database.DataSource).ReleaseAsync(Token);
        output.WriteLine($"read in {took.TotalSeconds:0.00} s, {released} released in {Stopwatch.GetElapsedTime(start).TotalSeconds:0.00} s");

        Assert.Equal(1000, usage.Experiments.Count);
        Assert.Equal(10_000 * 3 * 30, usage.Kinds[StoredKinds.Weights]);
        Assert.Equal(10_000 * 50, Assert.Single(usage.Tables, table => table.Name == "metrics").Rows);
        Assert.InRange(took, TimeSpan.Zero, TimeSpan.FromSeconds(30));
        Assert.Equal(20_000, released);
    }

    private const string ManyRuns =
        """
        insert into experiments (id, name, config, source, digest)
        select ('00000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, 'e' || n, '{}', '', 'd' from generate_series(1, 1000) n;
        insert into runs (id, experiment_id, name, kind, state, priority, device, config, digest)
        select ('00000000-0000-7000-9000-' || lpad(n::text, 12, '0'))::uuid,
               ('00000000-0000-7000-8000-' || lpad((n % 1000 + 1)::text, 12, '0'))::uuid, 'r', 'train', 'succeeded', 5, 'any', '{}', 'd'
        from generate_series(1, 10000) n;
        insert into checkpoints (run_id, step, attempt, epoch, prefix, weights_sha256, manifest_sha256, bytes, optimizer_bytes, best, metrics)
        select id, s, 1, s, 'runs/' || id || '/checkpoints/' || s || '-a1', '0', '0', 100, 70, s = 1, '{}' from runs, generate_series(1, 3) s;
        insert into artifacts (run_id, name, attempt, object_key, content_type, bytes, sha256, metrics)
        select id, 'p' || p, 1, 'runs/' || id || '/pictures/' || p || '-a1.png', 'image/png', 10, '0', '{}' from runs, generate_series(1, 8) p;
        insert into metrics (run_id, name, step, epoch, value, attempt) select id, 'val/f1', s, 1, 0.5, 1 from runs, generate_series(1, 50) s;
        analyze;
        """;

    private static IEnumerable<(string, long)> Kinds(IReadOnlyDictionary<string, long> kinds) => kinds.Select(kind => (kind.Key, kind.Value)).Order();
}
