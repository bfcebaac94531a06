using ChangeDetection.Core.Hosting;
using ChangeDetection.Worker.Data.Shards.Cache;
using ChangeDetection.Worker.Settings;
using Microsoft.Extensions.Configuration;

namespace ChangeDetection.Worker.Tests.Settings;

public sealed class WorkerSettingsReaderTests
{
    [Fact]
    public void ShardCache_Unset_LiesInTheDataFolder() => Assert.Equal(
        new ShardCacheSettings("/data/here/cache", (long)ShardCacheSettings.DefaultMegabytes << 20, OfAllStores: false),
        Read([]).ShardCache);

    [Fact]
    public void ShardCache_Set_IsAsSet()
    {
        Assert.Equal(
            new ShardCacheSettings("/fast/disk", 5 << 20, OfAllStores: true),
            Read(new() { ["Cache:Shards_MB"] = "5", ["Cache:Folder"] = "/fast/disk", ["Cache:Stores"] = "all" }).ShardCache);
        Assert.Null(Read(new() { ["Cache:Shards_MB"] = "0" }).ShardCache);
        Assert.Throws<FormatException>(() => Read(new() { ["Cache:Shards_MB"] = "lots" }));
    }

    private static WorkerSettings Read(Dictionary<string, string?> settings) => WorkerSettingsReader.Read(
        new SystemSettings(DataFolder.At("/data/here"), "Host=db", new Uri("file:///store")),
        new ConfigurationBuilder().AddInMemoryCollection(settings).Build());
}
