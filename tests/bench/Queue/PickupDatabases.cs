
namespace ChangeDetection.Bench.Queue;

/// <summary>A database for each of the measured ways. The first two are migrated, the third is empty.</summary>
internal sealed record PickupDatabases(BenchServer Server, string Queue, string Bare, string Defaults) : IAsyncDisposable
{
    public static async Task<PickupDatabases> StartAsync()
    {
        var server = await BenchServer.StartAsync();
        return new PickupDatabases(
            server,
            await server.CreateAsync("queue", migrated: true),
            await server.CreateAsync("bare", migrated: true),
            await server.CreateAsync("defaults", migrated: false));
    }

    public ValueTask DisposeAsync() => Server.DisposeAsync();
}
