using ChangeDetection.Core.Checkpoints;
using ChangeDetection.Core.Hosting;
using ChangeDetection.Core.Identity;
using ChangeDetection.Core.Runs;
using ChangeDetection.Core.Storage;
using ChangeDetection.Scheduler.Daemon;
using ChangeDetection.TestKit;
using Dapper;

namespace ChangeDetection.Scheduler.Tests.Daemon;

/// <summary>P5: what is published stays; what nobody refers to goes, after its grace time, and under any kill in between.</summary>
[Needs(Resource.Database, Resource.Processes)]
public sealed class GarbageCollectorTests(PostgresServer server) : IDisposable
{
    private static readonly TimeSpan s_hour = TimeSpan.FromHours(1);

    private readonly TemporaryFolder _folder = new();

    private FileObjectStore Store => new(_folder["store"]);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Retired_GoesAfterItsGraceTime_AndNotBefore()
    {
        await using var database = await server.CreateDatabaseAsync();
        var run = await StoredRun.BeginAsync(database, Store);
        await run.PublishAsync(1);
        await run.PublishAsync(2);

        Assert.Equal([(LeftoverKind.Retired, LeftoverFate.Waits)], Fates(await run.CollectAsync(s_hour)));
        Assert.Equal(2 * 2, (await KeysAsync()).Count);
        Assert.Equal([(LeftoverKind.Retired, LeftoverFate.Due)], Fates(await run.CollectAsync(TimeSpan.Zero, delete: false)));
        Assert.Equal(2 * 2, (await KeysAsync()).Count);

        var gone = Assert.Single(await run.CollectAsync(TimeSpan.Zero));

        Assert.Equal((LeftoverFate.Collected, RunObject.Checkpoint(run.Id, 1, 1).Value, 100_050L), (gone.Fate, gone.Key, gone.Bytes));
        Assert.All(await KeysAsync(), key => Assert.Contains("000000002-a1", key, StringComparison.Ordinal));
        Assert.Empty(await run.CollectAsync(TimeSpan.Zero));
    }

    [Fact]
    public async Task Retired_StaysWhileARunMayBeReadingIt_HoweverLongThatTakes()
    {
        await using var database = await server.CreateDatabaseAsync();
        var run = await StoredRun.BeginAsync(database, Store);
        await run.PublishAsync(1);
        var reader = await run.BeginReaderAsync();
        await run.PublishAsync(2);

        var held = Assert.Single(await run.CollectAsync(TimeSpan.Zero));
        Assert.Equal((LeftoverFate.Held, reader.Run), (held.Fate, held.HeldBy));
        await StoredRun.EndAsync(database, reader);
        Assert.Equal([(LeftoverKind.Retired, LeftoverFate.Collected)], Fates(await run.CollectAsync(TimeSpan.Zero)));
    }

    [Fact]
    public async Task Upload_StaysWhileItsRunMayReadIt_AndGoesBehindIt()
    {
        await using var database = await server.CreateDatabaseAsync();
        var id = (await Experiments.SubmitAsync(database))[0];
        var key = RunObject.Upload(id, "weights.pth");
        await Store.PutAsync(key, (stream, token) => stream.WriteAsync(new byte[30], token).AsTask(), CancellationToken.None);
        await using (var connection = await database.DataSource.OpenConnectionAsync())
            await connection.ExecuteAsync(
                "update runs set config = jsonb_set(config, '{model,init}', to_jsonb(@init::text)) where id = @id", new
                {
                    init = $"file:///store/{key}",
                    id,
                });

        Assert.Empty(await StoredRun.CollectAsync(database, Store, TimeSpan.Zero));
        var claim = await StoredRun.ClaimAsync(database, id);
        Assert.Empty(await StoredRun.CollectAsync(database, Store, TimeSpan.Zero));
        await StoredRun.EndAsync(database, claim);
        Assert.Equal([(LeftoverKind.Orphaned, LeftoverFate.Collected)], Fates(await StoredRun.CollectAsync(database, Store, TimeSpan.Zero)));
        Assert.Empty(await KeysAsync());
    }

    [Fact]
    public async Task Upload_OfACommandThatWasKilled_GoesADayLater_AndItsRunCannotBeQueuedAnyMore()
    {
        await using var database = await server.CreateDatabaseAsync();
        var (killed, sending) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        var uploads = new UploadStore(database.DataSource);
        foreach (var run in (Guid[])[killed, sending])
        {
            await uploads.BeginAsync(run, CancellationToken.None);
            await Store.PutAsync(RunObject.Input(run, "before"), (stream, token) => stream.WriteAsync(new byte[30], token).AsTask(), CancellationToken.None);
        }
        Assert.Empty(await StoredRun.CollectAsync(database, Store, TimeSpan.Zero));
        await ExecuteAsync(database, $"update uploads set begun_at = begun_at - interval '24 hours' where run_id = '{killed}'");

        Assert.Equal([(LeftoverKind.Orphaned, LeftoverFate.Waits)], Fates(await StoredRun.CollectAsync(database, Store, s_hour)));
        Assert.Equal([(LeftoverKind.Orphaned, LeftoverFate.Collected)], Fates(await StoredRun.CollectAsync(database, Store, TimeSpan.Zero)));

        Assert.Equal([RunObject.Input(sending, "before").Value], await KeysAsync());
        await Assert.ThrowsAsync<UploadExpiredException>(() => Experiments.AddAsync(database, killed));
        await Experiments.AddAsync(database, sending);
        Assert.Empty(await StoredRun.CollectAsync(database, Store, TimeSpan.Zero));
        await using var connection = await database.DataSource.OpenConnectionAsync();
        Assert.Equal(killed, await connection.ExecuteScalarAsync<Guid>("select run_id from uploads"));
    }

    [Fact]
    public async Task Retired_ThatIsBeingReadWhenItGoes_IsReadToItsEnd()
    {
        await using var database = await server.CreateDatabaseAsync();
        var run = await StoredRun.BeginAsync(database, Store);
        var first = await run.PutAsync(1);
        await run.PublishAsync(first);
        await using var stream = await Store.OpenReadAsync(new ObjectKey(first.Prefix) / CheckpointManifest.WeightsFile, 0, null, CancellationToken.None);
        await stream.ReadExactlyAsync(new byte[10], CancellationToken.None);
        await run.PublishAsync(2);
        Assert.Equal(LeftoverFate.Collected, Assert.Single(await run.CollectAsync(TimeSpan.Zero)).Fate);

        using var rest = new MemoryStream();
        await stream.CopyToAsync(rest, CancellationToken.None);

        Assert.Equal(100_000 - 10, rest.Length);
    }

    [Fact]
    public async Task Orphan_OfAnAttemptThatIsOver_Goes_AndNoneOfOneThatLives()
    {
        await using var database = await server.CreateDatabaseAsync();
        var run = await StoredRun.BeginAsync(database, Store);
        var kept = await run.PutAsync(1);
        await run.PublishAsync(kept);
        var lost = await run.PutAsync(2);
        await Store.PutAsync(RunObject.Picture(run.Id, "sample", 1), (_, _) => Task.CompletedTask, CancellationToken.None);

        // About to be published: there is no row yet, and no grace time either.
        Assert.Empty(await run.CollectAsync(TimeSpan.Zero));
        await StoredRun.EndAsync(database, run.Claim, AttemptEnding.Died);
        var found = await run.CollectAsync(s_hour);
        Assert.Equal([(LeftoverKind.Orphaned, LeftoverFate.Waits), (LeftoverKind.Orphaned, LeftoverFate.Waits)], Fates(found));
        Assert.Equal([lost.Prefix, RunObject.Picture(run.Id, "sample", 1).Value], found.Select(leftover => leftover.Key));
        Assert.Equal(100_050, found[0].Bytes);

        await run.ClaimAsync();
        var living = await run.PutAsync(2);
        Assert.Equal(
            [(LeftoverKind.Orphaned, LeftoverFate.Collected), (LeftoverKind.Orphaned, LeftoverFate.Collected)],
            Fates(await run.CollectAsync(TimeSpan.Zero)));

        Assert.Equal(
            new[] { kept.Prefix, living.Prefix }.Order(StringComparer.Ordinal),
            (await KeysAsync()).Select(key => key[..key.LastIndexOf('/')]).Distinct());
        await run.PublishAsync(living, keepLast: 2);
        Assert.Empty(await run.CollectAsync(TimeSpan.Zero));
    }

    [Fact]
    public async Task Orphan_GraceTimeBeginsWhenItIsFirstSeen_AndDoesNotBeginAnew()
    {
        await using var database = await server.CreateDatabaseAsync();
        var run = await StoredRun.BeginAsync(database, Store);
        await run.PutAsync(1);
        await StoredRun.EndAsync(database, run.Claim, AttemptEnding.Died);

        var first = Assert.Single(await run.CollectAsync(s_hour)).DueAt;
        Assert.Equal(first, Assert.Single(await run.CollectAsync(s_hour)).DueAt);
        Assert.Equal(first, Assert.Single(await run.CollectAsync(s_hour, delete: false)).DueAt);
        await ExecuteAsync(database, "update orphans set found_at = found_at - interval '2 hours'");
        Assert.Equal(LeftoverFate.Collected, Assert.Single(await run.CollectAsync(s_hour)).Fate);
    }

    [Fact]
    public async Task Objects_OfARunOrAnAttemptThatThisDatabaseDoesNotKnow_AreNeverTouched()
    {
        await using var database = await server.CreateDatabaseAsync();
        var run = await StoredRun.BeginAsync(database, Store);
        await StoredRun.EndAsync(database, run.Claim, AttemptEnding.Died);
        string[] foreign =
        [
            // Another system's, one that a restored database has forgotten, and a person's own file.
            $"runs/{Guid.NewGuid()}/checkpoints/000000001-a1/weights.safetensors",
            $"runs/{run.Id}/checkpoints/000000001-a2/weights.safetensors",
            $"runs/{run.Id}/notes.txt",
            "elsewhere/file",
        ];
        foreach (var key in foreign)
            await Store.PutAsync(new ObjectKey(key), (_, _) => Task.CompletedTask, CancellationToken.None);

        Assert.Empty(await run.CollectAsync(TimeSpan.Zero));
        Assert.Equal(foreign.Order(StringComparer.Ordinal), await KeysAsync());
    }

    [Fact]
    public async Task Orphan_ThatSomebodyElseDeleted_IsForgotten()
    {
        await using var database = await server.CreateDatabaseAsync();
        var run = await StoredRun.BeginAsync(database, Store);
        await run.PutAsync(1);
        await StoredRun.EndAsync(database, run.Claim, AttemptEnding.Died);
        await run.CollectAsync(s_hour);
        Directory.Delete(_folder["store/runs"], recursive: true);

        Assert.Empty(await run.CollectAsync(s_hour));

        await using var connection = await database.DataSource.OpenConnectionAsync();
        Assert.Equal(0, await connection.ExecuteScalarAsync<int>("select count(*) from orphans"));
    }

    [Fact]
    public async Task Collection_KilledBetweenObjectsAndRow_IsFinishedByTheNext()
    {
        await using var database = await server.CreateDatabaseAsync();
        var run = await StoredRun.BeginAsync(database, Store);
        await run.PublishAsync(1);
        await run.PublishAsync(2);
        await run.PublishAsync(3);

        var killed = await GcAsync(database, CrashPoints.ObjectsCollected, "--grace", "00:00:00");

        Assert.Equal(128 + 9, killed.ExitCode);
        Assert.Equal(2 * 2, (await KeysAsync()).Count);
        var rest = await run.CollectAsync(TimeSpan.Zero);
        Assert.Equal([(LeftoverKind.Retired, LeftoverFate.Collected), (LeftoverKind.Retired, LeftoverFate.Collected)], Fates(rest));
        Assert.Equal(2, (await KeysAsync()).Count);
        Assert.Equal(3, Assert.Single(await new CheckpointStore(database.DataSource).ListAsync(run.Id, CancellationToken.None)).Step);
    }

    [Fact]
    public async Task Store_ThatWillNotDelete_IsTold_AndTheRestGoes()
    {
        await using var database = await server.CreateDatabaseAsync();
        var run = await StoredRun.BeginAsync(database, Store);
        await run.PublishAsync(1);
        await run.PublishAsync(2);
        await run.PublishAsync(3);
        var refused = RunObject.Checkpoint(run.Id, 1, 1);

        var leftovers = await StoredRun.CollectAsync(database, new RefusingStore(Store, refused.Value), TimeSpan.Zero);

        Assert.Equal([(LeftoverKind.Retired, LeftoverFate.Failed), (LeftoverKind.Retired, LeftoverFate.Collected)], Fates(leftovers));
        Assert.Contains("Input/output error", leftovers[0].Problem, StringComparison.Ordinal);
        Assert.Equal([(LeftoverKind.Retired, LeftoverFate.Collected)], Fates(await run.CollectAsync(TimeSpan.Zero)));
    }

    [Fact]
    public async Task Gc_DryRun_SaysWhatWouldGoAndWhy_ThenItGoes()
    {
        await using var database = await server.CreateDatabaseAsync();
        var run = await StoredRun.BeginAsync(database, Store);
        await run.PublishAsync(1);
        await run.PublishAsync(2);
        await run.PutAsync(3);
        await StoredRun.EndAsync(database, run.Claim, AttemptEnding.Died);
        _folder.Write("store/.tmp~/killed", "half");

        using var planned = System.Text.Json.JsonDocument.Parse((await GcAsync(database, null, "--dry-run", "--grace", "0", "--json")).Succeeded());

        Assert.Equal(
            [("retired", "due", 100_050L), ("orphaned", "due", 100_050), ("unfinished", "due", 4)],
            planned.RootElement.EnumerateArray().Select(
                item => (item.GetProperty("kind").GetString()!, item.GetProperty("fate").GetString()!, item.GetProperty("bytes").GetInt64())));
        Assert.All(planned.RootElement.EnumerateArray(), item => Assert.NotEqual("", item.GetProperty("why").GetString()));
        Assert.Equal(3 * 2, (await KeysAsync()).Count);

        // The default grace time: nothing is due yet.
        Assert.Contains("0 collected, 0 bytes; 2 wait for their grace time.", (await GcAsync(database, null)).Succeeded(), StringComparison.Ordinal);
        Assert.Contains("3 collected, 200104 bytes; none stays.", (await GcAsync(database, null, "--grace", "0")).Succeeded(), StringComparison.Ordinal);
        Assert.Equal(2, (await KeysAsync()).Count);
        Assert.False(Directory.Exists(_folder["store/.tmp~"]));
    }

    private static IEnumerable<(LeftoverKind, LeftoverFate)> Fates(IEnumerable<UnreferencedObject> leftovers) =>
        leftovers.Select(leftover => (leftover.Kind, leftover.Fate));

    private async Task<CommandRun> GcAsync(TestDatabase database, string? crashPoint, params string[] arguments)
    {
        await StoredRun.MarkAsync(database, Store);
        return await CommandRun.OfAsync(["checkpoint", "gc", .. arguments], new Dictionary<string, string?>
        {
            ["CHANGEDETECTION_DATABASE"] = database.ConnectionString,
            ["CHANGEDETECTION_STORE"] = new Uri(_folder["store"]).AbsoluteUri,
            [CrashPoint.Variable] = crashPoint,
        });
    }

    private async Task<List<string>> KeysAsync() =>
        await Store.ListAsync("", CancellationToken.None).Select(stored => stored.Key.Value).Where(key => key != StoreMarker.Key.Value)
            .ToListAsync(CancellationToken.None);

    private static async Task ExecuteAsync(TestDatabase database, string sql)
    {
        await using var connection = await database.DataSource.OpenConnectionAsync();
        await connection.ExecuteAsync(sql);
    }
}
