using ChangeDetection.Configuration;
using ChangeDetection.Shards;
using ChangeDetection.Storage;

namespace ChangeDetection.Scheduler.Commands;

/// <summary>Whether the data set that a config names is there and fits it.</summary>
internal static class DatasetCheck
{
    /// <exception cref="DatasetMissingException">It is not there.</exception>
    /// <exception cref="DatasetMismatchException">It does not fit.</exception>
    /// <exception cref="StoreUriException">Its address is of no storage that is known here.</exception>
    public static async Task RequireAsync(ExperimentConfig config, CancellationToken cancellationToken) =>
        DatasetFit.Check(config, await ShardDataset.OpenAsync(ObjectStores.Open(config.Dataset.Uri, StorageSettings.OfEnvironment(privateAddresses: true)), cancellationToken));
}
