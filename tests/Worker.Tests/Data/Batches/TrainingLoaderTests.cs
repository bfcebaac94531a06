using ChangeDetection.Core.Configuration;
using ChangeDetection.Worker.Data.Batches;
using ChangeDetection.Worker.Data.Samples;

namespace ChangeDetection.Worker.Tests.Data.Batches;

public sealed class TrainingLoaderTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Epoch_AnyDecodersAndReadAhead_DeliversTheSameBits()
    {
        using var dataset = await PackedDataset.PackAsync(50);
        var hashes = new HashSet<string>();
        foreach (var (decoders, ahead) in new[] { (1, 0), (1, 2), (2, 1), (3, 5), (7, 1) })
        {
            var streams = await RunDataLoader.OpenAsync(dataset.Config(decoders: decoders, batchesAhead: ahead, samplesPerEpoch: 120), Token);
            var delivered = await Delivered.ReadAsync(streams.Training.ReadEpochAsync(1, 0, Token));
            Assert.Equal(streams.Training.StepsPerEpoch, delivered.Batches.Count);
            hashes.Add(delivered.Hash);
        }
        Assert.Single(hashes);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(4)]
    [InlineData(23)]
    [InlineData(52)]
    [InlineData(73)]
    public async Task Epoch_ResumedAtAPosition_DeliversTheRestBitForBit(int position)
    {
        using var dataset = await PackedDataset.PackAsync(50);
        var streams = await RunDataLoader.OpenAsync(dataset.Config(samplesPerEpoch: 74, batch: 1), Token);
        var whole = new List<string>();
        await foreach (var batch in streams.Training.ReadEpochAsync(2, 0, Token))
        {
            using (batch)
                whole.Add(Fingerprint(batch));
        }
        var resumed = await RunDataLoader.OpenAsync(dataset.Config(samplesPerEpoch: 74, batch: 1, decoders: 3, batchesAhead: 4), Token);
        var rest = new List<string>();
        await foreach (var batch in resumed.Training.ReadEpochAsync(2, position, Token))
        {
            using (batch)
                rest.Add(Fingerprint(batch));
        }
        Assert.Equal(whole[position..], rest);
    }

    [Fact]
    public async Task Epoch_OneEachOfTheSplit_EndsInAShortBatch()
    {
        using var dataset = await PackedDataset.PackAsync(50);
        var training = (await RunDataLoader.OpenAsync(dataset.Config(batch: 16), Token)).Training;
        var delivered = await Delivered.ReadAsync(training.ReadEpochAsync(0, 0, Token));
        Assert.Equal([16, 16, 16, 2], delivered.Batches.Select(batch => batch.Count));
        Assert.Equal(50, delivered.Keys.Distinct().Count());
        Assert.Equal((50, 4), (training.SamplesPerEpoch, training.StepsPerEpoch));
        Assert.NotEqual(delivered.Keys, (await Delivered.ReadAsync(training.ReadEpochAsync(1, 0, Token))).Keys);
    }

    [Fact]
    public async Task Epoch_WholeImagesOfOneSize_AreTrainedOnWithoutACrop()
    {
        using var dataset = await PackedDataset.PackAsync(new Dictionary<string, int> { ["train"] = 9 }, _ => (20, 28));
        var streams = await RunDataLoader.OpenAsync(dataset.Config(crop: null), Token);
        await foreach (var batch in streams.Training.ReadEpochAsync(0, 0, Token))
        {
            using (batch)
                Assert.Equal((20, 28, 3), (batch.Height, batch.Width, batch.Channels));
        }
    }

    [Fact]
    public async Task Epoch_ImageSmallerThanTheCrop_NamesTheSampleAndTheSizes()
    {
        using var dataset = await PackedDataset.PackAsync(new Dictionary<string, int> { ["train"] = 9 }, i => i == 5 ? (32, 24) : (32, 32));
        var streams = await RunDataLoader.OpenAsync(dataset.Config(crop: 25), Token);
        var error = await Assert.ThrowsAsync<SampleRejectedException>(() => Delivered.ReadAsync(streams.Training.ReadEpochAsync(0, 0, Token)));
        Assert.Equal(PackedDataset.Key("train", 5), error.Key);
        Assert.Contains("24x32", error.Message, StringComparison.Ordinal);
        Assert.Contains("25x25", error.Message, StringComparison.Ordinal);
        Assert.Contains("24 or less", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Epoch_WholeImagesOfTwoSizes_NamesBoth()
    {
        using var dataset = await PackedDataset.PackAsync(new Dictionary<string, int> { ["train"] = 9 }, i => i == 5 ? (32, 24) : (32, 32));
        var streams = await RunDataLoader.OpenAsync(dataset.Config(crop: null), Token);
        var error = await Assert.ThrowsAsync<SampleRejectedException>(() => Delivered.ReadAsync(streams.Training.ReadEpochAsync(0, 0, Token)));
        Assert.Contains("24x32", error.Message, StringComparison.Ordinal);
        Assert.Contains("32x32", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Epoch_SampleLargerThanTheReadAhead_SaysWhatToSet()
    {
        using var dataset = await PackedDataset.PackAsync(new Dictionary<string, int> { ["train"] = 1 }, _ => (600, 600), shardBytes: 10 << 20);
        var streams = await RunDataLoader.OpenAsync(dataset.Config(readAheadMb: 1), Token);
        var error = await Assert.ThrowsAsync<SampleRejectedException>(() => Delivered.ReadAsync(streams.Training.ReadEpochAsync(0, 0, Token)));
        Assert.Contains("loader.read_ahead_mb to 3", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Epoch_SixteenBitFields_AreNormalisedByTheirOwnScale()
    {
        using var dataset = await PackedDataset.PackAsync(new Dictionary<string, int> { ["train"] = 6 }, channels: 13, raw: true, shardBytes: 200_000);
        var config = dataset.Config(channels: 13) with { Normalize = Normalization.Unit };
        await foreach (var batch in (await RunDataLoader.OpenAsync(config, Token)).Training.ReadEpochAsync(0, 0, Token))
        {
            using (batch)
                Assert.InRange(batch.Before.Take(batch.Count * 16 * 16 * 13).Max(), 0.99f, 1f);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(31)]
    [InlineData(398)]
    public async Task Resume_AtAnySample_ReadsNothingThatItDoesNotDeliver(int position)
    {
        using var dataset = await PackedDataset.PackAsync(200);
        var store = new WatchedStore(dataset.Store);
        var streams = await RunDataLoader.OpenAsync(dataset.Config(samplesPerEpoch: 400, batch: 2), store, Token);
        var opened = store.Reads;
        var delivered = await Delivered.ReadAsync(streams.Training.ReadEpochAsync(3, position, Token));
        Assert.Equal(400 - position, delivered.Keys.Count());
        // One read for each sample that is delivered; beside them the index and the checksums of the shards these lie in.
        Assert.Equal(400 - position, store.ShardReads);
        var shards = 2 * streams.Manifest.Splits["train"].Shards.Count;
        Assert.InRange(store.Reads - opened - store.ShardReads, 2, 2 * Math.Min(400 - position, shards));
    }

    [Fact]
    public async Task Counters_AfterAnEpoch_SayWhatWasReadAndWaitedFor()
    {
        using var dataset = await PackedDataset.PackAsync(20);
        var streams = await RunDataLoader.OpenAsync(dataset.Config(), Token);
        Assert.Equal(TimeSpan.Zero, streams.Counters.WaitedForStorage + streams.Counters.WaitedForDecoding);
        await Delivered.ReadAsync(streams.Training.ReadEpochAsync(0, 0, Token));
        Assert.True(streams.Counters.WaitedForStorage + streams.Counters.WaitedForDecoding > TimeSpan.Zero);
        Assert.InRange(streams.Counters.BytesRead, streams.Manifest.Splits["train"].Bytes / 2, 2 * streams.Manifest.Splits["train"].Bytes);
        Assert.Equal((0, 0), (streams.Counters.CacheHits, streams.Counters.CacheMisses));
    }

    private static string Fingerprint(Batch batch)
    {
        var hash = new HashCode();
        foreach (var value in batch.Before.AsSpan(0, batch.Height * batch.Width * batch.Channels))
            hash.Add(value);
        foreach (var value in batch.After.AsSpan(0, batch.Height * batch.Width * batch.Channels))
            hash.Add(value);
        hash.AddBytes(batch.Mask.AsSpan(0, batch.Height * batch.Width));
        return $"{batch.FirstPosition} {batch.Keys[0]} {hash.ToHashCode()}";
    }
}
