using ChangeDetection.Core.Runs.Datasets;
using ChangeDetection.Core.Storage;
using ChangeDetection.Datasets.Shards;

namespace ChangeDetection.Worker.Data.Shards;

/// <summary>
/// Opens the data sets of a run as they were when it was submitted. One that was replaced since is an error of its own. One that this machine cannot see,
/// though it was there, is the machine's fault and not the run's.
/// </summary>
/// <param name="submitted">What the run was submitted with; data sets that are not among it are taken as they are.</param>
public sealed class DatasetAccess(IReadOnlyList<DatasetReference> submitted)
{
    /// <summary>Of a run that names no hashes.</summary>
    public static DatasetAccess Any { get; } = new([]);

    /// <inheritdoc cref="OpenAsync(Uri, IObjectStore, CancellationToken)"/>
    public Task<ShardDataset> OpenAsync(Uri uri, CancellationToken cancellationToken) => OpenAsync(uri, ObjectStores.Open(uri), cancellationToken);

    /// <exception cref="DatasetChangedException">It is another one than the run was submitted with.</exception>
    /// <exception cref="DatasetUnseenException">It was there when the run was submitted, and this machine cannot read it.</exception>
    /// <exception cref="DatasetMissingException">It is not there, and was not recorded.</exception>
    /// <exception cref="ShardCorruptException">Its manifest breaks a rule.</exception>
    public async Task<ShardDataset> OpenAsync(Uri uri, IObjectStore store, CancellationToken cancellationToken)
    {
        var expected = submitted.FirstOrDefault(one => one.Uri == uri)?.ManifestSha256;
        var dataset = await ReadAsync(uri, store, expected, cancellationToken);
        return expected is null || dataset.ManifestSha256 == expected ? dataset : throw new DatasetChangedException(uri, expected, dataset.ManifestSha256);
    }

    private static async Task<ShardDataset> ReadAsync(Uri uri, IObjectStore store, string? expected, CancellationToken cancellationToken)
    {
        try
        {
            return await ShardDataset.OpenAsync(store, cancellationToken);
        }
        catch (Exception unseen) when (expected is not null && unseen is UnauthorizedAccessException
            || expected is not null && unseen is IOException and not (ShardCorruptException or ObjectReplacedException))
        {
            throw new DatasetUnseenException(uri, expected, unseen);
        }
    }
}

/// <summary>A data set was replaced after a run was submitted with it: what would be trained on is not what was asked for.</summary>
public sealed class DatasetChangedException(Uri uri, string submitted, string now) : Exception(
    $"The data set at {uri} changed after this run was submitted: its dataset.json had the SHA-256 {submitted}, and has {now} now. Submit the experiment " +
    "again to use the new one, or put the old one back and retry the run.");

/// <summary>A data set that a run was submitted with cannot be read from this machine: a mount or credentials are missing, or the network is cut.</summary>
public sealed class DatasetUnseenException(Uri uri, string submitted, Exception cause) : Exception(
    $"The worker's machine {Environment.MachineName} cannot see the data set at {uri}, which was there when the run was submitted (dataset.json with SHA-256 " +
    $"{submitted[..12]}…): {cause.Message.TrimEnd('.')}. Mount it there, or give that worker its credentials.", cause);
