namespace ChangeDetection.Datasets.Shards;

/// <summary>
/// Whose pixels <see cref="DatasetManifest.Statistics"/> and <see cref="DatasetManifest.Ranges"/> are of: the split <c>train</c> where there is one, else all
/// folds where there are any, else all splits. So what a test split looks like is in them only where nothing says what is trained on.
/// </summary>
internal static class StatisticsSplits
{
    /// <summary>The split that is trained on unless a config names another.</summary>
    public const string Training = "train";

    /// <param name="all">The data set's splits.</param>
    public static bool Count(string split, IEnumerable<string> all) =>
        all.Contains(Training) ? split == Training : FoldNames.Is(split) || !all.Any(FoldNames.Is);
}
