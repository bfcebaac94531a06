using ChangeDetection.Core.Checkpoints;
using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.Hosting;
using ChangeDetection.Core.Runs;
using ChangeDetection.Worker.Checkpoints;
using ChangeDetection.Worker.Data.Batches;
using ChangeDetection.Worker.Devices;
using ChangeDetection.Worker.Protocol;
using ChangeDetection.Worker.Training.Losses;
using static TorchSharp.torch;

namespace ChangeDetection.Worker.Training;

/// <summary>
/// Trains a network: epochs of steps, each a batch; validation and checkpoint behind every epoch. Whatever a step uses (order, augmentation, dropout,
/// learning rate) is a function of seed, epoch and step, and whatever it changes is in <see cref="TrainingState"/>: stopped behind any step
/// and resumed from that checkpoint, a run ends in the same bits. Runs on the compute thread alone.
/// </summary>
public sealed class Trainer(
    ExperimentConfig config, TrainingState state, TrainingData data, LossTerm loss, ComputeDevice device,
    CheckpointPublisher checkpoints, ITrainerLink link, TimeProvider time)
{
    /// <summary>Steps between two points of <c>train/loss</c> within an epoch.</summary>
    public const int LossInterval = 20;

    private static readonly IReadOnlyDictionary<string, double> s_none = new Dictionary<string, double>();
    private static readonly TimeSpan s_retryDelay = TimeSpan.FromSeconds(1);

    private readonly CheckpointCadence _cadence = new(config.Checkpoint, time);
    private readonly ProgressReport _progress = new(link, data.Counters, time, (long)config.Train.Epochs * data.StepsPerEpoch);
    private long _epochBegan;

    /// <summary>Trains from where the state stands to the last epoch, or until the worker asks for an end.</summary>
    /// <exception cref="DivergedException">Loss or weights are no longer finite.</exception>
    /// <exception cref="CheckpointsFailedException">Too many checkpoints in a row could not be written.</exception>
    public TrainerOutcome Train(CancellationToken cancellationToken)
    {
        while (!IsDone)
        {
            if (!FinishSteps(cancellationToken) || Validate(cancellationToken) is not { } validation)
                return Stop(cancellationToken);
            EndEpoch(validation, cancellationToken);
        }
        CrashPoint.Reach(CrashPoints.TrainingDone);
        return new TrainerOutcome(TrainerEnd.Succeeded);
    }

    /// <summary>A function of the state alone, so that a resumed run ends where it would have.</summary>
    private bool IsDone => state.Epoch == config.Train.Epochs || HasStalled;

    private bool HasStalled => config.Train.EarlyStop is { } patience && state.Best is { } best && state.Epoch - 1 - best.Epoch >= patience;

    /// <summary>The epoch's steps from the state's position on; false when the worker asked for an end.</summary>
    private bool FinishSteps(CancellationToken cancellationToken)
    {
        state.Network.train();
        _epochBegan = time.GetTimestamp();
        if (state.Position >= data.SamplesPerEpoch)
            return true;
        foreach (var batch in data.ReadEpoch(state.Epoch, state.Position, cancellationToken).Blocking(time, _progress.Waited, cancellationToken))
        {
            state.Advance(batch.Count, Step(batch));
            CrashPoint.Reach(CrashPoints.StepDone);
            _progress.Stepped(state, batch.Count);
            while (HoldPoint.Holds(config.Name, state.Step, link.StopRequested))
                _progress.Alive(state);
            var more = state.Position < data.SamplesPerEpoch;
            if (state.Step % LossInterval == 0 && more)
                link.Metrics([Point("train/loss", state.MeanLoss)]);
            if (link.StopRequested.IsCancellationRequested)
                return false;
            if (more && _cadence.DueAtStep())
                TryCheckpoint(best: false, s_none, cancellationToken);
        }
        return true;
    }

    /// <summary>One update of the weights. Returns the loss before it; null where no pixel had a label, and all gradients were 0.</summary>
    private double? Step(Batch batch)
    {
        using var scope = NewDisposeScope();
        device.Seed(TorchSeeds.Key(config.Seed, TorchSeeds.Dropout, state.Epoch, state.Step));
        var uploaded = device.Upload(batch);
        var value = 0.0;
        foreach (var (from, rows) in Parts(batch.Count))
        {
            var share = ShareOf(batch, from, rows);
            value += share * Accumulate(uploaded.Rows(from, rows), share);
        }
        CrashPoint.Reach(CrashPoints.StepHalfDone);
        if (config.Train.ClipNorm is { } norm)
            state.Optimizer.ClipGradients(norm);
        state.Optimizer.Step(state.Step + 1, LearningRates.At(config.Optimizer, config.Schedule, Clock()));
        state.Average?.Update(state.Step + 1);
        return batch.Labelled(0, batch.Count) == 0 ? null : value;
    }

    /// <summary>
    /// What a part of a batch weighs in its loss and its gradients: its share of the samples, or of the labelled pixels where some are unlabelled, so that
    /// the parts come to what the batch is as a whole.
    /// </summary>
    private static double ShareOf(Batch batch, int from, int rows) => batch.IsLabelledWhole || batch.Labelled(0, batch.Count) is not (> 0 and var all)
        ? rows / (double)batch.Count
        : batch.Labelled(from, rows) / (double)all;

    /// <summary>Adds the gradients of a part of a batch, weighted by its share. Returns its loss.</summary>
    private float Accumulate(DeviceBatch part, double share)
    {
        using var scope = NewDisposeScope();
        var error = loss.Of(state.Network.call(part.Before, part.After), part.Changed, part.Labelled);
        var value = error.item<float>();
        if (!float.IsFinite(value))
            throw new DivergedException($"The loss became {value}", state.Epoch + 1, state.Step + 1);
        (share == 1 ? error : error * share).backward();
        return value;
    }

    /// <summary>As equal as can be; a short batch has fewer.</summary>
    private IEnumerable<(int From, int Rows)> Parts(int count)
    {
        var parts = Math.Min(config.Train.Accumulate, count);
        for (var part = 0; part < parts; part++)
        {
            var from = part * count / parts;
            yield return (from, (part + 1) * count / parts - from);
        }
    }

    private ScheduleClock Clock() => new(state.Epoch, state.Step, (long)config.Train.Epochs * data.StepsPerEpoch, data.StepsPerEpoch);

    /// <summary>Metrics of the validation split; empty when there is none, null when the worker asked for an end meanwhile.</summary>
    private IReadOnlyList<KeyValuePair<string, double>>? Validate(CancellationToken cancellationToken)
    {
        if (data.ReadValidation is null)
            return [];
        state.Network.eval();
        state.Average?.Exchange();
        try
        {
            return Score(data.ReadValidation, cancellationToken);
        }
        finally
        {
            state.Average?.Exchange();
        }
    }

    private IReadOnlyList<KeyValuePair<string, double>>? Score(Func<CancellationToken, IAsyncEnumerable<Batch>> read, CancellationToken cancellationToken)
    {
        var score = new SplitScore(state.Network, loss, device);
        foreach (var batch in read(cancellationToken).Blocking(time, _progress.Waited, cancellationToken))
        {
            if (link.StopRequested.IsCancellationRequested)
                return null;
            score.Add(batch);
            _progress.Alive(state);
        }
        return score.Named("val");
    }

    private void EndEpoch(IReadOnlyList<KeyValuePair<string, double>> validation, CancellationToken cancellationToken)
    {
        var metrics = new Dictionary<string, double>(validation) { ["train/loss"] = state.MeanLoss };
        link.Metrics([.. metrics.Select(metric => Point(metric.Key, metric.Value))]);
        var best = IsBest(metrics);
        if (best)
            state.Best = new BestSoFar(config.Checkpoint.Metric, metrics[config.Checkpoint.Metric], state.Epoch, state.Step);
        link.Log(TrainerLogLevel.Info, AttemptLog.Epoch(config, state.EpochNumber, time.GetElapsedTime(_epochBegan), metrics, best));
        state.NextEpoch();
        if (HasStalled)
            link.Log(
                TrainerLogLevel.Info,
                $"No better {config.Checkpoint.Metric} for {config.Train.EarlyStop} epochs: training ends after epoch {state.Epoch}.");
        if (!IsDone && !_cadence.DueAtEpochEnd(state.Epoch, best))
            return;
        // The run's result is its last checkpoint: without it there is no success, so the last one is tried until the failures count as final.
        while (!TryCheckpoint(best, metrics, cancellationToken) && IsDone)
            Task.Delay(s_retryDelay, time, cancellationToken).GetAwaiter().GetResult();
    }

    private bool IsBest(Dictionary<string, double> metrics)
    {
        if (!metrics.TryGetValue(config.Checkpoint.Metric, out var value))
            return false;
        return state.Best is null || (config.Checkpoint.Mode == OptimumMode.Max ? value > state.Best.Value : value < state.Best.Value);
    }

    private TrainerOutcome Stop(CancellationToken cancellationToken)
    {
        var kept = TryCheckpoint(best: false, s_none, cancellationToken);
        // The very step, not the last one that was worth a message: a paused run has to show where it will go on.
        _progress.Alive(state, force: true);
        var reason = $"stopped at step {state.Step}{(kept ? "" : ", whose checkpoint could not be written")}";
        return new TrainerOutcome(TrainerEnd.Stopped, reason);
    }

    private bool TryCheckpoint(bool best, IReadOnlyDictionary<string, double> metrics, CancellationToken cancellationToken)
    {
        try
        {
            return checkpoints.TryPublish(state, best, metrics, cancellationToken);
        }
        finally
        {
            _cadence.Tried();
        }
    }

    private MetricPoint Point(string name, double value) => new(name, state.Step, state.EpochNumber, value);
}
