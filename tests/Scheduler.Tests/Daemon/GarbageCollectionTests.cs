using ChangeDetection.Core.Runs;
using ChangeDetection.Core.Storage;
using ChangeDetection.Scheduler.Daemon;
using ChangeDetection.TestKit;
using Microsoft.Extensions.Logging.Abstractions;

namespace ChangeDetection.Scheduler.Tests.Daemon;

[Needs(Resource.Database, Resource.Processes)]
public sealed class GarbageCollectionTests(PostgresServer server)
{
    [Fact]
    public async Task Loop_WhileTheSchedulerRuns_CollectsByItself()
    {
        await using var database = await server.CreateDatabaseAsync();
        using var folder = new TemporaryFolder();
        var store = new FileObjectStore(folder.Path);
        var run = await StoredRun.BeginAsync(database, store);
        var settings = new RetentionSettings { Grace = TimeSpan.FromMilliseconds(50), Every = TimeSpan.FromMilliseconds(100) };
        using var loop = new GarbageCollection(database.DataSource, store, settings, NullLogger<GarbageCollection>.Instance);
        await loop.StartAsync(CancellationToken.None);

        await run.PublishAsync(1);
        await run.PublishAsync(2);

        await Eventually.TrueAsync(
            "the retired checkpoint to go", async () =>
                await store.ListAsync(RunObject.Root, CancellationToken.None).CountAsync(CancellationToken.None) == 2, TimeSpan.FromSeconds(30));
        await loop.StopAsync(CancellationToken.None);
    }
}
