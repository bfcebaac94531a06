using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.Storage;
using ChangeDetection.Datasets.Shards;
using ChangeDetection.Worker.Data.Batches;

namespace ChangeDetection.Worker.Tests.Data.Samples;

public sealed class DamagedDataTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task BitFlipInAnyField_IsFoundBeforeABatchWithItIsDelivered()
    {
        using var dataset = await PackedDataset.PackAsync(20);
        var opened = await ShardDataset.OpenAsync(dataset.Store, Token);
        var shard = opened.Manifest.Splits["train"].Shards[1];
        var index = await opened.ReadIndexAsync(shard, Token);
        var key = index.Key(2);
        foreach (var role in new[] { SampleFields.Before, SampleFields.After, SampleFields.Mask })
        {
            var field = index.Find(2, role)!.Value;
            foreach (var at in new[] { field.Offset, field.Offset + field.Length / 2, field.Offset + field.Length - 1 })
            {
                Flip(dataset[shard.Name], at);
                foreach (var decoders in new[] { 1, 3 })
                {
                    var (keys, error) = await ReadUntilCorruptAsync(dataset, decoders);
                    Assert.Equal(shard.Name, error.File);
                    Assert.Contains(key, error.Message, StringComparison.Ordinal);
                    Assert.DoesNotContain(key, keys);
                }
                Flip(dataset[shard.Name], at);
            }
        }
        var streams = await RunDataLoader.OpenAsync(dataset.Config(), Token);
        Assert.Equal(20, (await Delivered.ReadAsync(streams.Training.ReadEpochAsync(0, 0, Token))).Keys.Count());
    }

    [Fact]
    public async Task Failure_ComesAfterTheSameBatchesWhateverTheDecoders()
    {
        using var dataset = await PackedDataset.PackAsync(60);
        var opened = await ShardDataset.OpenAsync(dataset.Store, Token);
        var shard = opened.Manifest.Splits["train"].Shards[3];
        Flip(dataset[shard.Name], (await opened.ReadIndexAsync(shard, Token)).Find(1, SampleFields.After)!.Value.Offset + 7);
        var outcomes = new HashSet<string>();
        foreach (var decoders in new[] { 1, 2, 3, 3 })
        {
            var (keys, error) = await ReadUntilCorruptAsync(dataset, decoders);
            outcomes.Add($"{string.Join(' ', keys)}: {error.Message}");
        }
        Assert.Single(outcomes);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2000)]
    public async Task TruncatedShard_IsNamed(int missing)
    {
        using var dataset = await PackedDataset.PackAsync(20);
        var path = dataset["train-000002.tar"];
        using (var file = File.OpenWrite(path))
            file.SetLength(file.Length - missing);
        var (_, error) = await ReadUntilCorruptAsync(dataset, 1);
        Assert.Equal("train-000002.tar", error.File);
        Assert.Contains("bytes instead of", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("train-000001.tar", "is missing")]
    [InlineData("train-000001.idx", "is missing")]
    [InlineData("train-000001.sum", "is missing")]
    public async Task MissingFile_IsNamed(string name, string said)
    {
        using var dataset = await PackedDataset.PackAsync(20);
        File.Delete(dataset[name]);
        var (_, error) = await ReadUntilCorruptAsync(dataset, 2);
        Assert.Equal(name, error.File);
        Assert.Contains(said, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ShardReplacedWhileItIsRead_IsFoundByItsChecksums()
    {
        using var dataset = await PackedDataset.PackAsync(20);
        var watched = new WatchedStore(dataset.Store) { Gate = _ => { Replace(dataset); return Task.CompletedTask; } };
        var streams = await RunDataLoader.OpenAsync(dataset.Config(), watched, Token);
        await Assert.ThrowsAsync<ShardCorruptException>(() => Delivered.ReadAsync(streams.Training.ReadEpochAsync(0, 0, Token)));
    }

    [Fact]
    public async Task NoDataset_SaysSo()
    {
        using var folder = new TestKit.TemporaryFolder();
        await Assert.ThrowsAsync<DatasetMissingException>(async () =>
        {
            using var dataset = await PackedDataset.PackAsync(1);
            await RunDataLoader.OpenAsync(dataset.Config(), new FileObjectStore(folder.Path), Token);
        });
    }

    private static async Task<(List<string> Keys, ShardCorruptException Error)> ReadUntilCorruptAsync(PackedDataset dataset, int decoders)
    {
        var streams = await RunDataLoader.OpenAsync(dataset.Config(decoders: decoders), Token);
        var keys = new List<string>();
        var error = await Assert.ThrowsAsync<ShardCorruptException>(async () =>
        {
            await foreach (var batch in streams.Training.ReadEpochAsync(0, 0, Token))
            {
                using (batch)
                    keys.AddRange(batch.Keys);
            }
        });
        return (keys, error);
    }

    private static void Flip(string path, long at)
    {
        using var file = File.Open(path, FileMode.Open);
        file.Position = at;
        var value = file.ReadByte();
        file.Position = at;
        file.WriteByte((byte)(value ^ 0x10));
    }

    private static void Replace(PackedDataset dataset)
    {
        foreach (var shard in new[] { "train-000000.tar", "train-000001.tar", "train-000002.tar" })
            File.WriteAllBytes(dataset[shard], new byte[new FileInfo(dataset[shard]).Length]);
    }
}
