using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.Runs;

namespace ChangeDetection.Core.Planning;

/// <summary>What an evaluation of a checkpoint is to be made on.</summary>
/// <param name="Dataset">Where it lies.</param>
/// <param name="DatasetName">As its manifest has it.</param>
/// <param name="Validation">The split to choose a threshold on; null for none.</param>
/// <param name="Pictures">How many samples get a picture.</param>
/// <param name="Rescale">What its values are in those of the training; null: the same.</param>
public sealed record EvaluationRequest(
    Uri Dataset, string DatasetName, string Split, string? Validation, CheckpointChoice From, int Pictures, ValueRescaling? Rescale)
{
    /// <summary>
    /// The fold that the network was validated on, where the threshold is chosen on none or on this one: its loss is weighted as in training.
    /// </summary>
    public int? Fold { get; init; }
}

/// <summary>Turns the wish to evaluate a checkpoint into an experiment of one run.</summary>
public static class EvaluationPlanner
{
    /// <summary>What a config says of validation that leaves it to <c>dataset.fold</c>.</summary>
    private static readonly SplitConfig? s_fold = new DatasetConfig { Uri = new("file:///") }.Validate;

    /// <summary>
    /// The config of such a run: the checkpoint's network and normalisation, and of its training's config what still matters (loss, batch,
    /// resources).
    /// </summary>
    public static ExperimentConfig Config(ExperimentConfig trained, EvaluationRequest wish) => AsStored(trained with
    {
        Name = ExperimentName.Of(trained.Name, "on", wish.DatasetName, wish.Split),
        Dataset = new DatasetConfig
        {
            Uri = wish.Dataset,
            Train = new TrainSplitConfig { Split = trained.Dataset.Train.Split },
            Fold = wish.Fold,
            Validate = wish.Validation is not { } validation ? null : wish.Fold is null ? new SplitConfig { Split = validation } : s_fold,
            Test = new SplitConfig { Split = wish.Split },
            // Fields that were chosen belong to the data set they were chosen of.
            Fields = IsSamePlace(trained.Dataset.Uri, wish.Dataset) ? trained.Dataset.Fields : null,
        },
        Train = trained.Train with { EarlyStop = null },
        // Nothing is ranked, and without a validation split nothing could be.
        Checkpoint = new CheckpointConfig { Metric = MetricNames.TrainLoss, Mode = OptimumMode.Min },
        Evaluate = new EvaluateConfig { From = wish.From, Pictures = wish.Pictures, Rescale = wish.Rescale },
        Seeds = 1,
        Matrix = [],
        Published = [],
    });

    /// <summary>As a worker will read it, every rule checked.</summary>
    private static ExperimentConfig AsStored(ExperimentConfig config) => ExperimentJson.Deserialize(ExperimentJson.Serialize(config));

    /// <summary>Whether two addresses are of one data set: with and without a last slash they are.</summary>
    public static bool IsSamePlace(Uri one, Uri other) => one.AbsoluteUri.TrimEnd('/') == other.AbsoluteUri.TrimEnd('/');

    /// <param name="id">Of the run.</param>
    /// <param name="reads">The run whose checkpoint it reads; null when it brings one along.</param>
    /// <param name="source">The command, for people.</param>
    public static ExperimentPlan Plan(Guid id, ExperimentConfig config, Guid? reads, CheckpointRecord? brings, string source, DateTimeOffset now)
    {
        var json = ExperimentJson.Serialize(config);
        var digest = ExperimentDigest.Of(config);
        var run = new PlannedRun(id, config.Name, RunKind.Evaluate, json, digest, config.Resources.Device, config.Resources.Priority, WaitsFor: null)
        {
            Reads = reads,
            Brings = brings,
        };
        return new ExperimentPlan(new Experiment { Id = Guid.CreateVersion7(now), Name = config.Name, Config = json, Source = source, Digest = digest }, [run]);
    }
}
