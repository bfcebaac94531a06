using ChangeDetection.Core.Checkpoints;
using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.Runs;
using ChangeDetection.Core.Storage;
using ChangeDetection.Datasets.Compatibility;
using ChangeDetection.Datasets.Shards;
using ChangeDetection.Worker.Checkpoints;
using ChangeDetection.Worker.Data.Batches;
using ChangeDetection.Worker.Data.Shards;
using ChangeDetection.Worker.Data.Shards.Cache;
using ChangeDetection.Worker.Devices;
using ChangeDetection.Worker.Evaluation;
using ChangeDetection.Worker.Models;
using ChangeDetection.Worker.Prediction;
using ChangeDetection.Worker.Prediction.Batches;
using ChangeDetection.Worker.Protocol;
using ChangeDetection.Worker.Training;
using ChangeDetection.Worker.Training.Losses;
using ChangeDetection.Worker.Training.Optimizers;
using TorchSharp;

namespace ChangeDetection.Worker.Attempts;

/// <summary>An attempt from assignment to outcome: what a trainer process does between its first message and its last.</summary>
public static class AttemptRunner
{
    /// <summary>Does the assigned work on a thread of its own. Failures are outcomes; only cancellation is thrown.</summary>
    public static async Task<TrainerOutcome> RunAsync(TrainerAssignment assignment, ITrainerLink link, CancellationToken cancellationToken)
    {
        try
        {
            return await ComputeThread.RunAsync(() => Run(assignment, link, cancellationToken));
        }
#pragma warning disable CA1031 // The process's top level: whatever ended the attempt is its outcome.
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            link.Log(TrainerLogLevel.Error, exception.ToString());
            return FailureReasons.Outcome(exception);
        }
    }

    private static TrainerOutcome Run(TrainerAssignment assignment, ITrainerLink link, CancellationToken cancellationToken)
    {
        var determinism = assignment.Experiment?.Train.Deterministic ?? Determinism.On;
        var device = ComputeDevice.Open(assignment.Device, assignment.Threads, determinism);
        link.Hello(device.Numerics);
        if (assignment.PreviousNumerics is { } previous && previous != device.Numerics)
        {
            if (determinism == Determinism.Strict)
            {
                var reason = $"train.deterministic is strict, and this worker computes as {device.Numerics}, not as {previous}.";
                return new TrainerOutcome(TrainerEnd.Failed, reason, Retryable: true);
            }
            link.Event("numerics-changed", $"From {previous} to {device.Numerics}: the same training, but other last bits than without the change.");
        }
        return assignment.Kind switch
        {
            RunKind.Train => Train(assignment, device, link, cancellationToken),
            RunKind.Predict when assignment.Prediction?.Batch is not null =>
                new BatchPredictor(assignment, device, link, TimeProvider.System).Run(cancellationToken),
            RunKind.Predict => new Predictor(assignment, device, link, TimeProvider.System).Run(cancellationToken),
            RunKind.Evaluate => Evaluate(assignment, device, link, cancellationToken),
            RunKind.Import => Import(assignment, device, link, cancellationToken),
            _ => throw new NotSupportedException($"A trainer does not {assignment.Kind.ToString().ToLowerInvariant()}."),
        };
    }

    private static TrainerOutcome Train(TrainerAssignment assignment, ComputeDevice device, ITrainerLink link, CancellationToken cancellationToken)
    {
        var config = assignment.Config;
        using var streams = RunDataLoader.OpenAsync(config, Host(assignment, link), cancellationToken).Block();
        var store = ObjectStores.Open(assignment.Store);
        using var network = ModelCatalogue.Create(config.Model, config.Seed);
        network.to(device.Torch);
        using var optimizer = OptimizerCatalogue.Create(network, config.Optimizer);
        using var average = config.Train.AverageDecay is { } decay ? new WeightAverage(network, decay) : null;
        var state = new TrainingState(network, optimizer, average);
        var owner = Owner(assignment, device, streams.Manifest.Statistics) with
        {
            DatasetSha256 = streams.ManifestSha256,
            Pixels = streams.Pixels,
            Mask = TrainedMask.Of(streams.Manifest, config.Dataset.Mask.Change),
        };
        var publisher = new CheckpointPublisher(new CheckpointWriter(store, owner, TimeProvider.System), link);
        if (Resumption.Resume(state, assignment.Checkpoints, new CheckpointReader(store), owner, link, cancellationToken) is not null)
            publisher.Resumed(state);
        else
            InitialWeights.Load(state, config.Model.Init, link, cancellationToken);
        var loss = LossCatalogue.Create(config.Loss, streams.Training.ClassFractions);
        link.Log(TrainerLogLevel.Info, AttemptLog.Training(config, network, device.Numerics, streams));
        return new Trainer(config, state, Data(config, streams), loss, device, publisher, link, TimeProvider.System).Train(cancellationToken);
    }

    private static TrainerOutcome Evaluate(TrainerAssignment assignment, ComputeDevice device, ITrainerLink link, CancellationToken cancellationToken)
    {
        var config = assignment.Config;
        var reference = assignment.Checkpoints.Count > 0
            ? assignment.Checkpoints[0]
            : throw new CheckpointInvalidException($"run {assignment.Run}", "an evaluation needs a checkpoint, and the run it follows has published none.");
        var store = ObjectStores.Open(assignment.Store);
        using var network = ModelCatalogue.Create(config.Model, config.Seed);
        var checkpoint = new CheckpointReader(store).ReadWeightsAsync(reference, network, CheckpointModel.Of(config.Model), cancellationToken).Block();
        Tensors.Write(checkpoint.Contents.Weights, network.state_dict());
        network.to(device.Torch);
        using var streams = RunDataLoader.OpenForSplitAsync(config, split: null, checkpoint.Manifest, Host(assignment, link), cancellationToken).Block();
        if (config.Evaluate?.Rescale is { } rescaling)
            link.Event("rescaled", $"Values of both dates are mapped before they are normalised: {rescaling}.");
        if (config.Dataset.Fold is not null && streams.Roles.Test == streams.Roles.Validate)
            link.Event("evaluated-on-fold", $"Scored is {streams.Roles.Test}, which the training was validated on: its best checkpoint was chosen on it.");
        link.Log(TrainerLogLevel.Info, AttemptLog.Evaluating(config, network, checkpoint.Manifest, device.Numerics, streams));
        return new Evaluator(assignment, network, checkpoint.Manifest, streams, device, store, link, TimeProvider.System).Evaluate(cancellationToken);
    }

    private static TrainerOutcome Import(TrainerAssignment assignment, ComputeDevice device, ITrainerLink link, CancellationToken cancellationToken)
    {
        var config = assignment.Config;
        var dataset = config.Normalize == Normalization.Dataset
            ? ShardDataset.OpenAsync(ObjectStores.Open(config.Dataset.Uri), cancellationToken).Block() : null;
        if (dataset is not null)
            DatasetCompatibility.CheckChannels(config, dataset);
        using var network = ModelCatalogue.Create(config.Model, config.Seed);
        var owner = Owner(assignment, device, dataset?.Manifest.Statistics) with { DatasetSha256 = dataset?.ManifestSha256 };
        return new WeightsImport(assignment, network, owner, ObjectStores.Open(assignment.Store), link, TimeProvider.System).Import(cancellationToken);
    }

    private static TrainingData Data(ExperimentConfig config, RunDataLoader streams) => new()
    {
        ReadEpoch = streams.Training.ReadEpochAsync,
        SamplesPerEpoch = streams.Training.SamplesPerEpoch,
        StepsPerEpoch = streams.Training.StepsPerEpoch,
        ReadValidation = streams.Roles.Validate is { } split
            ? token => streams.ReadSplitAsync(split, config.Train.BatchSize, token)
            : null,
        Counters = streams.Counters,
    };

    private static LoaderEnvironment Host(TrainerAssignment assignment, ITrainerLink link) =>
        new(ShardCacheSettings.OfThisProcess(), link.Event) { Datasets = new DatasetAccess(assignment.Datasets) };

    /// <param name="statistics">Of the data that the weights are for; null where none are needed.</param>
    private static CheckpointOwner Owner(TrainerAssignment assignment, ComputeDevice device, NormalizationStatistics? statistics)
    {
        var config = assignment.Config;
        return new CheckpointOwner(
            assignment.Run, assignment.Attempt, ExperimentDigest.Of(config), CheckpointModel.Of(config.Model),
            CheckpointNormalization.Of(config.Normalize, statistics?.Mean, statistics?.Deviation), device.Numerics);
    }
}
