using System.CommandLine;
using ChangeDetection.Core.Results;
using ChangeDetection.Scheduler.Cli.Connection;
using ChangeDetection.Scheduler.Cli.Errors;
using ChangeDetection.Scheduler.Cli.Options;
using ChangeDetection.Scheduler.Cli.Output;

namespace ChangeDetection.Scheduler.Cli.Experiments;

/// <summary><c>compare EXPERIMENT…</c>: mean and deviation over seeds, as tables for people, papers and programs.</summary>
internal static class CompareCommand
{
    private enum Format { Markdown, Csv, Latex, Json }

    public static Command Create(Terminal terminal)
    {
        var ids = new Argument<string[]>("EXPERIMENT") { Description = "Ids of experiments.", Arity = ArgumentArity.OneOrMore };
        var format = new Option<Format>("--format") { Description = "markdown, csv, latex or json." };
        var metrics = new Option<string[]>("--metrics")
        {
            Description = $"The columns, with commas between them: f1 is test/f1 (default: {string.Join(',', ComparisonTable.UsualMetrics)}).",
        };
        var dataDir = CommonOptions.DataDir();
        var json = CommonOptions.Json();
        var command = new Command("compare", "Compare experiments: mean and deviation over seeds.") { ids, format, metrics, dataDir, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var experiments = parsed.GetRequiredValue(ids).Select(CommonOptions.ParseId).ToList();
            var columns = (parsed.GetValue(metrics) ?? []).SelectMany(
                text => text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
                .Select(ComparisonTable.FullName).Distinct().ToList();
            await using var system = await SystemConnection.OpenAsync(terminal, parsed.GetValue(dataDir), "compare", cancellationToken);
            var table = await new ComparisonReader(system.Database).ReadAsync(
                experiments, columns.Count > 0 ? columns : ComparisonTable.UsualMetrics, cancellationToken);
            foreach (var missing in table.Missing)
                terminal.Warn($"left out: {missing}");
            switch (parsed.GetValue(json) ? Format.Json : parsed.GetValue(format))
            {
                case Format.Json:
                    terminal.Document(ComparisonText.Json(table));
                    break;
                case Format.Csv:
                    terminal.Result(ComparisonText.Csv(table));
                    break;
                case Format.Latex:
                    terminal.Result(ComparisonText.Latex(table));
                    break;
                default:
                    terminal.Result(ComparisonText.Markdown(table));
                    break;
            }
            // Nothing to compare is no success.
            return table.Rows.Any(row => row.Source is null) ? ExitCode.Done : ExitCode.Failed;
        });
        return command;
    }
}
