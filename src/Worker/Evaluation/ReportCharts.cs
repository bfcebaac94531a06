using ChangeDetection.Worker.Scoring;

namespace ChangeDetection.Worker.Evaluation;

/// <summary>The report's two charts, drawn as SVG: both axes from 0 to 1.</summary>
internal static class ReportCharts
{
    private const int Side = 300;
    private const int Margin = 44;

    /// <summary>Precision over recall. Rings mark the likelier class's point, and that of the chosen threshold.</summary>
    public static Markup Curve(EvaluationReport report)
    {
        var line = string.Join(' ', report.Curve.Select(point => FormattableString.Invariant($"{X(point.Recall):0.##},{Y(point.Precision):0.##}")));
        var chosen = report.Threshold is { } threshold
            ? Markup.Of($"<circle class=\"chosen\" cx=\"{X(threshold.Scores["recall"]):0.##}\" cy=\"{Y(threshold.Scores["precision"]):0.##}\" r=\"5\"/>")
            : default;
        return Chart("Precision over recall of the change class", "recall", "precision", Markup.Of(
            $"""
            <polyline class="line" points="{line}"/>
            <circle class="usual" cx="{X(report.Scores["recall"]):0.##}" cy="{Y(report.Scores["precision"]):0.##}" r="5"/>{chosen}
            """));
    }

    /// <summary>The observed frequency over the predicted probability, a bar for each bin that has pixels; the diagonal is perfect.</summary>
    public static Markup Reliability(Calibration calibration)
    {
        var bars = calibration.Bins.Where(bin => bin.ChangedShare is not null).Select(bin => Markup.Of(
            $"""
            <rect class="bar" x="{X(bin.From) + 1:0.##}" y="{Y(bin.ChangedShare!.Value):0.##}"
              width="{Side * (bin.To - bin.From) - 2:0.##}" height="{Side * bin.ChangedShare.Value:0.##}">
            <title>{bin.Pixels} pixels: said {bin.MeanProbability:0.0000}, so {bin.ChangedShare:0.0000}</title></rect>
            """));
        return Chart("Share that changed over the probability of change", "probability of change", "share that changed", Markup.Of(
            $"""{bars}<line class="ideal" x1="{X(0)}" y1="{Y(0)}" x2="{X(1)}" y2="{Y(1)}"/>"""));
    }

    private static Markup Chart(string title, string across, string up, Markup content)
    {
        var ticks = new[] { 0, 0.25, 0.5, 0.75, 1 }.Select(at => Markup.Of(
            $"""
            <line class="grid" x1="{X(at)}" y1="{Y(0)}" x2="{X(at)}" y2="{Y(1)}"/><line class="grid" x1="{X(0)}" y1="{Y(at)}" x2="{X(1)}" y2="{Y(at)}"/>
            <text x="{X(at)}" y="{Y(0) + 16}" text-anchor="middle">{at}</text><text x="{X(0) - 6}" y="{Y(at) + 4}" text-anchor="end">{at}</text>
            """));
        return Markup.Of(
            $"""
            <svg viewBox="0 0 {Side + Margin + 16} {Side + Margin + 16}" role="img" aria-label="{title}">
            {ticks}{content}
            <text x="{X(0.5)}" y="{Y(0) + 36}" text-anchor="middle">{across}</text>
            <text x="12" y="{Y(0.5)}" text-anchor="middle" transform="rotate(-90 12 {Y(0.5)})">{up}</text>
            </svg>
            """);
    }

    private static double X(double share) => Margin + Side * share;

    private static double Y(double share) => 10 + Side * (1 - share);
}
