namespace ChangeDetection.Worker.Data;

/// <summary>What a loader's speed rests on, as far as it is known before the first byte is read.</summary>
/// <param name="Place">Where the data set lies.</param>
/// <param name="CacheBytes">What the shard cache may hold; null where shards are read from where they lie.</param>
/// <param name="DatasetBytes">Of the shards that are read.</param>
/// <param name="Samples">In those shards.</param>
/// <param name="KeepsDecoded">Whether decoded images are kept for the next epoch; null where each is read once.</param>
/// <param name="Decoders">Threads that decode.</param>
/// <param name="ComputeThreads">Threads that train.</param>
/// <param name="Cores">Of this machine, for both.</param>
public sealed record LoaderSetup(
    DatasetPlace Place, long? CacheBytes, long DatasetBytes, long Samples, bool? KeepsDecoded, int Decoders, int ComputeThreads, int Cores);

/// <summary>Where a data set lies.</summary>
public enum DatasetPlace
{
    /// <summary>On a disk of this machine.</summary>
    Disk,
    /// <summary>In a folder that the machine has from another (NFS, SMB).</summary>
    NetworkFolder,
    /// <summary>In a bucket or on a web server.</summary>
    Remote,
}

internal static class DatasetPlaces
{
    /// <param name="root">Of the data set's store.</param>
    public static DatasetPlace Of(Uri root) =>
        !root.IsFile ? DatasetPlace.Remote : IsOnTheNetwork(root.LocalPath) ? DatasetPlace.NetworkFolder : DatasetPlace.Disk;

    private static bool IsOnTheNetwork(string folder)
    {
        try
        {
            return new DriveInfo(folder).DriveType is DriveType.Network;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return false;
        }
    }
}
