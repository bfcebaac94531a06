using ChangeDetection.Core.Configuration.Documents;

namespace ChangeDetection.Core.Configuration;

/// <summary>The rules that join several keys: combinations no run could carry out.</summary>
internal static class ExperimentRules
{
    /// <param name="Path">The key that is reported.</param>
    /// <param name="With">The other keys that decide. Where one of them is wrong by itself, the rule is not checked: its error would mislead.</param>
    /// <param name="Violation">What is wrong and what to do about it; null when nothing is.</param>
    private sealed record Rule(string Path, string[] With, Func<ExperimentConfig, (string Message, string Remedy)?> Violation);

    /// <summary>What a config says of splits that says nothing.</summary>
    private static readonly DatasetConfig s_splits = new() { Uri = new("file:///") };

    private static readonly Rule[] s_rules =
    [
        new("evaluate", ["dataset.test"], c => c.Evaluate is not null && c.Dataset.Test is null
            ? ("needs a test split, and dataset.test is none", "Name the split under dataset.test, or write evaluate: none.")
            : null),
        new("evaluate.from", ["checkpoint.keep_best"], c => c.Evaluate is { From: CheckpointChoice.Best } && c.Checkpoint.KeepBest == 0
            ? ("needs the best checkpoint, and checkpoint.keep_best is 0", "Write keep_best: 1 or more, or evaluate: { from: last }.")
            : null),
        new("checkpoint.metric", ["dataset.validate"], c => c.Dataset.Validate is null
            && c.Checkpoint.Metric.StartsWith(MetricNames.Validation, StringComparison.Ordinal)
            ? ($"needs a validation split, and dataset.validate is none (value was {c.Checkpoint.Metric})",
                $"Name the split under dataset.validate, or write metric: {MetricNames.TrainLoss} and mode: min.")
            : null),
        new("checkpoint.mode", ["checkpoint.metric"], c => c.Checkpoint.Mode != MetricNames.OptimumOf(c.Checkpoint.Metric)
            ? c.Checkpoint.Mode == OptimumMode.Max
                ? ($"must be min for {c.Checkpoint.Metric}, of which less is better (value was max)", "Write mode: min.")
                : ($"must be max for {c.Checkpoint.Metric}, of which more is better (value was min)", "Write mode: max.")
            : null),
        new("dataset.fields", [], c => c.Dataset.Fields?.Violation() is { } violation ? (violation, "Name three different fields.") : null),
        new("dataset.fold", ["dataset.train.split"], c => c.Dataset is { Fold: not null, Train.Split: var split } && split != s_splits.Train.Split
            ? ($"trains on all other folds, and dataset.train.split names a split (value was {split})", "Leave one of the two out.")
            : null),
        new("dataset.fold", ["dataset.validate"], c => c.Dataset is { Fold: not null, Validate.Split: var split } && split != s_splits.Validate!.Split
            ? ($"is itself what is validated on, and dataset.validate names a split (value was {split})", "Leave one of the two out.")
            : null),
        new("normalize", ["model.channels"], c => c.Normalize.Problem(c.Model.Channels)),
        new("model.activation", ["model.name"], c => c.Model.Activation != ActivationNames.None && c.Model.Name != ModelNames.SiameseFcnn
            ? ($"is a choice of {ModelNames.SiameseFcnn} alone; {c.Model.Name} has its activations as published (value was {c.Model.Activation})",
                $"Leave it out, or write name: {ModelNames.SiameseFcnn}.")
            : null),
        new("model.shared_towers", ["model.name"], c => c.Model.SharedTowers && c.Model.Name != ModelNames.SiameseFcnn
            ? ($"is a choice of {ModelNames.SiameseFcnn} alone (value was true)", $"Leave it out, or write name: {ModelNames.SiameseFcnn}.")
            : null),
        new("loss.class_weights", ["loss.name", "loss.plus"], c => c.Loss.ClassWeights != ClassWeighting.Auto && !c.Loss.Names().Any(LossNames.AreWeighted)
            ? ("are of nll and focal, and neither is named", "Leave them out, or name one of the two.")
            : null),
        new("loss.class_weights", ["model.classes"], c => (c.Loss.ClassWeights, c.Model.Classes) switch
        {
            (DaudtClassWeights, > 2) =>
                ("are a formula of two classes, and model.classes is more (value was daudt2018)", "Write auto, or a weight for each class."),
            (GivenClassWeights { Weights.Values.Count: var count }, var classes) when count != classes =>
                ($"are {count}, and model.classes is {classes}", "Write a weight for each class, that of no change first."),
            _ => null,
        }),
        new("loss.name", ["loss.plus", "model.classes"], c => c.Model.Classes > 2 && c.Loss.Names().FirstOrDefault(LossNames.AreBinary) is { } binary
            ? ($"takes {binary}, which tells no more than two classes apart, and model.classes is {c.Model.Classes}",
                $"Name others: {string.Join(", ", LossNames.All.Where(name => !LossNames.AreBinary(name)))}.")
            : null),
        new("model.classes", ["dataset.mask.change"], c => c.Dataset.Mask.Change is not null && c.Model.Classes > 2
            ? ($"must be 2 where dataset.mask.change says which classes are change (value was {c.Model.Classes})", "Leave one of the two out.")
            : null),
        new("dataset.train.balance", ["dataset.mask.change"], c => c.Dataset.Train.Balance is not null && c.Dataset.Mask.Change is not null
            ? ("counts as change what the data set was packed with, and dataset.mask.change says otherwise",
                "Leave one of the two out, or pack with --mask-change.")
            : null),
        new("train.accumulate", ["train.batch_size"], c => c.Train.Accumulate > c.Train.BatchSize
            ? ($"makes more parts than the batch has pairs (value was {c.Train.Accumulate})", $"Write {c.Train.BatchSize} or less.")
            : null),
        new("train.early_stop", ["dataset.validate", "checkpoint.metric", "checkpoint.every_epochs"], c => c.Train.EarlyStop is not null
            && c.Dataset.Validate is null
            ? ("needs a validation split, and dataset.validate is none", "Name the split under dataset.validate, or leave it out.")
            : null),
        new("schedule.warmup_epochs", ["schedule.name", "train.epochs"], c => c.Schedule.WarmupEpochs > 0 && c.Schedule.Name == ScheduleNames.OneCycle
            ? ("is not of one-cycle, which rises by itself over the first 30 %", "Leave it out.")
            : c.Schedule.WarmupEpochs >= c.Train.Epochs
                ? ($"leaves nothing of the {c.Train.Epochs} epochs", "Write fewer.")
                : null),
        new("seeds", ["matrix"], c => c.Seeds > 1 && c.Matrix.Any(axis => axis.Key == "seed")
            ? ("counts seeds, and the matrix names them as well", "Keep one of the two.")
            : null),
        new("dataset.train.crop_min_change", ["dataset.train.crop"], c => c.Dataset.Train is { CropMinChange: not null, Crop: null }
            ? ("chooses among crops, and there is no dataset.train.crop", "Set dataset.train.crop, or leave it out.")
            : null),
        new("train.batch_size", ["dataset.train.crop", "model.channels"], c => c.Dataset.Train.Crop is { } crop
            && FloatsPerDate(c, crop) > Array.MaxLength
            ? ($"makes a batch of {FloatsPerDate(c, crop)} numbers per date, more than the {Array.MaxLength} that a buffer holds"
                + $" (value was {c.Train.BatchSize})",
                "Take a smaller batch or crop.")
            : null),
    ];

    public static void Check(ExperimentConfig config, MappingNode document, ErrorList errors)
    {
        foreach (var rule in s_rules)
        {
            string[] paths = [rule.Path, .. rule.With];
            if (!paths.Any(errors.Touch) && rule.Violation(config) is var (message, remedy))
                errors.Add(Place(document, paths), rule.Path, message, remedy);
        }
    }

    /// <summary>Of the keys that break a rule together, the first that the user wrote; a default has no line.</summary>
    private static Origin Place(MappingNode document, string[] paths) =>
        paths.Select(document.OriginOf).FirstOrDefault(origin => origin is not null) ?? document.Origin;

    private static long FloatsPerDate(ExperimentConfig config, int crop) => (long)config.Train.BatchSize * config.Model.Channels * crop * crop;
}
