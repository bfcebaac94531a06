using ChangeDetection.Worker.Tests.Data.Shards.Cache;
using Large = ChangeDetection.Worker.Tests.Data.Shards.LargeShardTests;

namespace ChangeDetection.Soak.Tests.Data;

[Collection(Lanes.OneThread)]
public sealed class LargeShardTests
{
    [Fact]
    public async Task ShardAbove4GiB_IsCachedWhole()
    {
        using var dataset = await CachedDataset.PackAsync(6);
        var expected = await dataset.ReadUncachedAsync();
        await Large.MoveApartAsync(dataset.Packed, hash: true);
        Assert.Equal(expected.Hash, (await dataset.ReadAsync(host: dataset.Host(Large.Gap + (1 << 20)))).Hash);
        Assert.Equal(expected.Hash, (await dataset.ReadAsync(host: dataset.Host(Large.Gap + (1 << 20)))).Hash);
        Assert.InRange(dataset.Taken, Large.Gap, Large.Gap + (1 << 20));
        Assert.Empty(dataset.Events);
    }
}
