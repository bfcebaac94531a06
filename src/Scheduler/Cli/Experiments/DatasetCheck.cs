using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.Storage;
using ChangeDetection.Datasets.Compatibility;
using ChangeDetection.Datasets.Shards;

namespace ChangeDetection.Scheduler.Cli.Experiments;

/// <summary>Whether the data sets that a config names are there and fit it.</summary>
internal static class DatasetCheck
{
    /// <exception cref="DatasetMissingException">One is not there.</exception>
    /// <exception cref="DatasetMismatchException">One does not fit.</exception>
    /// <exception cref="StoreUriException">An address is of no storage that is known here.</exception>
    public static async Task RequireAsync(ExperimentConfig config, CancellationToken cancellationToken)
    {
        // Of a matrix, every run; those that read the same once.
        foreach (var one in ExperimentMatrix.Expand(config).DistinctBy(run => (run.Dataset, run.Model.Channels, run.Evaluate is null, run.Evaluate?.Rescale)))
            await RequireOneAsync(one, cancellationToken);
    }

    private static async Task RequireOneAsync(ExperimentConfig config, CancellationToken cancellationToken)
    {
        DatasetCompatibility.Check(config, await OpenAsync(config.Dataset.Uri, cancellationToken));
        for (var index = 0; index < config.Dataset.Train.Mix.Count; index++)
            DatasetCompatibility.CheckMixed(config, index, await OpenAsync(config.Dataset.Train.Mix[index].Uri, cancellationToken));
    }

    private static Task<ShardDataset> OpenAsync(Uri uri, CancellationToken cancellationToken) =>
        ShardDataset.OpenAsync(ObjectStores.Open(uri, StorageSettings.OfEnvironment(privateAddresses: true)), cancellationToken);
}
