using ChangeDetection.Core.Configuration;
using ChangeDetection.Datasets.Compatibility;
using ChangeDetection.Worker.Data.Batches;

namespace ChangeDetection.Worker.Tests.Data.Batches;

public sealed class MixedDatasetsTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Epoch_OfTwoDataSets_DrawsByTheirWeightsInEveryBatch()
    {
        using var first = await PackedDataset.PackAsync(40);
        using var other = await PackedDataset.PackAsync(new Dictionary<string, int> { ["all"] = 12 });
        var config = Mixed(first.Config(batch: 8), (other, "all", 1.0 / 3));
        using var streams = await RunDataLoader.OpenAsync(config, Token);
        var delivered = await Delivered.ReadAsync(streams.Training.ReadEpochAsync(0, 0, Token));
        // Without samples_per_epoch an epoch has as many draws as there are samples.
        Assert.Equal(52, streams.Training.SamplesPerEpoch);
        Assert.All(delivered.Batches.Take(6), batch => Assert.Equal(2, batch.Count(IsOther)));
        // Of the other set's 12 samples, each is drawn once before any is drawn again.
        Assert.Equal(12, delivered.Keys.Where(IsOther).Take(12).Distinct().Count());
        Assert.Equal(39, delivered.Keys.Where(key => !IsOther(key)).Distinct().Count());
    }

    [Fact]
    public async Task Epoch_MixedAndResumed_IsTheSameToTheBit()
    {
        using var first = await PackedDataset.PackAsync(30);
        using var other = await PackedDataset.PackAsync(new Dictionary<string, int> { ["all"] = 20 });
        var config = Mixed(first.Config(batch: 1, samplesPerEpoch: 60), (other, "all", 0.7));
        config = config with { Dataset = config.Dataset with { Train = config.Dataset.Train with { Balance = 0.5 } } };
        // Every sample of these sets has a change, so there is nothing to balance by: the config says so.
        await Assert.ThrowsAsync<DatasetMismatchException>(() => RunDataLoader.OpenAsync(config, Token));
        config = config with { Dataset = config.Dataset with { Train = config.Dataset.Train with { Balance = null } } };
        using var streams = await RunDataLoader.OpenAsync(config, Token);
        var whole = await Delivered.ReadAsync(streams.Training.ReadEpochAsync(1, 0, Token));
        using var resumed = await RunDataLoader.OpenAsync(config with { Loader = new() { Decoders = 3 } }, Token);
        for (var from = 0; from < 60; from += 17)
        {
            var expected = await Delivered.ReadAsync(streams.Training.ReadEpochAsync(1, from, Token));
            Assert.Equal(whole.Keys.Skip(from), expected.Keys);
            Assert.Equal(expected.Hash, (await Delivered.ReadAsync(resumed.Training.ReadEpochAsync(1, from, Token))).Hash);
        }
    }

    [Fact]
    public async Task Pixels_AreNormalisedByTheirOwnDataSetsStatistics()
    {
        using var first = await PackedDataset.PackAsync(new Dictionary<string, int> { ["train"] = 6 });
        using var other = await PackedDataset.PackAsync(new Dictionary<string, int> { ["all"] = 6 }, mean: 27);
        var alone = await MeansAsync(first.Config(crop: null, batch: 1));
        var mixed = await MeansAsync(Mixed(first.Config(crop: null, batch: 1), (other, "all", 1)));
        Assert.All(mixed.Where(sample => !IsOther(sample.Key)), sample => Assert.Equal(alone[sample.Key], sample.Value, 1e-4));
        // The same bytes, less a mean that is 100 smaller, over the deviation of 70.
        Assert.All(mixed.Where(sample => IsOther(sample.Key)), sample => Assert.InRange(sample.Value, 100 / 70.0 - 0.3, 100 / 70.0 + 0.3));
        Assert.Equal(12, mixed.Count);
    }

    [Fact]
    public async Task OtherChannels_AreRefusedByName()
    {
        using var first = await PackedDataset.PackAsync(6);
        using var other = await PackedDataset.PackAsync(new Dictionary<string, int> { ["all"] = 3 }, channels: 4, raw: true);
        var error = await Assert.ThrowsAsync<DatasetMismatchException>(() => RunDataLoader.OpenAsync(Mixed(first.Config(), (other, "all", 1)), Token));
        Assert.Contains("dataset.train.mix[0]", error.Message, StringComparison.Ordinal);
        Assert.Contains("4 channels", error.Message, StringComparison.Ordinal);
        error = await Assert.ThrowsAsync<DatasetMismatchException>(() => RunDataLoader.OpenAsync(Mixed(first.Config(), (first, "trian", 1)), Token));
        Assert.Contains("dataset.train.mix[0].split", error.Message, StringComparison.Ordinal);
        Assert.Contains("Did you mean 'train'?", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ManifestHash_OfAMix_ChangesWithAnyOfThem()
    {
        using var first = await PackedDataset.PackAsync(6);
        using var other = await PackedDataset.PackAsync(new Dictionary<string, int> { ["all"] = 3 });
        using var another = await PackedDataset.PackAsync(new Dictionary<string, int> { ["all"] = 4 });
        var hashes = new HashSet<string>();
        foreach (var config in new[] { first.Config(), Mixed(first.Config(), (other, "all", 1)), Mixed(first.Config(), (another, "all", 1)) })
        {
            using var streams = await RunDataLoader.OpenAsync(config, Token);
            hashes.Add(streams.ManifestSha256);
        }
        Assert.Equal(3, hashes.Count);
        Assert.All(hashes, hash => Assert.Equal(64, hash.Length));
    }

    [Theory]
    [InlineData(0.5, 4)]
    [InlineData(0.25, 2)]
    [InlineData(1.0, 8)]
    public async Task Balance_GivesEveryBatchItsShareOfChangedSamples(double balance, int perBatch)
    {
        using var dataset = await PackedDataset.PackAsync(new Dictionary<string, int> { ["train"] = 64 }, changedSamples: i => i % 8 == 3);
        var config = Balanced(dataset.Config(crop: null, batch: 8, samplesPerEpoch: 80), balance);
        using var streams = await RunDataLoader.OpenAsync(config, Token);
        var batches = 0;
        await foreach (var batch in streams.Training.ReadEpochAsync(0, 0, Token))
        {
            using (batch)
            {
                batches++;
                var pixels = batch.Height * batch.Width;
                Assert.Equal(perBatch, Enumerable.Range(0, batch.Count).Count(row => batch.Mask.AsSpan(row * pixels, pixels).Contains((byte)1)));
            }
        }
        Assert.Equal(10, batches);
        var all = (await Delivered.ReadAsync(streams.Training.ReadEpochAsync(1, 0, Token))).Keys.ToList();
        var changed = all.Where(key => int.Parse(key[^3..], System.Globalization.CultureInfo.InvariantCulture) % 8 == 3).ToList();
        Assert.Equal(10 * perBatch, changed.Count);
        // Each of the 8 once, before any comes again.
        Assert.Equal(8, changed.Take(8).Distinct().Count());
        foreach (var from in new[] { 1, 33, 79 })
            Assert.Equal(all[from..], (await Delivered.ReadAsync(streams.Training.ReadEpochAsync(1, from, Token))).Keys);
    }

    [Fact]
    public async Task Balance_ChangeFraction_IsThatOfWhatIsDrawn()
    {
        using var dataset = await PackedDataset.PackAsync(new Dictionary<string, int> { ["train"] = 64 }, changedSamples: i => i % 8 == 3);
        using var natural = await RunDataLoader.OpenAsync(dataset.Config(), Token);
        using var balanced = await RunDataLoader.OpenAsync(Balanced(dataset.Config(), 0.5), Token);
        Assert.Equal(natural.Training.ChangeFraction * 4, balanced.Training.ChangeFraction, 12);
    }

    [Fact]
    public async Task Balance_OfADataSetPackedBefore_SaysToPackItAgain()
    {
        using var dataset = await PackedDataset.PackAsync(new Dictionary<string, int> { ["train"] = 16 }, changedSamples: i => i % 2 == 0, tellsChanges: false);
        using var streams = await RunDataLoader.OpenAsync(dataset.Config(), Token);
        Assert.Equal(16, streams.Training.SamplesPerEpoch);
        var error = await Assert.ThrowsAsync<DatasetMismatchException>(() => RunDataLoader.OpenAsync(Balanced(dataset.Config(), 0.5), Token));
        Assert.Contains("Pack it again", error.Message, StringComparison.Ordinal);
    }

    private static bool IsOther(string key) => key.StartsWith("all_", StringComparison.Ordinal);

    private static async Task<Dictionary<string, double>> MeansAsync(ExperimentConfig config)
    {
        using var streams = await RunDataLoader.OpenAsync(config, Token);
        var means = new Dictionary<string, double>();
        await foreach (var batch in streams.Training.ReadEpochAsync(0, 0, Token))
        {
            using (batch)
                means[batch.Keys[0]] = batch.Before.Take(batch.Height * batch.Width * 3).Average(value => (double)value)
                    + batch.After.Take(batch.Height * batch.Width * 3).Average(value => (double)value);
        }
        return means.ToDictionary(mean => mean.Key, mean => mean.Value / 2);
    }

    private static ExperimentConfig Mixed(ExperimentConfig config, params (PackedDataset Dataset, string Split, double Weight)[] mix) => config with
    {
        Dataset = config.Dataset with
        {
            Train = config.Dataset.Train
                with { Mix = [.. mix.Select(one => new MixedSplitConfig { Uri = one.Dataset.Store.Root, Split = one.Split, Weight = one.Weight })] },
        },
    };

    private static ExperimentConfig Balanced(ExperimentConfig config, double balance)
        => config with { Dataset = config.Dataset with { Train = config.Dataset.Train with { Balance = balance } } };
}
