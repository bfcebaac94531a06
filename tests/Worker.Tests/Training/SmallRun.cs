using ChangeDetection.Core.Checkpoints;
using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.Storage;
using ChangeDetection.Worker.Checkpoints;
using ChangeDetection.Worker.Devices;
using ChangeDetection.Worker.Models;
using ChangeDetection.Worker.Protocol;
using ChangeDetection.Worker.Training;
using ChangeDetection.Worker.Training.Losses;
using ChangeDetection.Worker.Training.Optimizers;

namespace ChangeDetection.Worker.Tests.Training;

/// <summary>Attempts of one small run, each in a fresh trainer with a fresh network, over a store that outlives them.</summary>
internal sealed class SmallRun(IObjectStore store, TrainingData data)
{
    public static readonly ExperimentConfig Config = new()
    {
        Name = "small",
        Seed = 3,
        Dataset = new DatasetConfig { Uri = new Uri("file:///nowhere") },
        Train = new TrainConfig { BatchSize = InventedBatches.BatchSize, Epochs = 2 },
        Checkpoint = new CheckpointConfig { EveryEpochs = 1, EveryMinutes = 1000 },
        Resources = new ResourcesConfig { Threads = 1 },
    };

    private readonly Guid _run = new("0198c0de-0000-7000-8000-000000000001");

    public ExperimentConfig Experiment { get; init; } = Config;

    public TimeProvider Time { get; init; } = TimeProvider.System;

    public string Digest { get; init; } = "digest";

    public CheckpointOwner Owner(int attempt) => new(
        _run, attempt, Digest, new CheckpointModel("fc-siam-diff", 3),
        new CheckpointNormalization("unit", null, null), new Numerics("2.10.0", 1, "avx2", "cpu"));

    public Task<TrainerOutcome> RunAsync(int attempt, RecordingLink link, IReadOnlyList<CheckpointReference>? from = null) => ComputeThread.RunAsync(() =>
    {
        var device = ComputeDevice.Open("cpu", Experiment.Resources.Threads, Experiment.Train.Deterministic);
        using var network = ModelCatalogue.Create(Experiment.Model, Experiment.Seed);
        using var optimizer = OptimizerCatalogue.Create(network, Experiment.Optimizer);
        using var average = Experiment.Train.AverageDecay is { } decay ? new WeightAverage(network, decay) : null;
        var state = new TrainingState(network, optimizer, average);
        var owner = Owner(attempt);
        var publisher = new CheckpointPublisher(new CheckpointWriter(store, owner, Time), link);
        if (Resumption.Resume(state, from ?? [], new CheckpointReader(store), owner, link, CancellationToken.None) is not null)
            publisher.Resumed(state);
        return new Trainer(Experiment, state, data, LossCatalogue.Create(Experiment.Loss, 0.2), device, publisher, link, Time).Train(CancellationToken.None);
    });
}
