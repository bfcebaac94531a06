using System.CommandLine;
using System.Globalization;
using ChangeDetection.Core.Results;
using ChangeDetection.Scheduler.Cli.Connection;
using ChangeDetection.Scheduler.Cli.Errors;
using ChangeDetection.Scheduler.Cli.Options;
using ChangeDetection.Scheduler.Cli.Output;

namespace ChangeDetection.Scheduler.Cli.Experiments;

/// <summary><c>show ID</c>: a run with its attempts, events and files, or an experiment with its runs.</summary>
internal static class ShowCommand
{
    public static Command Create(Terminal terminal)
    {
        var id = CommonOptions.Id("a run or an experiment");
        var dataDir = CommonOptions.DataDir();
        var json = CommonOptions.Json();
        var command = new Command("show", "Show a run, or an experiment with its runs.") { id, dataDir, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var wanted = CommonOptions.ParseId(parsed.GetRequiredValue(id));
            await using var system = await SystemConnection.OpenAsync(terminal, parsed.GetValue(dataDir), "show", cancellationToken);
            var reader = new RunReader(system.Database, system.Store);
            if (await reader.FindAsync(wanted, cancellationToken) is { } run)
                Write(terminal, run, parsed.GetValue(json), Print);
            else if (await reader.FindExperimentAsync(wanted, cancellationToken) is { } experiment)
                Write(terminal, experiment, parsed.GetValue(json), Print);
            else
                throw new CommandException($"There is no run and no experiment {wanted}. 'changedetection list' shows what there is.");
            return ExitCode.Done;
        });
        return command;
    }

    private static void Write<T>(Terminal terminal, T view, bool json, Action<Terminal, T> print)
    {
        if (json)
            terminal.Document(OutputJson.Write(view));
        else
            print(terminal, view);
    }

    private static void Print(Terminal terminal, ExperimentDocument experiment)
    {
        terminal.Result(
            $"experiment {experiment.Experiment}  {experiment.Name}  submitted {Tables.Time(experiment.CreatedAt)}  digest " +
            $"{experiment.Digest[..12]}");
        if (experiment.ArchivedAt is { } archived)
            terminal.Result($"archived {Tables.Time(archived)}");
        if (experiment.EqualTo.Count > 0)
            terminal.Result($"same config as {string.Join(", ", experiment.EqualTo)}");
        foreach (var run in experiment.Runs)
        {
            terminal.Result("");
            Print(terminal, run);
        }
    }

    private static void Print(Terminal terminal, RunDocument run)
    {
        terminal.Result($"run {run.Id}  {run.Kind.ToString().ToLowerInvariant()}");
        terminal.Result($"  {RunProgressLines.Describe(run)}");
        foreach (var line in (run.Reason ?? "").Split('\n').Skip(1))
            terminal.Result($"    {line}");
        terminal.Result(string.Create(CultureInfo.InvariantCulture,
            $"  attempt {run.Attempt}, deaths {run.Deaths}, errors {run.Errors}, preemptions {run.Preemptions}"));
        if (run.User is { } user)
            terminal.Result($"  submitted by {user}{(run.UserVerified ? "" : " (unverified)")}");
        foreach (var dataset in run.Datasets ?? [])
            terminal.Result($"  data set {dataset.Uri}, SHA-256 {dataset.ManifestSha256}");
        if (run.Loader is { } loader)
            terminal.Result($"  loader: {LoaderLines.Describe(loader)}");
        if (LoaderLines.Advice(run) is { } advice)
            terminal.Result($"  {advice}");
        foreach (var (name, value) in run.Metrics.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            var best = run.Best?.TryGetValue(name, out var found) is true ? string.Create(CultureInfo.InvariantCulture, $"  (best {found:0.0000})") : "";
            terminal.Result(string.Create(CultureInfo.InvariantCulture, $"  {name,-28}{value,10:0.0000}{best}"));
        }
        foreach (var attempt in run.Attempts ?? [])
        {
            terminal.Result(
                $"  attempt {attempt.Attempt}: {attempt.Host} {attempt.Slot}, {Tables.Time(attempt.StartedAt)} to " +
                $"{(attempt.EndedAt is null ? "now" : Tables.Time(attempt.EndedAt))}"
                + $"  {attempt.Ending?.ToString().ToLowerInvariant()}  {attempt.Detail}".TrimEnd());
        }
        foreach (var entry in run.Events ?? [])
            terminal.Result($"  {Tables.Time(entry.At)}  {entry.Type}  {entry.Detail}".TrimEnd());
        foreach (var artifact in run.Artifacts ?? [])
            terminal.Result($"  {artifact.Name}: {(artifact.Location.IsFile ? artifact.Location.LocalPath : artifact.Location)}");
    }
}
