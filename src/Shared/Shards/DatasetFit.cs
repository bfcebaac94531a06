using ChangeDetection.Configuration;
using ChangeDetection.Configuration.Schema;

namespace ChangeDetection.Shards;

/// <summary>What must agree between a config and the data set it names.</summary>
public static class DatasetFit
{
    /// <summary>All of it, for an experiment that is to train.</summary>
    /// <exception cref="DatasetMismatchException">They do not fit; the message names the key and the remedy.</exception>
    public static void Check(ExperimentConfig config, ShardDataset dataset)
    {
        CheckChannels(config, dataset);
        CheckSplits(config, dataset);
    }

    public static void CheckChannels(ExperimentConfig config, ShardDataset dataset)
    {
        var manifest = dataset.Manifest;
        if (config.Model.Channels != manifest.Channels)
            throw new DatasetMismatchException(
                $"model.channels is {config.Model.Channels}, but the data set '{manifest.Name}' at {dataset.Store.Root} has {manifest.Channels} channels per date. Set model.channels to {manifest.Channels}.");
    }

    /// <summary>The splits to train on, to validate and to test, as far as the config has them.</summary>
    public static void CheckSplits(ExperimentConfig config, ShardDataset dataset)
    {
        FindTrainingSplit(config, dataset);
        if (config.Dataset.Validate is { } validate)
            FindSplit(dataset, validate.Split, "dataset.validate.split");
        if (config.Evaluate is not null && config.Dataset.Test is { } test)
            FindSplit(dataset, test.Split, "dataset.test.split");
    }

    /// <summary>A split without a changed pixel would train for hours towards an F1 of 0.</summary>
    public static SplitManifest FindTrainingSplit(ExperimentConfig config, ShardDataset dataset)
    {
        var name = config.Dataset.Train.Split;
        var split = FindSplit(dataset, name, "dataset.train.split");
        return split.ChangeFraction > 0
            ? split
            : throw new DatasetMismatchException(
                $"dataset.train.split: the split '{name}' of {dataset.Store.Root} has not one changed pixel in {split.Samples} samples, so there is nothing to learn. Check the masks and pack the data set again.");
    }

    /// <param name="key">The config's key that names the split.</param>
    public static SplitManifest FindSplit(ShardDataset dataset, string name, string key)
    {
        var splits = dataset.Manifest.Splits;
        if (splits.TryGetValue(name, out var split))
            return split;
        var suggestion = NearestName.Suggest(name, splits.Keys) is { } question ? $" {question}" : "";
        throw new DatasetMismatchException(
            $"{key}: the data set '{dataset.Manifest.Name}' at {dataset.Store.Root} has no split '{name}'.{suggestion} It has: {string.Join(", ", splits.Keys.Order(StringComparer.Ordinal))}.");
    }
}
