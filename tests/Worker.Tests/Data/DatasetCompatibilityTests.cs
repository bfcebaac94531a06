using ChangeDetection.Core.Configuration;
using ChangeDetection.Datasets.Compatibility;
using ChangeDetection.Datasets.Shards;
using ChangeDetection.Worker.Data.Batches;

namespace ChangeDetection.Worker.Tests.Data;

public sealed class DatasetCompatibilityTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task OtherChannels_NamesKeyAndRemedy()
    {
        using var dataset = await PackedDataset.PackAsync(2);
        var error = await Assert.ThrowsAsync<DatasetMismatchException>(() => RunDataLoader.OpenAsync(dataset.Config(channels: 4), Token));
        Assert.Contains("model.channels: must be 3", error.Message, StringComparison.Ordinal);
        Assert.Contains("channels: 3.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RescalingOfATrainingsOwnData_IsRefused()
    {
        using var dataset = await PackedDataset.PackAsync(2);
        var config = dataset.Config() with { Evaluate = new() { Rescale = ValueRescaling.TryParse("0..10000=0..255") } };
        var opened = await ShardDataset.OpenAsync(dataset.Store, Token);
        var error = Assert.Throws<DatasetMismatchException>(() => DatasetCompatibility.Check(config, opened));
        Assert.Contains("evaluate.rescale: is '0..10000=0..255'", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("vall", "Did you mean 'val'?")]
    [InlineData("validation-of-another-kind", "It has: train, val.")]
    public async Task UnknownSplit_SuggestsAndListsWhatIsThere(string split, string said)
    {
        using var dataset = await PackedDataset.PackAsync(new Dictionary<string, int> { ["train"] = 1, ["val"] = 1 });
        var config = dataset.Config();
        config = config with { Dataset = config.Dataset with { Validate = new() { Split = split } } };
        var error = await Assert.ThrowsAsync<DatasetMismatchException>(() => RunDataLoader.OpenAsync(config, Token));
        Assert.Contains("dataset.validate.split", error.Message, StringComparison.Ordinal);
        Assert.Contains(said, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TrainingSplitWithoutChange_IsRefusedAtOnce()
    {
        using var dataset = await PackedDataset.PackAsync(new Dictionary<string, int> { ["train"] = 3 }, changed: false);
        var error = await Assert.ThrowsAsync<DatasetMismatchException>(() => RunDataLoader.OpenAsync(dataset.Config(), Token));
        Assert.Contains("not one changed pixel", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OtherFields_AreReadInTheirPlaces()
    {
        using var dataset = await PackedDataset.PackAsync(2);
        var config = dataset.Config() with { Normalize = Normalization.Unit };
        var exchanged = config with { Dataset = config.Dataset with { Fields = new(Before: "after", After: "before.png", Mask: "mask") } };

        var (packed, chosen) = (await FirstAsync(config), await FirstAsync(exchanged));

        Assert.Equal(packed.Before, chosen.After);
        Assert.Equal(packed.After, chosen.Before);
        Assert.Equal(packed.Mask, chosen.Mask);
        Assert.NotEqual(packed.Before, chosen.Before);

        static async Task<(float[] Before, float[] After, byte[] Mask)> FirstAsync(ExperimentConfig config)
        {
            var streams = await RunDataLoader.OpenForSplitAsync(config, "train", Token);
            await foreach (var batch in streams.ReadSplitAsync("train", 1, Token))
            {
                using (batch)
                    return ([.. batch.Before], [.. batch.After], [.. batch.Mask]);
            }
            throw new InvalidOperationException("The split has samples.");
        }
    }

    [Theory]
    [InlineData("after", "before", "mask", "normalize: rests", "normalize: image, unit or figures")]
    [InlineData("before", "after", "seg", "loss.class_weights", "weights as numbers")]
    public async Task OtherFields_WhoseFiguresTheConfigRestsOn_AreRefusedWithTheRemedy(string before, string after, string mask, string key, string remedy)
    {
        using var dataset = await PackedDataset.PackAsync(2);
        var config = dataset.Config();
        config = config with { Dataset = config.Dataset with { Fields = new(before, after, mask) } };

        var error = await Assert.ThrowsAsync<DatasetMismatchException>(() => RunDataLoader.OpenAsync(config, Token));

        Assert.Contains(key, error.Message, StringComparison.Ordinal);
        Assert.Contains(remedy, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OtherFields_ThatASampleLacks_AreNamed()
    {
        using var dataset = await PackedDataset.PackAsync(2);
        var config = dataset.Config() with { Normalize = Normalization.Unit };
        var streams = await RunDataLoader.OpenForSplitAsync(
            config with { Dataset = config.Dataset with { Fields = new("nir", "after", "mask") } }, "train", Token);

        var error = await Assert.ThrowsAsync<ShardCorruptException>(() => Delivered.ReadAsync(streams.ReadSplitAsync("train", 1, Token)));

        Assert.Contains("without a field for 'before'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OpenForSplit_NeedsThatSplitAlone()
    {
        using var dataset = await PackedDataset.PackAsync(new Dictionary<string, int> { ["test"] = 3 }, changed: false);
        var streams = await RunDataLoader.OpenForSplitAsync(dataset.Config(), "test", Token);
        Assert.Equal(3, (await Delivered.ReadAsync(streams.ReadSplitAsync("test", 8, Token))).Keys.Count());
        Assert.Throws<DatasetMismatchException>(() => streams.Training);
        await Assert.ThrowsAsync<DatasetMismatchException>(() => RunDataLoader.OpenForSplitAsync(dataset.Config(), "tset", Token));
    }
}
