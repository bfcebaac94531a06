using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.Configuration.Documents;
using ChangeDetection.Datasets.Shards;

namespace ChangeDetection.Datasets.Compatibility;

/// <summary>What a config and its data set as a whole must agree in: fields, channels, classes.</summary>
internal static class DatasetRules
{
    /// <summary>The key that named the data set: shown where the key that is wrong is not written.</summary>
    public const string Uri = "dataset.uri";

    /// <summary>Whether other fields were chosen than those that the manifest has figures of, and the config rests on these.</summary>
    public static IEnumerable<ConfigViolation> Fields(ExperimentConfig config, ShardDataset dataset)
    {
        if (config.Dataset.Fields is not { } fields || fields == dataset.Fields)
            yield break;
        if ((fields.Before, fields.After) != (dataset.Fields.Before, dataset.Fields.After) && config.Normalize == Normalization.Dataset)
            yield return Unmeasured("normalize", "means and deviations", "write normalize: image, unit or figures of your own");
        if (SampleFields.Role(fields.Mask) != SampleFields.Role(dataset.Fields.Mask) && dataset.Manifest.Mask is { } mask)
            yield return new(
                "dataset.fields.mask",
                $"chooses {fields.Mask}, but what the values of masks mean was found from the masks {dataset.Fields.Mask} when {dataset.Store.Root} was " +
                    (mask.Raw ? "indexed" : "packed"),
                $"Index the data set with --field mask={fields.Mask}.");
        else if (fields.Mask != dataset.Fields.Mask)
        {
            if (config.Dataset.Train.Balance is not null)
                yield return Unmeasured("dataset.train.balance", "changed samples", "leave it out");
            if (config.Loss.WeighsByFrequency())
                yield return Unmeasured("loss.class_weights", "changed pixels", "write the weights as numbers");
        }

        ConfigViolation Unmeasured(string key, string figures, string instead) => new(
            key,
            $"rests on the {figures} of the fields {dataset.Fields.Before}, {dataset.Fields.After} and {dataset.Fields.Mask}, as {dataset.Store.Root} was " +
                "packed or indexed, but dataset.fields chooses others",
            $"Index the data set with these fields, or {instead}.", "dataset.fields", Uri);
    }

    public static IEnumerable<ConfigViolation> Channels(ExperimentConfig config, ShardDataset dataset)
    {
        if (config.Model.Channels is var channels && channels != dataset.Manifest.Channels)
            yield return new(
                "model.channels", $"must be {dataset.Manifest.Channels}, the channels per date of {dataset.Subject} (value was {channels})",
                $"Write channels: {dataset.Manifest.Channels}.", Uri);
    }

    /// <summary>Whether the masks tell the classes apart that the network is to.</summary>
    public static IEnumerable<ConfigViolation> Classes(ExperimentConfig config, ShardDataset dataset)
    {
        const string Change = "dataset.mask.change", Model = "model.classes";
        var (subject, wanted) = (dataset.Subject, config.Model.Classes);
        if (dataset.Manifest.Classes is not { } classes)
        {
            if (config.Dataset.Mask.Change is not null)
                yield return new(
                    Change, $"chooses among classes, and the masks of {subject} tell change and no change alone", "Leave it out, or pack again with --class.");
            if (wanted != 2)
                yield return new(
                    Model, $"must be 2, as the masks of {subject} tell change and no change alone (value was {wanted})",
                    "Write classes: 2, or pack again with --class.", Uri);
            yield break;
        }
        var names = string.Join(", ", classes.Select((one, label) => $"{label} {one.Name}"));
        if (config.Dataset.Mask.Change is { } change)
        {
            var matched = Enumerable.Range(0, classes.Count).Count(label => change.Matches((byte)label));
            if (matched == 0 || matched == classes.Count)
                yield return new(
                    Change, $"matches {(matched == 0 ? "none" : "every one")} of the classes of {subject}: {names} (value was {change})",
                    "Name those that are change.");
        }
        else if (wanted != classes.Count)
            yield return new(
                Model, $"must be {classes.Count}, the classes of {subject}: {names} (value was {wanted})",
                $"Write classes: {classes.Count}, or say under dataset.mask.change which of them are change.", Uri);
    }

    /// <summary>A training is evaluated on the data set that it was trained on, whose values are what they are.</summary>
    public static IEnumerable<ConfigViolation> Rescaling(ExperimentConfig config)
    {
        if (config.Evaluate?.Rescale is { } rescale)
            yield return new(
                "evaluate.rescale", $"is '{rescale}', and a training is evaluated on the data set that it was trained on, whose values are what they are",
                "Leave it out; changedetection evaluate --rescale maps those of another data set.");
    }
}
