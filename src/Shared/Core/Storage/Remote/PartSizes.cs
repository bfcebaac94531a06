namespace ChangeDetection.Core.Storage.Remote;

/// <summary>
/// How large the parts of an object are whose size nobody knows beforehand. They grow, since S3 takes at most 10,000 of at least 5 MiB: an object of 6 GiB
/// is written with 8 MiB in memory, one of 40 GiB with 32 MiB, and the largest that S3 has, 5 TiB, with 1 GiB.
/// </summary>
internal static class PartSizes
{
    internal const int MaxParts = 10_000;

    private const int First = 8 << 20;
    private const int PartsOfASize = 800;
    private const int MaxDoublings = 7;

    /// <param name="number">From 1 on.</param>
    internal static int Of(int number) => First << Math.Min((number - 1) / PartsOfASize, MaxDoublings);
}
