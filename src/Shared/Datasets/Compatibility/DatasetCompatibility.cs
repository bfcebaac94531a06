using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.Configuration.Schema;
using ChangeDetection.Datasets.Shards;

namespace ChangeDetection.Datasets.Compatibility;

/// <summary>What must agree between a config and the data set it names.</summary>
public static class DatasetCompatibility
{
    /// <summary>The data set by the fields that the config chose.</summary>
    /// <exception cref="DatasetMismatchException">The config rests on figures that the manifest has of other fields.</exception>
    public static ShardDataset WithFields(ExperimentConfig config, ShardDataset dataset)
    {
        if (config.Dataset.Fields is not { } fields || fields == dataset.Fields)
            return dataset;
        if ((fields.Before, fields.After) != (dataset.Fields.Before, dataset.Fields.After) && config.Normalize == Normalization.Dataset)
            throw Unmeasured("normalize: dataset", "means and deviations", "write normalize: image or unit");
        if (SampleFields.Role(fields.Mask) != SampleFields.Role(dataset.Fields.Mask) && dataset.Manifest.Mask is { } mask)
            throw new DatasetMismatchException(
                $"dataset.fields.mask chooses {fields.Mask}, but what the values of masks mean was found from the masks {dataset.Fields.Mask} when " +
                    $"{dataset.Store.Root} was {(mask.Raw ? "indexed" : "packed")}. Index the data set with --field mask={fields.Mask}.");
        if (fields.Mask != dataset.Fields.Mask && config.Dataset.Train.Balance is not null)
            throw Unmeasured("dataset.train.balance", "changed samples", "leave it out");
        if (fields.Mask != dataset.Fields.Mask && config.Loss.WeighsByFrequency())
            throw Unmeasured("loss.class_weights", "changed pixels", "write the weights as numbers");
        return dataset.WithFields(fields);

        DatasetMismatchException Unmeasured(string key, string figures, string instead) => new(
            $"{key} rests on the {figures} of the fields {dataset.Fields.Before}, {dataset.Fields.After} and {dataset.Fields.Mask}, as " +
                $"{dataset.Store.Root} was packed or indexed, but dataset.fields chooses others. Index the data set with these fields, or " +
                $"{instead}.");
    }

    /// <summary>All of it, for an experiment that is to train.</summary>
    /// <exception cref="DatasetMismatchException">They do not fit; the message names the key and the remedy.</exception>
    public static void Check(ExperimentConfig config, ShardDataset dataset)
    {
        WithFields(config, dataset);
        if (config.Evaluate?.Rescale is { } rescale)
            throw new DatasetMismatchException(
                $"evaluate.rescale is '{rescale}', and a training is evaluated on the data set that it was trained on, whose values are what they are. " +
                    "Leave it out; changedetection evaluate --rescale maps those of another data set.");
        CheckChannels(config, dataset);
        CheckClasses(config, dataset);
        CheckSplits(config, DatasetFolds.Join(config, dataset));
    }

    public static void CheckChannels(ExperimentConfig config, ShardDataset dataset)
    {
        var manifest = dataset.Manifest;
        if (config.Model.Channels != manifest.Channels)
            throw new DatasetMismatchException(
                $"model.channels is {config.Model.Channels}, but the data set '{manifest.Name}' at {dataset.Store.Root} has {manifest.Channels} " +
                    $"channels per date. Set model.channels to {manifest.Channels}.");
    }

    /// <summary>Whether the masks tell the classes apart that the network is to.</summary>
    public static void CheckClasses(ExperimentConfig config, ShardDataset dataset)
    {
        var (manifest, wanted) = (dataset.Manifest, config.Model.Classes);
        var subject = $"the data set '{manifest.Name}' at {dataset.Store.Root}";
        if (manifest.Classes is not { } classes)
        {
            if (config.Dataset.Mask.Change is not null)
                throw new DatasetMismatchException(
                    $"dataset.mask.change chooses among classes, and the masks of {subject} tell change and no change alone. Leave it out, or " +
                    "pack again with --class.");
            if (wanted != 2)
                throw new DatasetMismatchException(
                    $"model.classes is {wanted}, but the masks of {subject} tell change and no change alone. Set model.classes to 2, or pack " +
                    "again with --class.");
            return;
        }
        var names = string.Join(", ", classes.Select((one, label) => $"{label} {one.Name}"));
        if (config.Dataset.Mask.Change is { } change)
        {
            var matched = Enumerable.Range(0, classes.Count).Count(label => change.Matches((byte)label));
            if (matched == 0 || matched == classes.Count)
                throw new DatasetMismatchException(
                    $"dataset.mask.change is '{change}', which is {(matched == 0 ? "none" : "every one")} of the classes of {subject}: {names}. " +
                    "Correct it.");
        }
        else if (wanted != classes.Count)
            throw new DatasetMismatchException(
                $"model.classes is {wanted}, but {subject} has {classes.Count} classes: {names}. Set model.classes to {classes.Count}, or say " +
                "under dataset.mask.change which of them are change.");
    }

    /// <summary>Whether data sets that are mixed have the same classes by the same numbers.</summary>
    public static void CheckSameClasses(ShardDataset first, ShardDataset other)
    {
        static string Names(ShardDataset dataset) =>
            dataset.Manifest.Classes is { } classes ? string.Join(", ", classes.Select(one => one.Name)) : "no change, change";
        if (Names(first) != Names(other))
            throw new DatasetMismatchException(
                $"dataset.train.mix: the data set '{other.Manifest.Name}' at {other.Store.Root} has the classes {Names(other)}, but " +
                    $"'{first.Manifest.Name}' has {Names(first)}. Data sets are mixed only where all have the same classes in the same order.");
    }

    /// <summary>A data set of <c>dataset.train.mix</c>: its channels, its classes and its split.</summary>
    /// <param name="index">Which of the list it is.</param>
    public static SplitManifest CheckMixed(ExperimentConfig config, int index, ShardDataset dataset)
    {
        var key = $"dataset.train.mix[{index}]";
        var manifest = dataset.Manifest;
        if (config.Model.Channels != manifest.Channels)
            throw new DatasetMismatchException(
                $"{key}: the data set '{manifest.Name}' at {dataset.Store.Root} has {manifest.Channels} channels per date, but model.channels is " +
                    $"{config.Model.Channels}. Data sets are mixed only where all have the same channels.");
        CheckClasses(config, dataset);
        var split = FindSplit(dataset, config.Dataset.Train.Mix[index].Split, $"{key}.split");
        CheckBalance(config, dataset, split, config.Dataset.Train.Mix[index].Split);
        return split;
    }

    /// <summary>Whether a split can be drawn from as <c>dataset.train.balance</c> asks.</summary>
    private static void CheckBalance(ExperimentConfig config, ShardDataset dataset, SplitManifest split, string name)
    {
        if (config.Dataset.Train.Balance is not { } share)
            return;
        if (split.ChangedSamples() is not { } changed)
            throw new DatasetMismatchException(
                $"dataset.train.balance needs to know which samples have a change, and the data set '{dataset.Manifest.Name}' at " +
                    $"{dataset.Store.Root} was packed without that. Pack it again, or leave dataset.train.balance out.");
        var count = changed.Sum(bits => bits.Set);
        if (count == 0 || count == split.Samples && share < 1)
            throw new DatasetMismatchException(
                $"dataset.train.balance: of the {split.Samples} samples of the split '{name}' of {dataset.Store.Root} " +
                    $"{(count == 0 ? "none has" : "all have")} a change, so there is nothing to balance. Leave dataset.train.balance out.");
    }

    /// <summary>The splits to train on, to validate and to test, as far as the config has them.</summary>
    /// <param name="dataset">Its folds are joined (<see cref="DatasetFolds.Join"/>).</param>
    public static void CheckSplits(ExperimentConfig config, ShardDataset dataset)
    {
        var roles = SplitRoles.Of(config.Dataset, dataset.Manifest);
        FindTrainingSplit(config, dataset);
        if (roles.Validate is { } validate)
            FindSplit(dataset, validate, "dataset.validate.split");
        if (config.Evaluate is not null && roles.Test is { } test)
            FindSplit(dataset, test, "dataset.test.split");
    }

    /// <summary>A split without a changed pixel would train for hours towards an F1 of 0.</summary>
    /// <param name="dataset">Its folds are joined (<see cref="DatasetFolds.Join"/>).</param>
    public static SplitManifest FindTrainingSplit(ExperimentConfig config, ShardDataset dataset)
    {
        var name = SplitRoles.Of(config.Dataset, dataset.Manifest).Train;
        var split = FindSplit(dataset, name, "dataset.train.split");
        if (split.ChangeFractionBy(config.Dataset.Mask.Change) <= 0)
            throw new DatasetMismatchException(
                $"dataset.train.split: the split '{name}' of {dataset.Store.Root} has not one changed pixel in {split.Samples} samples, so there " +
                    "is nothing to learn. Check the masks and pack the data set again.");
        CheckBalance(config, dataset, split, name);
        return split;
    }

    /// <param name="key">The config's key that names the split.</param>
    public static SplitManifest FindSplit(ShardDataset dataset, string name, string key)
    {
        var splits = dataset.Manifest.Splits;
        if (splits.TryGetValue(name, out var split))
            return split;
        var suggestion = NearestName.Suggest(name, splits.Keys) is { } question ? $" {question}"
            : FoldNames.Among(splits.Keys) is { Count: > 1 } folds ? $" dataset.fold: {folds[0]} trains on all of its folds but that one." : "";
        throw new DatasetMismatchException(
            $"{key}: the data set '{dataset.Manifest.Name}' at {dataset.Store.Root} has no split '{name}'.{suggestion} It has: " +
                $"{string.Join(", ", splits.Keys.Order(StringComparer.Ordinal))}.");
    }
}
