using ChangeDetection.Core.Checkpoints;
using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.Runs;
using ChangeDetection.Core.Storage;
using ChangeDetection.Datasets.Compatibility;
using ChangeDetection.Worker.Data.Batches;
using ChangeDetection.Worker.Devices;
using ChangeDetection.Worker.Models;
using ChangeDetection.Worker.Protocol;
using ChangeDetection.Worker.Scoring;
using ChangeDetection.Worker.Training;
using ChangeDetection.Worker.Training.Losses;

namespace ChangeDetection.Worker.Evaluation;

/// <summary>
/// Scores a network on the test split, whole images: first the validation split, where there is one, for the threshold of its best F1, then the test split
/// for everything else. Publishes pictures, report and metrics. What it finds is a function of weights, data and seed, so an attempt that was interrupted is
/// simply made again. Runs on the compute thread alone.
/// </summary>
public sealed class Evaluator(
    TrainerAssignment assignment, ChangeNetwork network, CheckpointManifest checkpoint, RunDataLoader streams, ComputeDevice device,
    IObjectStore store, ITrainerLink link, TimeProvider time)
{
    /// <summary>Pictures of the worst samples, and as many of the best.</summary>
    private const int Extremes = 4;

    private readonly string _split = streams.Roles.Test ?? "test";
    private readonly StoredPictures _pictures = new(assignment, store, link);
    private readonly LoaderReport _loader = new(streams.Counters, time);
    private readonly long _start = time.GetTimestamp();
    private int _done;
    private int _total;

    /// <summary>
    /// Publishes <c>test/…</c> at the checkpoint's step, pictures and report. An end that the worker asks for comes behind the current batch.
    /// </summary>
    public TrainerOutcome Evaluate(CancellationToken cancellationToken)
    {
        var wanted = (assignment.Config.Evaluate ?? new EvaluateConfig()).Pictures;
        var samples = streams.Manifest.Splits[_split].Samples;
        var validation = Validation();
        if (PixelCompatibility.Warning(checkpoint, streams.Pixels, streams.Subject) is { } warning)
            link.Event("values-far-off", warning);
        _total = samples + (validation is null ? 0 : streams.Manifest.Splits[validation].Samples);
        network.eval();

        var choosing = NewTally();
        if (validation is not null && !Read(validation, batch => choosing.Add(batch), cancellationToken))
            return Stopped();
        var chosen = new PrecisionRecallCurve(choosing.Histogram).Best();

        var tally = NewTally();
        var extremes = new ExtremeSamples(Math.Min(wanted, Extremes));
        var pictures = new SamplePictureSelector(
            samples, wanted, picture => _pictures.AddAsync(picture, cancellationToken).GetAwaiter().GetResult());
        var finished = Read(_split, batch => tally.Add(batch, scored =>
        {
            pictures.Add(batch, scored);
            extremes.Add(batch, scored);
        }), cancellationToken);
        if (!finished)
            return Stopped();
        pictures.Close();

        var writer = new ReportWriter(assignment, checkpoint, streams, store, link, _pictures);
        var report = writer.Make(_split, tally, chosen, validation, extremes);
        writer.PublishAsync(report, [.. extremes.Worst, .. extremes.Best], cancellationToken).GetAwaiter().GetResult();
        link.Metrics([.. report.Metrics().Select(metric => new MetricPoint(metric.Key, checkpoint.Step, checkpoint.EpochNumber, metric.Value))]);
        return new TrainerOutcome(TrainerEnd.Succeeded);
    }

    /// <summary>The split to choose a threshold on; null where there is none, or where it is the very one that is evaluated.</summary>
    private string? Validation() =>
        streams.Roles.Validate is { } name && name != _split && streams.Manifest.Splits.TryGetValue(name, out var split) && !split.Unlabelled
            ? name
            : null;

    /// <summary>The loss is weighted as in training.</summary>
    private SplitTally NewTally() => new(new SplitScore(
        network, LossCatalogue.Create(assignment.Config.Loss, streams.ClassFractionsOf(streams.Roles.Train)), device));

    /// <summary>False when the worker asked for an end meanwhile.</summary>
    private bool Read(string split, Action<Batch> add, CancellationToken cancellationToken)
    {
        var batches = streams.ReadSplitAsync(split, assignment.Config.Train.BatchSize, cancellationToken);
        foreach (var batch in batches.Blocking(time, _loader.Waited, cancellationToken))
        {
            if (link.StopRequested.IsCancellationRequested)
                return false;
            add(batch);
            _done += batch.Count;
            Report();
        }
        return true;
    }

    private TrainerOutcome Stopped() => new(TrainerEnd.Stopped, $"stopped at sample {_done} of {_total}");

    private void Report()
    {
        var seconds = time.GetElapsedTime(_start).TotalSeconds;
        link.Progress(new RunProgress(
            checkpoint.EpochNumber, checkpoint.Step, checkpoint.Step, _done / (double)_total, seconds / _done * (_total - _done),
            _loader.Figures(seconds > 0 ? _done / seconds : 0)));
    }
}
