using System.CommandLine;
using System.Text;
using ChangeDetection.Core.Runs;
using ChangeDetection.Core.Storage;
using ChangeDetection.Scheduler.Cli.Connection;
using ChangeDetection.Scheduler.Cli.Errors;
using ChangeDetection.Scheduler.Cli.Options;
using ChangeDetection.Scheduler.Cli.Output;

namespace ChangeDetection.Scheduler.Cli.Experiments;

/// <summary><c>report RUN</c>: fetches an evaluation's report, verified on the way.</summary>
internal static class ReportCommand
{
    public static Command Create(Terminal terminal)
    {
        var id = CommonOptions.Id("an evaluation, or of the run it evaluates");
        var output = new Option<string?>(
            "--out") { Description =
            $"File to write: the report as JSON when its name ends in .json, else as a page (default: {RunObject.ReportPage} here)." };
        var dataDir = CommonOptions.DataDir();
        var json = CommonOptions.Json();
        var command = new Command("report", "Fetch an evaluation's report: a page that needs nothing else, or JSON.") { id, output, dataDir, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var run = CommonOptions.ParseId(parsed.GetRequiredValue(id));
            var (asked, print) = (parsed.GetValue(output), parsed.GetValue(json));
            if (asked is not null && print)
                throw new CommandException("--out and --json exclude each other: --json prints the report. Name one.");
            var path = print ? "" : OutputPath.Require("--out", asked ?? RunObject.ReportPage);
            var wanted = print || Path.GetExtension(path).Equals(".json", StringComparison.OrdinalIgnoreCase) ? RunObject.ReportJson : RunObject.ReportPage;

            await using var system = await SystemConnection.OpenAsync(terminal, parsed.GetValue(dataDir), "report", cancellationToken);
            var report = await FindAsync(system, run, wanted, cancellationToken);
            var (store, published) = (
                ObjectStores.Open(system.Store),
                new PublishedObject(new ObjectKey(report.ObjectKey), report.Sha256, "Evaluate again for another report."));
            if (print)
            {
                terminal.Document(Encoding.UTF8.GetString(await Download.ToMemoryAsync(store, published, report.Bytes, cancellationToken)));
                return ExitCode.Done;
            }
            await Download.ToFileAsync(store, published, path, cancellationToken);
            terminal.Result($"{path}  run {report.RunId}  sha256 {report.Sha256}");
            return ExitCode.Done;
        });
        return command;
    }

    /// <summary>The run's own, or that of the newest evaluation of its checkpoint that has one.</summary>
    private static async Task<ArtifactRecord> FindAsync(SystemConnection system, Guid id, string name, CancellationToken cancellationToken)
    {
        var runs = new RunStore(system.Database);
        if (await runs.FindAsync(id, cancellationToken) is not { } run)
            throw new CommandException($"There is no run {id}. 'changedetection list' shows what there is.");
        var family = await runs.ListAsync(new RunFilter(Experiment: run.ExperimentId), cancellationToken);
        var artifacts = new ArtifactStore(system.Database);
        foreach (var candidate in family.Where(other => other.SourceRun == id).OrderByDescending(other => other.CreatedAt).Prepend(run))
        {
            if ((await artifacts.ListAsync(candidate.Id, cancellationToken)).FirstOrDefault(artifact => artifact.Name == name) is { } found)
                return found;
        }
        throw new CommandException(
            $"Run {id} has no report: a run of kind evaluate writes it when it ends. 'changedetection show {run.ExperimentId}' says how its " +
            "experiment stands.", ExitCode.Failed);
    }
}
