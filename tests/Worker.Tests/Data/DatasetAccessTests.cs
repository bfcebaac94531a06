using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.Runs.Datasets;
using ChangeDetection.Datasets.Shards;
using ChangeDetection.TestKit;
using ChangeDetection.Worker.Attempts;
using ChangeDetection.Worker.Data.Batches;
using ChangeDetection.Worker.Data.Shards;
using ChangeDetection.Worker.Protocol;

namespace ChangeDetection.Worker.Tests.Data;

/// <summary>A run reads the data sets that it was submitted with, or says why not, and whose fault that is.</summary>
public sealed class DatasetAccessTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Replaced_IsAnErrorOfItsOwnThatIsNotRetried()
    {
        using var dataset = await PackedDataset.PackAsync(2);
        var config = dataset.Config();
        var submitted = new string('a', 64);

        var error = await Assert.ThrowsAsync<DatasetChangedException>(() => OpenAsync(config, submitted));

        var now = (await ShardDataset.OpenAsync(dataset.Store, Token)).ManifestSha256;
        Assert.Contains($"had the SHA-256 {submitted}, and has {now} now", error.Message, StringComparison.Ordinal);
        Assert.Contains("Submit the experiment again", error.Message, StringComparison.Ordinal);
        Assert.Equal(new TrainerOutcome(TrainerEnd.Failed, error.Message), FailureReasons.Outcome(error));
        (await OpenAsync(config, now)).Dispose();
    }

    [Fact]
    public async Task UnseenThoughItWasThere_IsTheMachinesFault()
    {
        using var folder = new TemporaryFolder();
        using var dataset = await PackedDataset.PackAsync(2);
        var config = dataset.Config();
        config = config with { Dataset = config.Dataset with { Uri = new Uri($"file://{folder["not-mounted"]}") } };

        var error = await Assert.ThrowsAsync<DatasetUnseenException>(() => OpenAsync(config, new string('a', 64)));

        Assert.Contains(Environment.MachineName, error.Message, StringComparison.Ordinal);
        Assert.Contains("holds no dataset.json", error.Message, StringComparison.Ordinal);
        Assert.Equal(new TrainerOutcome(TrainerEnd.Refused, error.Message, Retryable: true), FailureReasons.Outcome(error));
        // A run of before hashes were recorded: nobody knows whether it ever was there.
        await Assert.ThrowsAsync<DatasetMissingException>(() => RunDataLoader.OpenAsync(config, Token));
    }

    [Fact]
    public async Task ReplacedInAMix_IsFoundToo()
    {
        using var first = await PackedDataset.PackAsync(2);
        using var other = await PackedDataset.PackAsync(2);
        var config = first.Config();
        var mixed = config.Dataset.Train with { Mix = [new MixedSplitConfig { Uri = other.Config().Dataset.Uri }] };
        config = config with { Dataset = config.Dataset with { Train = mixed } };
        var access = new DatasetAccess([new DatasetReference(config.Dataset.Train.Mix[0].Uri, new string('a', 64))]);

        await Assert.ThrowsAsync<DatasetChangedException>(
            () => RunDataLoader.OpenAsync(config, LoaderEnvironment.Bare with { Datasets = access }, Token));
    }

    private static Task<RunDataLoader> OpenAsync(ExperimentConfig config, string sha256) => RunDataLoader.OpenAsync(
        config, LoaderEnvironment.Bare with { Datasets = new DatasetAccess([new DatasetReference(config.Dataset.Uri, sha256)]) }, Token);
}
