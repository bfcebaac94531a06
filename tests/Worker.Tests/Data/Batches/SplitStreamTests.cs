using ChangeDetection.Worker.Data.Batches;

namespace ChangeDetection.Worker.Tests.Data.Batches;

public sealed class SplitStreamTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Split_IsDeliveredInManifestOrderWhateverTheLoader()
    {
        using var dataset = await PackedDataset.PackAsync(new Dictionary<string, int> { ["train"] = 3, ["val"] = 40 });
        var expected = Enumerable.Range(0, 40).Select(i => PackedDataset.Key("val", i));
        var hashes = new HashSet<string>();
        foreach (var decoders in new[] { 1, 3 })
        {
            var streams = await RunDataLoader.OpenAsync(dataset.Config(decoders: decoders), Token);
            var delivered = await Delivered.ReadAsync(streams.ReadSplitAsync("val", maxBatch: 7, Token));
            Assert.Equal(expected, delivered.Keys);
            Assert.Equal([7, 7, 7, 7, 7, 5], delivered.Batches.Select(batch => batch.Count));
            hashes.Add(delivered.Hash);
        }
        Assert.Single(hashes);
    }

    [Fact]
    public async Task Split_OfSeveralSizes_BatchesNeighboursOfEqualSize()
    {
        using var dataset = await PackedDataset.PackAsync(new Dictionary<string, int> { ["train"] = 10 }, i => i is >= 3 and < 5 ? (16, 48) : (32, 32));
        var streams = await RunDataLoader.OpenAsync(dataset.Config(), Token);
        var delivered = await Delivered.ReadAsync(streams.ReadSplitAsync("train", maxBatch: 4, Token));
        Assert.Equal([3, 2, 4, 1], delivered.Batches.Select(batch => batch.Count));
    }

    [Fact]
    public async Task Split_OfLargeImages_StaysUnderThePixelBudget()
    {
        using var dataset = await PackedDataset.PackAsync(
            new Dictionary<string, int> { ["train"] = 7 }, i => i < 4 ? (600, 600) : (1100, 1000), channels: 1, shardBytes: 10 << 20);
        var streams = await RunDataLoader.OpenAsync(dataset.Config(channels: 1, readAheadMb: 8), Token);
        var delivered = await Delivered.ReadAsync(streams.ReadSplitAsync("train", maxBatch: 16, Token));
        Assert.Equal([2, 2, 1, 1, 1], delivered.Batches.Select(batch => batch.Count));
    }

    [Fact]
    public async Task Split_ReadAfterTraining_ReusesTheBuffers()
    {
        using var dataset = await PackedDataset.PackAsync(30);
        var streams = await RunDataLoader.OpenAsync(dataset.Config(crop: 32, batchesAhead: 1), Token);
        var buffers = new HashSet<float[]>(ReferenceEqualityComparer.Instance);
        for (var epoch = 0; epoch < 3; epoch++)
        {
            await foreach (var batch in streams.Training.ReadEpochAsync(epoch, 0, Token))
            {
                buffers.Add(batch.Before);
                batch.Dispose();
            }
            await foreach (var batch in streams.ReadSplitAsync("train", 4, Token))
            {
                buffers.Add(batch.Before);
                batch.Dispose();
            }
        }
        Assert.InRange(buffers.Count, 1, 2);
    }
}
