namespace ChangeDetection.Datasets.Shards;

/// <summary>There is no finished data set at an address: <c>dataset.json</c> is written last.</summary>
public sealed class DatasetMissingException(Uri root)
    : IOException(
        $"{root} holds no {DatasetManifest.FileName}, so there is no finished data set. Check the address, or write one with `changedetection " +
        "dataset pack`.")
{
    public Uri Root { get; } = root;
}
