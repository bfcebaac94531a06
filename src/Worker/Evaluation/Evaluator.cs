using ChangeDetection.Checkpoints;
using ChangeDetection.Configuration;
using ChangeDetection.Metrics;
using ChangeDetection.Storage;
using ChangeDetection.Worker.Data;
using ChangeDetection.Worker.Devices;
using ChangeDetection.Worker.Models;
using ChangeDetection.Worker.Protocol;
using ChangeDetection.Worker.Training;
using ChangeDetection.Worker.Training.Losses;

namespace ChangeDetection.Worker.Evaluation;

/// <summary>Scores a network on the test split, whole images, and keeps pictures of some of them. Runs on the compute thread alone.</summary>
public sealed class Evaluator(
    TrainerAssignment assignment, ChangeNetwork network, CheckpointManifest checkpoint, DatasetStreams streams, ComputeDevice device,
    IObjectStore store, ITrainerLink link, TimeProvider time)
{
    private readonly SplitConfig _split = assignment.Config.Dataset.Test ?? new SplitConfig { Split = "test" };

    /// <summary>Publishes <c>test/…</c> at the checkpoint's step, and the pictures. An end that the worker asks for comes behind the current batch.</summary>
    public TrainerOutcome Evaluate(CancellationToken cancellationToken)
    {
        var config = assignment.Config;
        var total = streams.Manifest.Splits[_split.Split].Samples;
        var score = new SplitScore(network, LossCatalogue.Create(config.Loss, streams.ClassFractionsOf(config.Dataset.Train.Split)), device);
        var pictures = new PictureBook(total, (config.Evaluate ?? new EvaluateConfig()).Pictures,
            picture => picture.StoreAsync(store, assignment, link, cancellationToken).GetAwaiter().GetResult());
        var loader = new LoaderReport(streams.Counters, time);
        var start = time.GetTimestamp();
        network.eval();
        var batches = streams.ReadSplitAsync(_split.Split, config.Train.BatchSize, cancellationToken);
        foreach (var batch in batches.Blocking(time, loader.Waited, cancellationToken))
        {
            if (link.StopRequested.IsCancellationRequested)
                return new TrainerOutcome(TrainerEnd.Stopped, $"stopped at sample {batch.FirstPosition} of {total}");
            score.Add(batch, output => pictures.Add(batch, output));
            Report(batch.FirstPosition + batch.Count, total, time.GetElapsedTime(start), loader);
        }
        pictures.Close();
        // The epoch whose end the checkpoint stands at, so that the points lie beside the validation's.
        var epoch = Math.Max(0, checkpoint.Epoch - 1);
        link.Metrics([.. score.Named("test").Select(metric => new MetricPoint(metric.Key, checkpoint.Step, epoch, metric.Value))]);
        return new TrainerOutcome(TrainerEnd.Succeeded);
    }

    private void Report(int done, int total, TimeSpan elapsed, LoaderReport loader)
    {
        var seconds = elapsed.TotalSeconds;
        link.Progress(new TrainerProgress(
            checkpoint.Epoch, checkpoint.Step, checkpoint.Step, done / (double)total, seconds / done * (total - done),
            loader.Figures(seconds > 0 ? done / seconds : 0)));
    }
}
