using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using ChangeDetection.Core.Checkpoints;
using ChangeDetection.Core.Configuration;
using ChangeDetection.Datasets.Shards;
using ChangeDetection.Worker.Scoring;

namespace ChangeDetection.Worker.Evaluation;

/// <summary>
/// What an evaluation found, as <c>report.json</c> has it and <c>report.html</c> shows it. A function of weights, data, config and program: no time and no
/// attempt stands in it. Figures are shares of 1.
/// </summary>
public sealed record EvaluationReport
{
    public int Version { get; init; } = 1;
    public required string Name { get; init; }
    public required Guid Run { get; init; }
    public required EvaluatedWeights Weights { get; init; }
    public required EvaluatedSplit Split { get; init; }
    /// <summary>How values became the network's input, with the figures that were used.</summary>
    public required CheckpointNormalization Normalization { get; init; }
    /// <summary>Of the run, every default filled in: for an evaluation that follows a training, the training's own.</summary>
    public required ExperimentConfig Config { get; init; }
    /// <summary>Name and version of the program that evaluated, with the commit that it was built from.</summary>
    public required string Code { get; init; }
    /// <summary>What makes the scores doubtful, a sentence or two each; null where nothing does.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Warnings { get; init; }
    /// <summary>Of the config: of training, and of the bootstrap.</summary>
    public required long Seed { get; init; }
    public required double Loss { get; init; }
    /// <summary>Of the change class, micro over all labelled pixels; change of any kind where there are several.</summary>
    public required IReadOnlyDictionary<string, double> Scores { get; init; }
    /// <summary>95 % intervals of them; null where the split has fewer than two images with a labelled pixel.</summary>
    public required IReadOnlyDictionary<string, ConfidenceInterval>? Intervals { get; init; }
    /// <summary>Row by row: the true class first.</summary>
    public required IReadOnlyList<IReadOnlyList<long>> Confusion { get; init; }
    public required IReadOnlyList<ClassScores> Classes { get; init; }
    public required ClassMeans ClassMeans { get; init; }
    public required IReadOnlyDictionary<string, ImageMean> ImageMeans { get; init; }
    public required double AveragePrecision { get; init; }
    /// <summary>Where it lies whatever the order of probabilities that differ by less than 1/4096.</summary>
    public required ConfidenceInterval AveragePrecisionBounds { get; init; }
    public required IReadOnlyList<CurvePoint> Curve { get; init; }
    /// <summary>Null where there was no validation split to choose it on, or none that had any change.</summary>
    public required ChosenThreshold? Threshold { get; init; }
    public required Calibration Calibration { get; init; }
    public required IReadOnlyList<SampleScores> Worst { get; init; }
    public required IReadOnlyList<SampleScores> Best { get; init; }

    private static readonly JsonSerializerOptions s_json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        WriteIndented = true,
        NewLine = "\n",
    };

    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, s_json);

    /// <summary>The figures for the run's metrics, by name below <c>test/</c>.</summary>
    public IEnumerable<KeyValuePair<string, double>> Metrics()
    {
        var all = new List<KeyValuePair<string, double>> { new("loss", Loss) };
        all.AddRange(Scores);
        all.Add(new(MetricNames.AveragePrecision, AveragePrecision));
        all.Add(new(MetricNames.CalibrationError, Calibration.ExpectedError));
        all.Add(new(MetricNames.ClassMean + "f1", ClassMeans.F1));
        all.Add(new(MetricNames.ClassMean + "iou", ClassMeans.IoU));
        foreach (var measure in new[] { "f1", "iou" }.Where(measure => ImageMeans[measure].Defined > 0))
            all.Add(new(MetricNames.ImageMean + measure, ImageMeans[measure].Mean));
        if (Intervals is { } intervals)
            all.AddRange([new("f1_low", intervals["f1"].Low), new("f1_high", intervals["f1"].High)]);
        if (Threshold is { } threshold)
        {
            all.Add(new(MetricNames.Threshold, threshold.Value));
            all.AddRange(threshold.Scores.Select(score => KeyValuePair.Create(MetricNames.AtThreshold + score.Key, score.Value)));
        }
        return all.Select(metric => KeyValuePair.Create(MetricNames.Test + metric.Key, metric.Value));
    }
}

/// <summary>The network, and the checkpoint its weights are from.</summary>
/// <param name="Epoch">That they were trained in last, from 1; 0 for weights that were not trained here.</param>
public sealed record EvaluatedWeights(CheckpointModel Model, Guid Run, int Epoch, long Step, string Sha256)
{
    /// <summary>SHA-256 of the <c>dataset.json</c> that they were trained on; left out of the file where that is not known.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? DatasetSha256 { get; init; }
}

/// <summary>What was evaluated on.</summary>
/// <param name="DatasetSha256">Of <c>dataset.json</c>, which names every shard by its hash: the split to the last bit.</param>
/// <param name="Pixels">Those that have a label: what every figure is of.</param>
/// <param name="ChangedShare">Of these pixels.</param>
public sealed record EvaluatedSplit(string Dataset, string Location, string DatasetSha256, string Name, int Samples, long Pixels, double ChangedShare)
{
    /// <summary>What the values of the data set's masks mean, and which were found; left out of the file for data sets of format 1.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public MaskManifest? Mask { get; init; }

    /// <summary>The data set's classes; left out of the file where there are change and no change alone.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<ClassManifest>? Classes { get; init; }

    /// <summary>What the data set's values were taken for in those of the training; left out of the file where they are the same.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Rescale { get; init; }

    /// <summary>Pixels that are unlabelled or missing, beside <see cref="Pixels"/>: they are in no figure. Left out of the file where there are none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public long IgnoredPixels { get; init; }

    /// <summary>
    /// Pixels of overlapping tiles that an earlier tile has too, beside the others: each was counted there, labelled or not. Left out of the file where
    /// there are none.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public long RepeatedPixels { get; init; }
}

/// <summary>One class against all others.</summary>
public sealed record ClassScores(int Class, long Pixels, IReadOnlyDictionary<string, double> Scores);

/// <summary>Means over the classes, and accuracy and kappa over all of them together.</summary>
public sealed record ClassMeans(double F1, double IoU, double Accuracy, double Kappa);

/// <summary>The threshold of the best F1 on the validation split, and what the evaluated split scores with it.</summary>
public sealed record ChosenThreshold(string Split, double Value, double F1There, IReadOnlyDictionary<string, double> Scores);

/// <summary>A sample, and the name of its picture among the run's files.</summary>
public sealed record SampleScores(string Sample, string Picture, IReadOnlyDictionary<string, double> Scores);
