using System.Text;
using ChangeDetection.Imaging.Codecs;
using ChangeDetection.Imaging.Pictures;

namespace ChangeDetection.Worker.Evaluation;

/// <summary>
/// The report as one page that needs nothing else: styles, curves and pictures stand in it, no script, nothing from elsewhere. Light or dark as the reader's
/// system is.
/// </summary>
internal static class ReportPage
{
    /// <summary>Pictures are shrunk to this; the run's files have them whole.</summary>
    private const int PictureWidth = 1400;

    /// <param name="pictures">PNG files by their names in the report.</param>
    public static byte[] Of(EvaluationReport report, IReadOnlyDictionary<string, byte[]> pictures) => Encoding.UTF8.GetBytes(Markup.Of(
        $"""
        <!doctype html>
        <html lang="en"><head><meta charset="utf-8">
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>{report.Name}: evaluation</title>{ReportStyle.Element}</head><body>
        <h1>{report.Name}</h1>
        {ReportOrigin.Of(report)}
        {(report.Warnings ?? []).Select(warning => Markup.Of($"<p role=\"note\"><b>Warning.</b> {warning}</p>"))}
        {Scores(report)}
        <div class="two"><section><h2>Precision and recall</h2>{ReportCharts.Curve(report)}{CurveWords(report)}</section>
        <section><h2>Calibration</h2>{ReportCharts.Reliability(report.Calibration)}
        <p>Expected calibration error <b>{report.Calibration.ExpectedError:0.0000}</b>:
        how far what the network said lies from what was so, on average over pixels.</p></section></div>
        {ReportTables.Confusion(report)}
        {ReportTables.Classes(report)}
        {ReportTables.Images(report)}
        {Gallery("Worst samples", report, report.Worst, pictures)}
        {Gallery("Best samples", report, report.Best, pictures)}
        {ReportOrigin.Config(report)}
        </body></html>
        """).Text);

    private static Markup Scores(EvaluationReport report)
    {
        var rows = report.Scores.Select(score => Markup.Of(
            $"""
            <tr><th scope="row">{score.Key}</th><td>{score.Value:0.0000}</td><td>{Interval(report, score.Key)}</td>
            <td>{report.Threshold?.Scores[score.Key]:0.0000}</td></tr>
            """));
        var threshold = report.Threshold is { } chosen
            ? Markup.Of(
                $"""
                <p>The last column: pixels with a probability of at least {chosen.Value:0.0000},
                the threshold of the best F1 ({chosen.F1There:0.0000}) on the split {chosen.Split}.</p>
                """)
            : Markup.Of($"<p>No threshold was chosen: there was no other split with change to choose it on.</p>");
        // Accuracy has a denominator for every image with a labelled pixel.
        var images = report.ImageMeans["accuracy"].Defined;
        var few = images < 20 ? ", which are few: take them as a hint" : "";
        var intervals = report.Intervals is null
            ? "Intervals need two images or more."
            : $"Intervals: percentile bootstrap over the {images} images{few}.";
        return Markup.Of(
            $"""
            <section><h2>Change class, micro over pixels</h2>
            <table><thead><tr><th scope="col">figure</th><th scope="col">value</th><th scope="col">95 % interval</th>
            <th scope="col">at the threshold</th></tr></thead><tbody>{rows}
            <tr><th scope="row">loss</th><td>{report.Loss:0.0000}</td><td></td><td></td></tr></tbody></table>
            {threshold}<p>{intervals}</p></section>
            """);
    }

    private static string Interval(EvaluationReport report, string measure) =>
        report.Intervals is { } intervals ? FormattableString.Invariant($"{intervals[measure].Low:0.0000} – {intervals[measure].High:0.0000}") : "–";

    private static Markup CurveWords(EvaluationReport report) => Markup.Of(
        $"""
        <p>Average precision <b>{report.AveragePrecision:0.0000}</b>; probabilities are told apart by 1/4096,
        which leaves {report.AveragePrecisionBounds.Low:0.0000} to {report.AveragePrecisionBounds.High:0.0000} open.
        Filled: the likelier class{(report.Threshold is null ? "" : "; ring: the chosen threshold")}.</p>
        """);

    private static Markup Gallery(
        string title, EvaluationReport report, IReadOnlyList<SampleScores> samples, IReadOnlyDictionary<string, byte[]> pictures) => samples.Count == 0
        ? default
        : Markup.Of(
            $"""
            <section><h2>{title}</h2><p>{Legend(report.Split)}</p>
            {samples.Select(sample => Markup.Of(
                $"""
                <figure><img alt="{sample.Sample}" src="data:image/png;base64,{Convert.ToBase64String(Shrunk(pictures[sample.Picture], sample.Picture))}">
                <figcaption>{sample.Sample}: F1 {sample.Scores["f1"]:0.0000}, precision {sample.Scores["precision"]:0.0000},
                recall {sample.Scores["recall"]:0.0000}</figcaption></figure>
                """))}</section>
            """);

    private static string Legend(EvaluatedSplit split) =>
        "Before, after, mask, prediction, errors: white found, black rightly left alone, vermillion false alarm, blue missed" +
        (split is { IgnoredPixels: 0, RepeatedPixels: 0 } ? "." : ", grey not counted.");

    private static byte[] Shrunk(byte[] png, string name)
    {
        var picture = ImageCodec.Decode(png, name);
        return picture.Shape.Width <= PictureWidth ? png : PictureEncoder.Encode(ShrunkPicture.Of(picture, PictureWidth));
    }
}
