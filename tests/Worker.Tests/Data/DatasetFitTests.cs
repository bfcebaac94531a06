using ChangeDetection.Shards;
using ChangeDetection.Worker.Data;

namespace ChangeDetection.Worker.Tests.Data;

public sealed class DatasetFitTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task OtherChannels_NamesKeyAndRemedy()
    {
        using var dataset = await PackedDataset.PackAsync(2);
        var error = await Assert.ThrowsAsync<DatasetMismatchException>(() => DatasetStreams.OpenAsync(dataset.Config(channels: 4), Token));
        Assert.Contains("model.channels is 4", error.Message, StringComparison.Ordinal);
        Assert.Contains("to 3", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("vall", "Did you mean 'val'?")]
    [InlineData("validation-of-another-kind", "It has: train, val.")]
    public async Task UnknownSplit_SuggestsAndListsWhatIsThere(string split, string said)
    {
        using var dataset = await PackedDataset.PackAsync(new Dictionary<string, int> { ["train"] = 1, ["val"] = 1 });
        var config = dataset.Config();
        config = config with { Dataset = config.Dataset with { Validate = new() { Split = split } } };
        var error = await Assert.ThrowsAsync<DatasetMismatchException>(() => DatasetStreams.OpenAsync(config, Token));
        Assert.Contains("dataset.validate.split", error.Message, StringComparison.Ordinal);
        Assert.Contains(said, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TrainingSplitWithoutChange_IsRefusedAtOnce()
    {
        using var dataset = await PackedDataset.PackAsync(new Dictionary<string, int> { ["train"] = 3 }, changed: false);
        var error = await Assert.ThrowsAsync<DatasetMismatchException>(() => DatasetStreams.OpenAsync(dataset.Config(), Token));
        Assert.Contains("not one changed pixel", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OpenForSplit_NeedsThatSplitAlone()
    {
        using var dataset = await PackedDataset.PackAsync(new Dictionary<string, int> { ["test"] = 3 }, changed: false);
        var streams = await DatasetStreams.OpenForSplitAsync(dataset.Config(), "test", Token);
        Assert.Equal(3, (await Delivered.ReadAsync(streams.ReadSplitAsync("test", 8, Token))).Keys.Count());
        Assert.Throws<DatasetMismatchException>(() => streams.Training);
        await Assert.ThrowsAsync<DatasetMismatchException>(() => DatasetStreams.OpenForSplitAsync(dataset.Config(), "tset", Token));
    }
}
