using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.Storage;
using ChangeDetection.Datasets.Shards;
using ChangeDetection.TestKit;

namespace ChangeDetection.Datasets.Tests.Shards;

public sealed class ShardDatasetTests
{
    [Fact]
    public async Task Open_WithoutManifest_SaysThatThereIsNoFinishedDataSet()
    {
        using var folder = new TemporaryFolder();
        var error = await Assert.ThrowsAsync<DatasetMissingException>(() => ShardDataset.OpenAsync(new FileObjectStore(folder.Path), CancellationToken.None));
        Assert.Contains("dataset.json", error.Message);
        Assert.Contains("dataset pack", error.Message);
    }

    [Theory]
    [InlineData("train-000000.idx")]
    [InlineData("train-000000.sum")]
    public async Task ReadIndex_ASidecarWithOneBitFlipped_IsRefused(string sidecar)
    {
        using var folder = new TemporaryFolder();
        var dataset = await ShardSamples.WriteAsync(new FileObjectStore(folder.Path), [ShardSamples.Sample("a")]);
        FlipBit(folder[sidecar], 30);
        var error = await Assert.ThrowsAsync<ShardCorruptException>(
            () => dataset.ReadIndexAsync(dataset.Manifest.Splits["train"].Shards[0], CancellationToken.None));
        Assert.StartsWith($"{sidecar} has the SHA-256", error.Message);
    }

    [Fact]
    public async Task ReadIndex_ASidecarGone_IsNamed()
    {
        using var folder = new TemporaryFolder();
        var dataset = await ShardSamples.WriteAsync(new FileObjectStore(folder.Path), [ShardSamples.Sample("a")]);
        File.Delete(folder["train-000000.sum"]);
        var error = await Assert.ThrowsAsync<ShardCorruptException>(
            () => dataset.ReadIndexAsync(dataset.Manifest.Splits["train"].Shards[0], CancellationToken.None));
        Assert.StartsWith("train-000000.sum is missing", error.Message);
    }

    [Fact]
    public async Task ReadIndex_ASidecarGrownHuge_IsRefusedUnread()
    {
        using var folder = new TemporaryFolder();
        var dataset = await ShardSamples.WriteAsync(new FileObjectStore(folder.Path), [ShardSamples.Sample("a")]);
        using (var file = File.OpenWrite(folder["train-000000.idx"]))
            file.SetLength(1L << 32);
        var error = await Assert.ThrowsAsync<ShardCorruptException>(
            () => dataset.ReadIndexAsync(dataset.Manifest.Splits["train"].Shards[0], CancellationToken.None));
        Assert.Contains("has 4294967296 bytes, and at most", error.Message);
    }

    [Fact]
    public async Task ReadField_AFlippedBitOrACutShard_IsFoundBeforeTheBytesAreUsed()
    {
        using var folder = new TemporaryFolder();
        var dataset = await ShardSamples.WriteAsync(new FileObjectStore(folder.Path), [ShardSamples.Sample("a"), ShardSamples.Sample("b")]);
        var index = await dataset.ReadIndexAsync(dataset.Manifest.Splits["train"].Shards[0], CancellationToken.None);
        var field = index.Find(1, SampleFields.Before)!.Value;
        FlipBit(folder["train-000000.tar"], field.Offset);
        var flipped = await Assert.ThrowsAsync<ShardCorruptException>(() => dataset.ReadFieldAsync(index, 1, field, CancellationToken.None));
        Assert.StartsWith($"train-000000.tar is damaged: b.before.png at offset {field.Offset} has the checksum", flipped.Message);
        using (var file = File.OpenWrite(folder["train-000000.tar"]))
            file.SetLength(field.Offset + 1);
        var cut = await Assert.ThrowsAsync<ShardCorruptException>(() => dataset.ReadFieldAsync(index, 1, field, CancellationToken.None));
        Assert.Contains("has 1 bytes instead of 8", cut.Message);
    }

    internal static void FlipBit(string path, long offset, int bit = 0)
    {
        using var file = File.Open(path, FileMode.Open);
        file.Position = offset;
        var value = file.ReadByte();
        file.Position = offset;
        file.WriteByte((byte)(value ^ 1 << bit));
    }
}
