using System.Reflection;
using ChangeDetection.Core.Checkpoints;
using ChangeDetection.Core.Hashing;
using ChangeDetection.Core.Runs;
using ChangeDetection.Core.Storage;
using ChangeDetection.Datasets.Compatibility;
using ChangeDetection.Worker.Data.Batches;
using ChangeDetection.Worker.Protocol;
using ChangeDetection.Worker.Scoring;

namespace ChangeDetection.Worker.Evaluation;

/// <summary>Makes an evaluation's report of what was counted, and publishes it with the run's files.</summary>
public sealed class ReportWriter(
    TrainerAssignment assignment, CheckpointManifest checkpoint, RunDataLoader streams, IObjectStore store, ITrainerLink link, StoredPictures stored)
{
    private const int CurvePoints = 200;

    private static readonly string s_code =
        $"changedetection {typeof(ReportWriter).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion}";

    /// <param name="chosen">On the validation split; null where there was none to choose.</param>
    public EvaluationReport Make(string split, SplitTally tally, CurvePoint? chosen, string? chosenOn, ExtremeSamples extremes)
    {
        var config = assignment.Config;
        var matrix = tally.Score.Matrix;
        var classes = Enumerable.Range(0, matrix.Classes);
        var curve = new PrecisionRecallCurve(tally.Histogram);
        var (low, high) = curve.AveragePrecisionRange;
        var change = matrix.Change;
        return new EvaluationReport
        {
            Name = config.Name,
            Run = assignment.Run,
            Weights = new EvaluatedWeights(
                checkpoint.Model, checkpoint.Run, checkpoint.EpochNumber, checkpoint.Step, checkpoint.Files[CheckpointManifest.WeightsFile].Sha256)
            {
                DatasetSha256 = checkpoint.DatasetSha256,
            },
            Normalization = checkpoint.Normalization,
            Config = config,
            Code = s_code,
            Split = new EvaluatedSplit(
                streams.Manifest.Name, config.Dataset.Uri.AbsoluteUri, streams.ManifestSha256, split, tally.Images.Images.Count, matrix.Total,
                change.Total > 0 ? (change.TruePositive + change.FalseNegative) / (double)change.Total : 0)
            {
                Mask = streams.Manifest.Mask,
                Classes = streams.Manifest.Classes,
                Rescale = config.Evaluate?.Rescale?.ToString(),
                IgnoredPixels = tally.Score.Ignored,
                RepeatedPixels = tally.Score.Repeated,
            },
            Warnings = PixelCompatibility.Warning(checkpoint, streams.Pixels, streams.Subject) is { } warning ? [warning] : null,
            Seed = config.Seed,
            Loss = tally.Score.Loss,
            Scores = change.Figures().ToDictionary(),
            Intervals = Bootstrap.Intervals(tally.Images.Images, config.Seed),
            Confusion = [.. classes.Select(truth => classes.Select(predicted => matrix[truth, predicted]).ToList())],
            Classes = [.. classes.Select(one => Of(one, matrix.OfClass(one)))],
            ClassMeans = new ClassMeans(matrix.MeanF1, matrix.MeanIoU, matrix.Accuracy, matrix.Kappa),
            ImageMeans = ConfusionCounts.Measures.ToDictionary(measure => measure, tally.Images.Mean),
            AveragePrecision = curve.AveragePrecision,
            AveragePrecisionBounds = new ConfidenceInterval(low, high),
            Curve = curve.Points(CurvePoints),
            Threshold = chosen is null || chosenOn is null
                ? null
                : new ChosenThreshold(chosenOn, chosen.Threshold, chosen.F1, curve.At(chosen.Threshold).Figures().ToDictionary()),
            Calibration = Calibration.Of(tally.Histogram),
            Worst = [.. extremes.Worst.Select(Of)],
            Best = [.. extremes.Best.Select(Of)],
        };
    }

    public async Task PublishAsync(EvaluationReport report, IReadOnlyList<SamplePicture> pictures, CancellationToken cancellationToken)
    {
        foreach (var picture in pictures)
            await stored.AddAsync(picture, cancellationToken);
        await PublishAsync(RunObject.ReportJson, "application/json", report.ToJson(), cancellationToken);
        var page = ReportPage.Of(report, pictures.ToDictionary(picture => picture.Name, picture => picture.Png));
        await PublishAsync(RunObject.ReportPage, "text/html", page, cancellationToken);
    }

    private async Task PublishAsync(string name, string contentType, byte[] content, CancellationToken cancellationToken)
    {
        var key = RunObject.Report(assignment.Run, name, assignment.Attempt);
        await store.PutAsync(key, (stream, token) => stream.WriteAsync(content, token).AsTask(), cancellationToken);
        link.Artifact(new ArtifactRecord
        {
            Name = name,
            ObjectKey = key.Value,
            ContentType = contentType,
            Bytes = content.Length,
            Sha256 = Sha256Hex.Of(content),
        });
    }

    private static ClassScores Of(int one, ConfusionCounts counts) => new(one, counts.TruePositive + counts.FalseNegative, counts.Figures().ToDictionary());

    private static SampleScores Of(SamplePicture picture) => new(picture.Key, picture.Name, picture.Counts.Figures().ToDictionary());
}
