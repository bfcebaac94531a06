using ChangeDetection.Core.Backups;
using ChangeDetection.Core.Checkpoints;
using ChangeDetection.Core.Database;
using ChangeDetection.Core.Hosting;
using ChangeDetection.Core.Identity;
using ChangeDetection.Core.Runs;
using ChangeDetection.Core.Storage;
using ChangeDetection.Scheduler.Tests.Daemon;
using ChangeDetection.TestKit;

namespace ChangeDetection.Scheduler.Tests.Backups;

/// <summary>What is restored is a system of its own, whole, or nothing.</summary>
[Needs(Resource.Database, Resource.Processes)]
public sealed class RestoreTests(PostgresServer server)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Restore_IntoAnEmptyDatabase_HasEveryObject_AndAnIdentityOfItsOwn()
    {
        await using var scene = await BackupScene.CreateAsync(server);
        await BackupScene.ExecuteAsync(scene.Database, "update changedetection.runs set hangfire_job = 7");
        var made = await scene.BackUpAsync();

        var (database, store, restored) = await scene.RestoreAsync("elsewhere");
        await using var _ = database;

        var report = await BackupScene.VerifyAsync(database, store);
        Assert.Equal((3L, 0), (report.Objects, report.Problems.Count));
        Assert.NotEqual(made.Header.System, restored.System);
        Assert.Equal(restored.System, (await SystemIdentity.ReadAsync(database.DataSource, Token)).Id);
        Assert.Equal(restored.System, await StoreMarker.ReadAsync(store, Token));
        Assert.DoesNotContain(await KeysAsync(store), key => key.StartsWith("restoring-", StringComparison.Ordinal));
        // The scheduler's own start finds nothing to do, and the collector nothing of another's.
        await Migrator.MigrateAsync(database.ConnectionString, Token);
        Assert.Empty(await StoredRun.CollectAsync(database, store, TimeSpan.Zero));
        var run = (await new RunStore(database.DataSource).FindAsync(scene.Running.Id, Token))!;
        Assert.Equal((RunState.Queued, "restored from a backup", 1, 0, 0), (run.State, run.Reason, run.Attempt, run.Deaths, run.Errors));
        Assert.Equal(0, await BackupScene.OneAsync<int>(database, "select count(*)::int from changedetection.runs where hangfire_job is not null"));
        Assert.Equal(
            AttemptEnding.Preempted, Assert.Single(await new AttemptStore(database.DataSource).ListAsync(scene.Running.Id, Token)).Ending);
        Assert.Contains(await new EventStore(database.DataSource).ListAsync(run.Id, Token), entry => entry.Type == "restored");
        Assert.Equal(2L, Assert.Single(await new CheckpointStore(database.DataSource).ListAsync(run.Id, Token)).Step);
        // A claim there is the next attempt, whose keys nobody has.
        Assert.Equal(2, (await StoredRun.ClaimAsync(database, run.Id)).Attempt);
        // And nothing has changed here.
        Assert.Equal(RunState.Running, (await new RunStore(scene.Database.DataSource).FindAsync(run.Id, Token))!.State);
    }

    [Fact]
    public async Task Restore_OfRunsThatWereToEnd_EndsThem()
    {
        await using var scene = await BackupScene.CreateAsync(server);
        var paused = await StoredRun.BeginAsync(scene.Database, scene.Store);
        await new RunActionStore(scene.Database.DataSource).ApplyAsync(RunAction.Cancel, scene.Running.Id, Token);
        await new RunActionStore(scene.Database.DataSource).ApplyAsync(RunAction.Pause, paused.Id, Token);
        await scene.BackUpAsync();

        var (database, _, _) = await scene.RestoreAsync("elsewhere");
        await using var __ = database;

        var runs = new RunStore(database.DataSource);
        Assert.Equal(RunState.Cancelled, (await runs.FindAsync(scene.Running.Id, Token))!.State);
        Assert.Equal(RunState.Paused, (await runs.FindAsync(paused.Id, Token))!.State);
    }

    /// <summary>The store has outlived its database, and attempts of after the backup: none of their objects is overwritten or taken for another.</summary>
    [Fact]
    public async Task Restore_InPlaceOfALostDatabase_TakesTheStoreOver_AndGoesOnBehindItsAttempts()
    {
        await using var scene = await BackupScene.CreateAsync(server);
        var made = await scene.BackUpAsync();
        await StoredRun.EndAsync(scene.Database, scene.Running.Claim, AttemptEnding.Preempted);
        await scene.Running.ClaimAsync();
        await scene.Running.PublishWholeAsync(3);
        await using var database = await scene.EmptyDatabaseAsync();

        var refused = await Assert.ThrowsAsync<BackupException>(
            () => BackupRestore.ToDatabaseAsync(scene.File, database.ConnectionString, scene.Store.Root, replace: false, null, Token));
        Assert.Contains("is not empty", refused.Message, StringComparison.Ordinal);
        var restored = await BackupRestore.ToDatabaseAsync(scene.File, database.ConnectionString, scene.Store.Root, replace: true, null, Token);

        Assert.Equal(made.Header.System, restored.System);
        Assert.Empty((await BackupScene.VerifyAsync(database, scene.Store)).Problems);
        Assert.Equal(3, (await StoredRun.ClaimAsync(database, scene.Running.Id)).Attempt);
    }

    [Fact]
    public async Task Restore_OfConfigsThatNameObjectsOfTheStore_NamesThemWhereTheyAre()
    {
        await using var scene = await BackupScene.CreateAsync(server);
        var warm = (await Experiments.SubmitAsync(scene.Database, runs: 2))[0];
        var prefix = RunObject.Checkpoint(scene.Running.Id, 2, 1);
        await BackupScene.ExecuteAsync(scene.Database,
            $$$"""
            update changedetection.runs
                set config = jsonb_set(config, '{model,init}', to_jsonb('{{{scene.Store.Root}}}/{{{prefix}}}/weights.safetensors'::text))
                where id = '{{{warm}}}'
            """);
        await scene.BackUpAsync();

        var (database, store, _) = await scene.RestoreAsync("elsewhere");
        await using var __ = database;

        Assert.Equal(
            $"{store.Root}/{prefix}/{CheckpointManifest.WeightsFile}",
            await BackupScene.OneAsync<string>(database, $"select config #>> '{{model,init}}' from changedetection.runs where id = '{warm}'"));
    }

    [Fact]
    public async Task Restore_OverASystem_IsRefused_AndChangesNothing()
    {
        await using var scene = await BackupScene.CreateAsync(server);
        await scene.BackUpAsync();
        Directory.CreateDirectory(scene["data/store"]);

        var database = await CommandRun.OfAsync(["restore", scene.File], BackupTests.Environment(scene.Database, new FileObjectStore(scene["new"])));
        var folder = await CommandRun.OfAsync(["restore", scene.File, "--data-dir", scene["data"]]);

        Assert.Equal((2, 2), (database.ExitCode, folder.ExitCode));
        Assert.Contains("holds a system already", database.Errors, StringComparison.Ordinal);
        Assert.Contains($"'{scene["data"]}' is not empty", folder.Errors, StringComparison.Ordinal);
        Assert.False(Directory.Exists(scene["new"]));
        Assert.False(Directory.Exists(scene["data.restoring"]));
    }

    [Fact]
    public async Task Restore_OfADamagedBackup_LeavesNoRow()
    {
        await using var scene = await BackupScene.CreateAsync(server);
        await scene.BackUpAsync();
        var bytes = await File.ReadAllBytesAsync(scene.File, Token);
        // Inside the last object: everything before it has been taken by then.
        bytes[^6000] ^= 1;
        await File.WriteAllBytesAsync(scene.File, bytes, Token);
        await using var database = await scene.EmptyDatabaseAsync();

        await Assert.ThrowsAsync<BackupException>(
            () => BackupRestore.ToDatabaseAsync(scene.File, database.ConnectionString, new Uri(scene["new"]), replace: false, null, Token));

        Assert.False(await BackupScene.OneAsync<bool>(database, "select exists (select 1 from pg_namespace where nspname = 'changedetection')"));
    }

    [Fact]
    public async Task Restore_ThatIsKilled_LeavesNoSystem_AndTheNextOneGoesOn()
    {
        await using var scene = await BackupScene.CreateAsync(server);
        await scene.BackUpAsync();
        await using var database = await scene.EmptyDatabaseAsync();
        var environment = BackupTests.Environment(database, new FileObjectStore(scene["new"]));

        var killed = await CommandRun.OfAsync(
            ["restore", scene.File], new Dictionary<string, string?>(environment) { [CrashPoint.Variable] = CrashPoints.RestoreStored });
        Assert.NotEqual(0, killed.ExitCode);
        Assert.False(await BackupScene.OneAsync<bool>(database, "select exists (select 1 from pg_namespace where nspname = 'changedetection')"));

        Assert.Contains("as the system", (await CommandRun.OfAsync(["restore", scene.File], environment)).Succeeded(), StringComparison.Ordinal);
        Assert.Contains("all there", (await CommandRun.OfAsync(["storage", "verify", "--hashes"], environment)).Succeeded(), StringComparison.Ordinal);
    }

    private static async Task<List<string>> KeysAsync(IObjectStore store) =>
        await store.ListAsync("", Token).Select(stored => stored.Key.Value).ToListAsync(Token);
}
