using System.Globalization;

namespace ChangeDetection.Datasets.Shards;

/// <summary>Names of a shard's files.</summary>
public static class ShardNames
{
    public const string Tar = ".tar";

    /// <summary>Name of shard <paramref name="number"/> (from 0) of a split: <c>train-000000.tar</c>.</summary>
    public static string Shard(string split, int number) => string.Create(CultureInfo.InvariantCulture, $"{Prefix(split)}{number:000000}{Tar}");

    /// <summary>How the names of all files of a split begin.</summary>
    public static string Prefix(string split) => $"{split}-";

    /// <summary>Name of the index beside a shard: <c>train-000000.idx</c>.</summary>
    public static string Index(string shard) => $"{shard[..^Tar.Length]}.idx";

    /// <summary>Name of the checksums beside a shard: <c>train-000000.sum</c>.</summary>
    public static string Sums(string shard) => $"{shard[..^Tar.Length]}.sum";
}
