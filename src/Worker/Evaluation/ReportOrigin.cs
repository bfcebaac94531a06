using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using ChangeDetection.Core.Checkpoints;
using ChangeDetection.Core.Configuration;
using ChangeDetection.Datasets.Masks;

namespace ChangeDetection.Worker.Evaluation;

/// <summary>The part of the page that says what the figures are of: all that would have to be the same for them to be the same.</summary>
internal static class ReportOrigin
{
    // The page encodes what it shows.
    private static readonly JsonSerializerOptions s_readable = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static Markup Of(EvaluationReport report) => Markup.Of(
        $"""
        <dl class="about">
        <div><dt>Network</dt>
        <dd>{report.Weights.Model.Name}, {report.Weights.Model.Channels} channels per date, {report.Confusion.Count} classes</dd></div>
        <div><dt>Weights</dt><dd>run <code>{report.Weights.Run}</code>, epoch {report.Weights.Epoch}, step {report.Weights.Step},
        SHA-256 <code>{report.Weights.Sha256}</code></dd></div>
        {TrainedOn(report)}
        <div><dt>Data set</dt><dd>{report.Split.Dataset}, {report.Split.Location}, SHA-256 <code>{report.Split.DatasetSha256}</code></dd></div>
        <div><dt>Split</dt>
        <dd>{report.Split.Name}: {report.Split.Samples} samples, {Pixels(report.Split)}</dd></div>
        {Mask(report.Split)}
        <div><dt>Normalisation</dt><dd>{Normalization(report.Normalization)}</dd></div>
        {Rescaled(report.Split)}
        <div><dt>Seed</dt><dd>{report.Seed}</dd></div>
        <div><dt>Evaluation</dt><dd>run <code>{report.Run}</code>, config digest <code>{ExperimentDigest.Of(report.Config)}</code> (below)</dd></div>
        <div><dt>Program</dt><dd><code>{report.Code}</code></dd></div>
        </dl>
        """);

    /// <summary>Every key of the config, folded up.</summary>
    public static Markup Config(EvaluationReport report) => Markup.Of(
        $"""
        <section><h2>Config</h2><details><summary>Every key, defaults included</summary>
        <pre>{JsonSerializer.Serialize(report.Config, s_readable)}</pre></details></section>
        """);

    /// <summary>Where that is another data set than the one that is evaluated on.</summary>
    private static Markup TrainedOn(EvaluationReport report) => report.Weights.DatasetSha256 is not { } trained || trained == report.Split.DatasetSha256
        ? Markup.Of($"")
        : Markup.Of($"<div><dt>Trained on</dt><dd>another data set, SHA-256 <code>{trained}</code></dd></div>");

    private static Markup Mask(EvaluatedSplit split) => split.Mask is not { } mask
        ? Markup.Of($"")
        : Markup.Of($"<div><dt>Masks</dt><dd>{MaskDescription.Rule(mask, split.Classes)}; values found: {MaskDescription.Values(mask)}</dd></div>");

    private static string Normalization(CheckpointNormalization normalization) => normalization is { Mean: { } mean, Deviation: { } deviation }
        ? $"{normalization.Kind}: mean {Numbers(mean)}; deviation {Numbers(deviation)}"
        : normalization.Kind;

    private static string Numbers(IEnumerable<double> values) =>
        string.Join(' ', values.Select(value => value.ToString("0.####", CultureInfo.InvariantCulture)));

    private static Markup Rescaled(EvaluatedSplit split) => split.Rescale is not { } rescaling
        ? Markup.Of($"")
        : Markup.Of($"<div><dt>Values</dt><dd>mapped onto those of the training: {rescaling}</dd></div>");

    private static string Pixels(EvaluatedSplit split)
    {
        var counted = FormattableString.Invariant($"{split.Pixels} pixels, {100 * split.ChangedShare:0.000} % changed");
        if (split.IgnoredPixels > 0)
            counted += FormattableString.Invariant($"; {split.IgnoredPixels} more pixels are unlabelled or missing, and in no figure");
        if (split.RepeatedPixels > 0)
            counted += FormattableString.Invariant($"; {split.RepeatedPixels} pixels lie in several tiles, and count in the first alone");
        return counted;
    }
}
