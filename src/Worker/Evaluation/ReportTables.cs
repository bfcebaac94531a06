namespace ChangeDetection.Worker.Evaluation;

/// <summary>The report's tables beside the headline's: what each is of stands over it, so that no figure is taken for another.</summary>
internal static class ReportTables
{
    public static Markup Confusion(EvaluationReport report)
    {
        var columns = Enumerable.Range(0, report.Confusion.Count).Select(predicted => Markup.Of($"<th scope=\"col\">{Name(report, predicted)}</th>"));
        var rows = report.Confusion.Select((row, truth) => Markup.Of(
            $"""
            <tr><th scope="row">{Name(report, truth)}</th>{row.Select(pixels => Markup.Of($"<td>{pixels}</td>"))}</tr>
            """));
        return Markup.Of(
            $"""
            <section><h2>Confusion, pixels</h2>
            <table><thead><tr><th scope="col">true \ predicted</th>{columns}</tr></thead><tbody>{rows}</tbody></table></section>
            """);
    }

    public static Markup Classes(EvaluationReport report)
    {
        var columns = s_ofClasses.Select(measure => Markup.Of($"<th scope=\"col\">{measure}</th>"));
        var rows = report.Classes.Select(one => Markup.Of(
            $"""
            <tr><th scope="row">{Name(report, one.Class)}</th><td>{one.Pixels}</td>{Cells(one)}</tr>
            """));
        return Markup.Of(
            $"""
            <section><h2>Each class against all others</h2>
            <table><thead><tr><th scope="col">class</th><th scope="col">pixels</th>{columns}</tr></thead><tbody>{rows}</tbody></table>
            <p>Mean over classes, no change among them: F1 {report.ClassMeans.F1:0.0000}, IoU {report.ClassMeans.IoU:0.0000}.
            All classes together: accuracy {report.ClassMeans.Accuracy:0.0000}, kappa {report.ClassMeans.Kappa:0.0000}.</p></section>
            """);

        static IEnumerable<Markup> Cells(ClassScores one) => s_ofClasses.Select(measure => Markup.Of($"<td>{one.Scores[measure]:0.0000}</td>"));
    }

    public static Markup Images(EvaluationReport report)
    {
        var rows = report.ImageMeans.Select(mean => Markup.Of(
            $"""
            <tr><th scope="row">{mean.Key}</th><td>{(mean.Value.Defined > 0 ? mean.Value.Mean : null as double?):0.0000}</td>
            <td>{mean.Value.Deviation:0.0000}</td><td>{mean.Value.Defined}</td></tr>
            """));
        return Markup.Of(
            $"""
            <section><h2>Change class, mean over images</h2>
            <table><thead><tr><th scope="col">figure</th><th scope="col">mean</th><th scope="col">deviation</th><th scope="col">images</th>
            </tr></thead><tbody>{rows}</tbody></table>
            <p>Of the {report.Split.Samples} images those for which a figure has a denominator:
            an image without change in which none was found has no F1.</p></section>
            """);
    }

    private static readonly string[] s_ofClasses = ["precision", "recall", "f1", "iou"];

    private static string Name(EvaluationReport report, int one) => (one, report.Confusion.Count) switch
    {
        (0, _) => "no change",
        (1, 2) => "change",
        _ => FormattableString.Invariant($"class {one}"),
    };
}
