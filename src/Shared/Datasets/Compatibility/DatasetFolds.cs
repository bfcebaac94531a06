using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.Configuration.Documents;
using ChangeDetection.Datasets.Shards;

namespace ChangeDetection.Datasets.Compatibility;

/// <summary>The folds of a data set, as <c>dataset.fold</c> has them play.</summary>
public static class DatasetFolds
{
    /// <summary>
    /// The data set with one more split, which is all folds together but the one of <c>dataset.fold</c>; as it is where the config names none.
    /// </summary>
    /// <exception cref="DatasetMismatchException">It has no such fold, or no other.</exception>
    public static ShardDataset Join(ExperimentConfig config, ShardDataset dataset)
    {
        DatasetCompatibility.Require(Violations(config, dataset));
        return config.Dataset.Fold is not { } fold ? dataset : dataset.WithSplit(
            OthersOf(fold, dataset.Manifest), JoinedSplits.Of([.. Others(fold, dataset.Manifest).Select(name => dataset.Manifest.Splits[name])]));
    }

    /// <summary>Whether a data set has the fold that the config names, and others.</summary>
    internal static IEnumerable<ConfigViolation> Violations(ExperimentConfig config, ShardDataset dataset)
    {
        if (config.Dataset.Fold is not { } fold)
            yield break;
        var (manifest, folds) = (dataset.Manifest, FoldNames.Among(dataset.Manifest.Splits.Keys));
        var subject = $"is {fold}, but {dataset.Subject}";
        if (folds.Count == 0)
            yield return new(
                "dataset.fold", $"{subject} has no folds: its splits are {string.Join(", ", manifest.Splits.Keys.Order(StringComparer.Ordinal))}",
                "Pack it with --folds, or leave dataset.fold out.");
        else if (!folds.Contains(fold))
            yield return new("dataset.fold", $"{subject} has the folds {string.Join(", ", folds)}", "Name one of them.");
        else if (folds.Count == 1)
            yield return new("dataset.fold", $"{subject} has no other fold to train on", "Pack it with --folds, or leave dataset.fold out.");
    }

    /// <summary>What messages and logs call all folds but one, such as <c>fold0+fold2</c>.</summary>
    internal static string OthersOf(int fold, DatasetManifest manifest) => string.Join('+', Others(fold, manifest));

    private static IEnumerable<string> Others(int fold, DatasetManifest manifest) =>
        FoldNames.Among(manifest.Splits.Keys).Where(other => other != fold).Select(FoldNames.Of);
}
