using System.Globalization;
using System.Text;

namespace ChangeDetection.Core.Results;

/// <summary>
/// A comparison as text. For people shares stand in percent with two decimals, mean ± sample deviation, a dash where one value has none; for programs
/// (CSV, JSON) they stay shares, in full.
/// </summary>
public static class ComparisonText
{
    private const string Dash = "–";

    public static string Markdown(ComparisonTable table)
    {
        var text = new StringBuilder();
        Line(table.Metrics.Select(Heading).Prepend("n").Prepend(""));
        Line(table.Metrics.Select(_ => "---:").Prepend("---:").Prepend("---"));
        foreach (var row in table.Rows)
        {
            Line(table.Metrics.Select(metric => Cell(row, metric, " ± ", Dash) is var cell && table.IsBest(row, metric) ? $"**{cell}**" : cell)
                .Prepend(Number(row)).Prepend(Escaped(row.Source is { } source ? $"{row.Name}: {source}" : row.Name)));
        }
        return text.ToString().TrimEnd('\n');

        void Line(IEnumerable<string> cells) => text.Append("| ").AppendJoin(" | ", cells).Append(" |\n");
        static string Escaped(string cell) => cell.Replace("|", "\\|", StringComparison.Ordinal);
    }

    public static string Latex(ComparisonTable table)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"\\begin{{tabular}}{{lr{new string('r', table.Metrics.Count)}}}\n\\hline\n");
        Line(table.Metrics.Select(metric => Escaped(Heading(metric))).Prepend("$n$").Prepend(""));
        text.Append("\\hline\n");
        foreach (var row in table.Rows)
        {
            Line(table.Metrics.Select(metric => Cell(row, metric, " $\\pm$ ", "--") is var cell && table.IsBest(row, metric) ? $"\\textbf{{{cell}}}" : cell)
                .Prepend(row.Source is null ? Number(row) : "--").Prepend(Escaped(row.Source is { } source ? $"{row.Name}: {source}" : row.Name)));
        }
        return text.Append("\\hline\n\\end{tabular}").ToString();

        void Line(IEnumerable<string> cells) => text.AppendJoin(" & ", cells).Append(" \\\\\n");
        static string Escaped(string cell) => string.Concat(cell.Select(c => c switch
        {
            '\\' => "\\textbackslash{}",
            '~' => "\\textasciitilde{}",
            '^' => "\\textasciicircum{}",
            '&' or '%' or '$' or '#' or '_' or '{' or '}' => $"\\{c}",
            _ => c.ToString(),
        }));
    }

    public static string Csv(ComparisonTable table)
    {
        var text = new StringBuilder();
        // Scripts that read the columns by their places know none of folds.
        var folded = table.Rows.Any(row => row.Folds.Count > 0);
        Line(["name", "model", "source", "n", "seeds", .. folded ? ["folds"] : Array.Empty<string>(),
            .. table.Metrics.SelectMany(metric => new[] { metric, $"{metric} deviation", $"{metric} n", $"{metric} best" })]);
        foreach (var row in table.Rows)
        {
            var cells = table.Metrics.SelectMany(metric => row.Scores.TryGetValue(metric, out var score)
                ? [Exact(score.Mean), score.Deviation is { } deviation ? Exact(deviation) : "", row.Source is null
                    ? Exact(score.Count) : "", table.IsBest(row, metric) ? "true" : "false"]
                : new[] { "", "", "", "" });
            Line([row.Name, row.Model, row.Source ?? "", row.Source is null ? Exact(row.Runs) : "", string.Join(' ', row.Seeds),
                .. folded ? [string.Join(' ', row.Folds)] : Array.Empty<string>(), .. cells]);
        }
        return text.ToString().TrimEnd('\n');

        void Line(IEnumerable<string> cells) => text.AppendJoin(',', cells.Select(Quoted)).Append('\n');
        static string Exact(double value) => value.ToString("R", CultureInfo.InvariantCulture);
        static string Quoted(string cell) => cell.AsSpan().ContainsAny(',', '"', '\n') ? $"\"{cell.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : cell;
    }

    public static string Json(ComparisonTable table) => OutputJson.Write(table.Rows.Select(row => new
    {
        row.Name,
        row.Model,
        row.Source,
        N = row.Source is null ? row.Runs : (int?)null,
        row.Seeds,
        row.Folds,
        Scores = row.Scores.Where(score => table.Metrics.Contains(score.Key)).ToDictionary(score => score.Key, score => new
        {
            score.Value.Mean,
            score.Value.Deviation,
            N = row.Source is null ? score.Value.Count : (int?)null,
            Best = table.IsBest(row, score.Key),
        }),
    }));

    private static string Heading(string metric) => ComparisonTable.IsShare(metric) ? $"{metric} %" : metric;

    private static string Number(ComparisonRow row) => row.Source is null ? row.Runs.ToString(CultureInfo.InvariantCulture) : Dash;

    private static string Cell(ComparisonRow row, string metric, string plusMinus, string dash)
    {
        if (!row.Scores.TryGetValue(metric, out var score))
            return dash;
        if (row.Source is not null)
            return Shown(metric, score.Mean);
        // A score that fewer runs have than the row says is told apart.
        var few = score.Count < row.Runs ? FormattableString.Invariant($" (n = {score.Count})") : "";
        return $"{Shown(metric, score.Mean)}{plusMinus}{(score.Deviation is { } deviation ? Shown(metric, deviation) : dash)}{few}";
    }

    private static string Shown(string metric, double value) =>
        ComparisonTable.IsShare(metric) ? (100 * value).ToString("0.00", CultureInfo.InvariantCulture) : value.ToString("0.0000", CultureInfo.InvariantCulture);
}
