using ChangeDetection.Datasets.Splitting;

namespace ChangeDetection.Datasets.Tests.Splitting;

/// <summary>Shares as the command line makes them of its options.</summary>
internal static class Shares
{
    public static SplitShares Of(string? splits, int? folds = null, string? group = null, long? seed = null, params string[] patterns) => SplitShares.Create(
        splits is null ? [] : SplitShare.Parse(splits), patterns, folds, group is null ? null : GroupPattern.Parse(group), seed)!;
}
