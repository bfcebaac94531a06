using ChangeDetection.Core.Hosting;
using ChangeDetection.Core.Identity;
using ChangeDetection.Core.Storage;
using ChangeDetection.Scheduler.Daemon;
using ChangeDetection.TestKit;

namespace ChangeDetection.Scheduler.Tests.Daemon;

/// <summary>No process of a system works in the store of another, and none of another's objects is ever collected.</summary>
[Needs(Resource.Database, Resource.Processes)]
public sealed class ForeignStoreTests(PostgresServer server) : IDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(1);
    private readonly TemporaryFolder _folder = new();

    private FileObjectStore Store => new(_folder["store"]);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Collector_InAStoreThatIsNotItsOwn_DeletesNothing()
    {
        await using var database = await server.CreateDatabaseAsync();
        var run = await StoredRun.BeginAsync(database, Store);
        await run.PublishAsync(1);
        await run.PublishAsync(2);
        var before = await KeysAsync();

        // Unmarked, then another's: the rows are the same, so by them alone the retired checkpoint would go.
        foreach (var delete in (bool[])[false, true])
            await Assert.ThrowsAsync<SystemIdentityException>(() => CollectAsync(database, delete));
        await StoreMarker.WriteAsync(Store, Guid.NewGuid(), CancellationToken.None);
        foreach (var delete in (bool[])[false, true])
            await Assert.ThrowsAsync<SystemIdentityException>(() => CollectAsync(database, delete));
        await Store.DeleteAsync(StoreMarker.Key, CancellationToken.None);

        Assert.Equal(before, await KeysAsync());
        await StoredRun.MarkAsync(database, Store);
        Assert.Equal(LeftoverFate.Collected, Assert.Single(await CollectAsync(database, delete: true)).Fate);
    }

    [Fact]
    public async Task Loop_WhoseStoreIsTakenOver_CollectsNothingMore()
    {
        await using var database = await server.CreateDatabaseAsync();
        var run = await StoredRun.BeginAsync(database, Store);
        await run.PublishAsync(1);
        var settings = new RetentionSettings { Grace = TimeSpan.Zero, Every = TimeSpan.FromMilliseconds(20) };
        var log = new RoundLog();
        using var loop = new GarbageCollection(database.DataSource, Store, settings, log);
        await loop.StartAsync(CancellationToken.None);
        await Eventually.TrueAsync(
            "the loop to mark the store", async () => await StoreMarker.ReadAsync(Store, CancellationToken.None) is not null, s_limit);

        var other = Guid.NewGuid();
        await StoreMarker.ReplaceAsync(Store, other, CancellationToken.None);
        await Eventually.TrueAsync("a round to be refused", () => Task.FromResult(log.Refused(other) > 0), s_limit);
        await run.PublishAsync(2);
        var (seen, keys) = (log.Refused(other), await KeysAsync());
        await Eventually.TrueAsync("more rounds", () => Task.FromResult(log.Refused(other) > seen + 2), s_limit);
        await loop.StopAsync(CancellationToken.None);

        Assert.Equal(keys, await KeysAsync());
    }

    [Fact]
    public async Task EveryProcess_WithTheStoreOfAnotherSystem_RefusesByName()
    {
        await using var own = await server.CreateDatabaseAsync();
        await using var foreign = await server.CreateDatabaseAsync();
        await SystemIdentity.RenewAsync(foreign.DataSource, Guid.NewGuid(), CancellationToken.None);
        await using (var serve = RunningProgram.Start(Executables.Scheduler, ["serve"], Settings(own)))
        {
            await serve.LineAsync("scheduler: ready", s_limit);
            serve.Terminate();
            await serve.ExitAsync(s_limit);
        }
        var id = (await SystemIdentity.ReadAsync(own.DataSource, CancellationToken.None)).Id;
        Assert.Equal(id, await StoreMarker.ReadAsync(Store, CancellationToken.None));

        (string Program, string[] Arguments)[] processes =
        [
            (Executables.Scheduler, ["serve"]), (Executables.Worker, ["--slots", "cpu"]), (Executables.Dashboard, ["--port", "0"]),
            (Executables.Scheduler, ["list"]), (Executables.Scheduler, ["checkpoint", "gc"]),
        ];
        await Task.WhenAll(processes.Select(async process =>
        {
            await using var refused = RunningProgram.Start(process.Program, process.Arguments, Settings(foreign));
            Assert.True(await refused.ExitAsync(s_limit) == 2, refused.Text);
            Assert.Contains($"belongs to the system {id}, and the database to the system", refused.Text, StringComparison.Ordinal);
            Assert.DoesNotContain("   at ", refused.Text, StringComparison.Ordinal);
        }));
        Assert.Equal([StoreMarker.Key.Value], await KeysAsync());
    }

    private Dictionary<string, string?> Settings(TestDatabase database) => new()
    {
        ["CHANGEDETECTION_DATABASE"] = database.ConnectionString,
        ["CHANGEDETECTION_STORE"] = new Uri(_folder["store"]).AbsoluteUri,
        [DataFolder.Variable] = _folder["data"],
    };

    private async Task<List<UnreferencedObject>> CollectAsync(TestDatabase database, bool delete) =>
        await new GarbageCollector(database.DataSource, Store, TimeSpan.Zero).LookAsync(delete, CancellationToken.None).ToListAsync(CancellationToken.None);

    private async Task<List<string>> KeysAsync() =>
        await Store.ListAsync("", CancellationToken.None).Select(stored => stored.Key.Value).ToListAsync(CancellationToken.None);
}
