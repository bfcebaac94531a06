namespace ChangeDetection.Datasets.Shards;

/// <summary>Several splits of one data set as if they were one: their shards one behind the other.</summary>
public static class JoinedSplits
{
    /// <summary>The split of all shards. Its shares are those of the splits by how many samples each has, taking all to be of one size.</summary>
    /// <param name="splits">At least one.</param>
    public static SplitManifest Of(IReadOnlyList<SplitManifest> splits)
    {
        var samples = splits.Sum(split => (double)split.Samples);
        return new()
        {
            Shards = [.. splits.SelectMany(split => split.Shards)],
            Samples = checked(splits.Sum(split => split.Samples)),
            Bytes = splits.Sum(split => split.Bytes),
            ChangeFraction = Mean(split => split.ChangeFraction),
            ClassFractions = splits.All(split => split.ClassFractions is not null)
                ? [.. splits[0].ClassFractions!.Select((_, label) => Mean(split => split.ClassFractions![label]))]
                : null,
            IgnoredPixels = Sum(split => split.IgnoredPixels),
            InvalidPixels = Sum(split => split.InvalidPixels),
            Unlabelled = splits.Any(split => split.Unlabelled),
            Sizes = splits.All(split => split.Sizes is not null)
                ? splits.Aggregate((SplitSizes?)null, (joined, split) => SplitSizes.Join(joined, split.Sizes!))
                : null,
        };

        double Mean(Func<SplitManifest, double> of) => splits.Sum(split => split.Samples * of(split)) / samples;

        long? Sum(Func<SplitManifest, long?> of) => splits.All(split => of(split) is not null) ? splits.Sum(of) : null;
    }
}
