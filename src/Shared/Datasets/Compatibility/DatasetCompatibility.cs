using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.Configuration.Documents;
using ChangeDetection.Datasets.Shards;

namespace ChangeDetection.Datasets.Compatibility;

/// <summary>
/// What must agree between a config and the data sets it names: all that is broken, for one who can still correct the file; and as checks that throw it,
/// for one who is to read the data.
/// </summary>
public static class DatasetCompatibility
{
    /// <summary>All that is wrong with a config that is to train on a data set, as far as that set alone decides.</summary>
    public static IEnumerable<ConfigViolation> Violations(ExperimentConfig config, ShardDataset dataset)
    {
        var folds = DatasetFolds.Violations(config, dataset).ToList();
        return
        [
            .. DatasetRules.Fields(config, dataset), .. DatasetRules.Rescaling(config), .. DatasetRules.Channels(config, dataset),
            .. NormalizationCompatibility.Violations(config.Normalize, dataset),
            .. DatasetRules.Classes(config, dataset), .. folds.Count > 0 ? folds : SplitRules.All(config, DatasetFolds.Join(config, dataset)),
        ];
    }

    /// <summary>The same of a data set of <c>dataset.train.mix</c>.</summary>
    /// <param name="index">Which of the list it is.</param>
    /// <param name="first">The data set that it is mixed with; null where that is not known.</param>
    public static IEnumerable<ConfigViolation> MixViolations(ExperimentConfig config, int index, ShardDataset dataset, ShardDataset? first) =>
        SplitRules.Mixed(config, index, dataset, first);

    /// <summary>The same of the splits that are trained on together: crop and batch.</summary>
    /// <param name="splits">Those that are there.</param>
    public static IEnumerable<ConfigViolation> SizeViolations(ExperimentConfig config, IReadOnlyList<TrainedSplit> splits) => SizeRules.Of(config, splits);

    /// <summary>The data set with its folds joined, and the name of what is trained on; null where it has no such folds.</summary>
    public static (ShardDataset Dataset, string Split)? TrainedOn(ExperimentConfig config, ShardDataset dataset) =>
        DatasetFolds.Violations(config, dataset).Any() ? null
            : (DatasetFolds.Join(config, dataset), SplitRoles.Of(config.Dataset, dataset.Manifest).Train);

    /// <summary>The data set by the fields that the config chose.</summary>
    /// <exception cref="DatasetMismatchException">The config rests on figures that the manifest has of other fields.</exception>
    public static ShardDataset WithFields(ExperimentConfig config, ShardDataset dataset)
    {
        Require(DatasetRules.Fields(config, dataset));
        return config.Dataset.Fields is { } fields && fields != dataset.Fields ? dataset.WithFields(fields) : dataset;
    }

    /// <summary>All of it, for an experiment that is to train.</summary>
    /// <exception cref="DatasetMismatchException">They do not fit; the message has a line for each key, with the remedy.</exception>
    public static void Check(ExperimentConfig config, ShardDataset dataset) => Require(Violations(config, dataset));

    /// <inheritdoc cref="Check"/>
    public static void CheckChannels(ExperimentConfig config, ShardDataset dataset) => Require(DatasetRules.Channels(config, dataset));

    /// <summary>Whether the masks tell the classes apart that the network is to.</summary>
    /// <inheritdoc cref="Check"/>
    public static void CheckClasses(ExperimentConfig config, ShardDataset dataset) => Require(DatasetRules.Classes(config, dataset));

    /// <summary>The splits to train on, to validate and to test, as far as the config has them.</summary>
    /// <param name="dataset">Its folds are joined (<see cref="DatasetFolds.Join"/>).</param>
    /// <inheritdoc cref="Check"/>
    public static void CheckSplits(ExperimentConfig config, ShardDataset dataset) => Require(SplitRules.All(config, dataset));

    /// <summary>A data set of <c>dataset.train.mix</c>.</summary>
    /// <inheritdoc cref="Check"/>
    public static SplitManifest CheckMixed(ExperimentConfig config, int index, ShardDataset dataset, ShardDataset first)
    {
        Require(MixViolations(config, index, dataset, first));
        return dataset.Manifest.Splits[config.Dataset.Train.Mix[index].Split];
    }

    /// <param name="dataset">Its folds are joined (<see cref="DatasetFolds.Join"/>).</param>
    /// <inheritdoc cref="Check"/>
    public static SplitManifest FindTrainingSplit(ExperimentConfig config, ShardDataset dataset)
    {
        Require(SplitRules.Training(config, dataset));
        return dataset.Manifest.Splits[SplitRoles.Of(config.Dataset, dataset.Manifest).Train];
    }

    /// <param name="key">The config's key, or the option, that names the split.</param>
    /// <inheritdoc cref="Check"/>
    public static SplitManifest FindSplit(ShardDataset dataset, string name, string key)
    {
        if (SplitRules.Missing(dataset, name, key) is { } missing)
            Require([missing]);
        return dataset.Manifest.Splits[name];
    }

    internal static void Require(IEnumerable<ConfigViolation> violations)
    {
        var all = violations.ToList();
        if (all.Count > 0)
            throw new DatasetMismatchException(all);
    }
}
