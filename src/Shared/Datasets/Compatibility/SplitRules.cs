using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.Configuration.Documents;
using ChangeDetection.Core.Configuration.Schema;
using ChangeDetection.Datasets.Shards;

namespace ChangeDetection.Datasets.Compatibility;

/// <summary>What the splits that a config names must be.</summary>
internal static class SplitRules
{
    private const string Train = "dataset.train.split", Balance = "dataset.train.balance";

    /// <summary>The splits to train on, to validate and to test, as far as the config has them.</summary>
    /// <param name="dataset">Its folds are joined (<see cref="DatasetFolds.Join"/>).</param>
    public static IEnumerable<ConfigViolation> All(ExperimentConfig config, ShardDataset dataset)
    {
        var (violations, roles) = (Training(config, dataset), SplitRoles.Of(config.Dataset, dataset.Manifest));
        if (roles.Validate is { } validate)
            violations = violations.Concat(Measured(
                dataset, validate, "dataset.validate.split", "validate: none, with checkpoint: { metric: train/loss, mode: min }"));
        if (config.Evaluate is not null && roles.Test is { } test)
            violations = violations.Concat(Measured(dataset, test, "dataset.test.split", "test: none, with evaluate: none"));
        return violations;
    }

    /// <summary>A split without a changed pixel would train for hours towards an F1 of 0.</summary>
    /// <param name="dataset">Its folds are joined (<see cref="DatasetFolds.Join"/>).</param>
    public static IEnumerable<ConfigViolation> Training(ExperimentConfig config, ShardDataset dataset)
    {
        var name = SplitRoles.Of(config.Dataset, dataset.Manifest).Train;
        if (Missing(dataset, name, Train) is { } missing)
            return [missing];
        var split = dataset.Manifest.Splits[name];
        if (split.Unlabelled)
            return [new(
                Train, $"names the split '{name}' of {dataset.Store.Root}, which has no masks, so there is nothing to learn",
                "Name another, or pack the data set again with its masks.", DatasetRules.Uri)];
        return split.ChangeFractionBy(config.Dataset.Mask.Change) <= 0
            ? [new(
                Train, $"the split '{name}' of {dataset.Store.Root} has not one changed pixel in {split.Samples} samples, so there is nothing to learn",
                "Check the masks and pack the data set again.", DatasetRules.Uri)]
            : Balanced(config, dataset, split, name);
    }

    /// <summary>A data set of <c>dataset.train.mix</c>: its channels, its classes and its split.</summary>
    /// <param name="index">Which of the list it is.</param>
    /// <param name="first">
    /// The data set that it is mixed with: where that does not fit the config, this is told of it alone. Null where it is not known.
    /// </param>
    public static IEnumerable<ConfigViolation> Mixed(ExperimentConfig config, int index, ShardDataset dataset, ShardDataset? first)
    {
        var (key, name) = ($"dataset.train.mix[{index}]", config.Dataset.Train.Mix[index].Split);
        var channels = dataset.Manifest.Channels;
        if (channels != (first?.Manifest.Channels ?? config.Model.Channels))
            yield return new(
                $"{key}.uri", $"{dataset.Subject} has {channels} channels per date, but " +
                    (first is null ? $"model.channels is {config.Model.Channels}" : $"'{first.Manifest.Name}' has {first.Manifest.Channels}"),
                "Data sets are mixed only where all have the same channels.");
        foreach (var violation in first is null ? DatasetRules.Classes(config, dataset) : SameClasses($"{key}.uri", first, dataset))
            yield return violation;
        if (Missing(dataset, name, $"{key}.split", key) is { } missing)
            yield return missing;
        else
        {
            foreach (var violation in Balanced(config, dataset, dataset.Manifest.Splits[name], name))
                yield return violation;
        }
    }

    /// <summary>Whether data sets that are mixed have the same classes by the same numbers.</summary>
    private static IEnumerable<ConfigViolation> SameClasses(string key, ShardDataset first, ShardDataset other)
    {
        static string Names(ShardDataset dataset) =>
            dataset.Manifest.Classes is { } classes ? string.Join(", ", classes.Select(one => one.Name)) : "no change, change";
        if (Names(first) != Names(other))
            yield return new(
                key, $"{other.Subject} has the classes {Names(other)}, but '{first.Manifest.Name}' has {Names(first)}",
                "Data sets are mixed only where all have the same classes in the same order.");
    }

    /// <param name="key">The config's key, or the option, that names the split.</param>
    public static ConfigViolation? Missing(ShardDataset dataset, string name, string key, params string[] with)
    {
        var splits = dataset.Manifest.Splits;
        if (splits.ContainsKey(name))
            return null;
        var suggestion = NearestName.Suggest(name, splits.Keys) is { } question ? $"{question} "
            : FoldNames.Among(splits.Keys) is { Count: > 1 } folds ? $"dataset.fold: {folds[0]} trains on all of its folds but that one. " : "";
        return new(
            key, $"{dataset.Subject} has no split '{name}'",
            $"{suggestion}It has: {string.Join(", ", splits.Keys.Order(StringComparer.Ordinal))}.", [.. with, DatasetRules.Uri]);
    }

    /// <param name="without">What to write where no split is to be measured.</param>
    private static IEnumerable<ConfigViolation> Measured(ShardDataset dataset, string name, string key, string without)
    {
        if (Missing(dataset, name, key) is { } missing)
            yield return missing with { Remedy = $"{missing.Remedy} Or write {without}." };
        else if (dataset.Manifest.Splits[name].Unlabelled)
            yield return new(
                key, $"names the split '{name}' of {dataset.Store.Root}, which has no masks to measure against", $"Name another, or write {without}.",
                DatasetRules.Uri);
    }

    /// <summary>Whether a split can be drawn from as <c>dataset.train.balance</c> asks.</summary>
    private static IEnumerable<ConfigViolation> Balanced(ExperimentConfig config, ShardDataset dataset, SplitManifest split, string name)
    {
        if (config.Dataset.Train.Balance is not { } share)
            yield break;
        if (split.ChangedSamples() is not { } changed)
        {
            yield return new(
                Balance, $"needs to know which samples have a change, and {dataset.Subject} was packed without that",
                "Pack it again, or leave dataset.train.balance out.");
            yield break;
        }
        var count = changed.Sum(bits => bits.Set);
        if (count == 0 || count == split.Samples && share < 1)
            yield return new(
                Balance,
                $"of the {split.Samples} samples of the split '{name}' of {dataset.Store.Root} {(count == 0 ? "none has" : "all have")} a change, so " +
                    "there is nothing to balance",
                "Leave dataset.train.balance out.");
    }
}
