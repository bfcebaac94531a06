using System.CommandLine;
using System.Globalization;
using ChangeDetection.Scheduler.Views;

namespace ChangeDetection.Scheduler.Commands;

/// <summary><c>show ID</c>: a run with its attempts, events and files, or an experiment with its runs.</summary>
internal static class ShowCommand
{
    public static Command Create()
    {
        var id = CommonOptions.Id("a run or an experiment");
        var dataDir = CommonOptions.DataDir();
        var json = CommonOptions.Json();
        var command = new Command("show", "Show a run, or an experiment with its runs.") { id, dataDir, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var wanted = CommonOptions.ParseId(parsed.GetRequiredValue(id));
            await using var system = await SystemConnection.OpenAsync(parsed.GetValue(dataDir), "show", cancellationToken);
            var reader = new RunReader(system.Database, system.Store);
            if (await reader.FindAsync(wanted, cancellationToken) is { } run)
                Write(run, parsed.GetValue(json), Print);
            else if (await reader.FindExperimentAsync(wanted, cancellationToken) is { } experiment)
                Write(experiment, parsed.GetValue(json), Print);
            else
                throw new CommandException($"There is no run and no experiment {wanted}. 'changedetection list' shows what there is.");
            return ExitCode.Done;
        });
        return command;
    }

    private static void Write<T>(T view, bool json, Action<T> print)
    {
        if (json)
            Console.WriteLine(OutputJson.Write(view));
        else
            print(view);
    }

    private static void Print(ExperimentView experiment)
    {
        Console.WriteLine($"experiment {experiment.Experiment}  {experiment.Name}  submitted {Tables.Time(experiment.CreatedAt)} UTC  digest {experiment.Digest[..12]}");
        if (experiment.EqualTo.Count > 0)
            Console.WriteLine($"same config as {string.Join(", ", experiment.EqualTo)}");
        foreach (var run in experiment.Runs)
        {
            Console.WriteLine();
            Print(run);
        }
    }

    private static void Print(RunView run)
    {
        Console.WriteLine($"run {run.Id}  {run.Kind.ToString().ToLowerInvariant()}");
        Console.WriteLine($"  {RunProgressLines.Describe(run)}");
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"  attempt {run.Attempt}, deaths {run.Deaths}, errors {run.Errors}, preemptions {run.Preemptions}"));
        if (run.Loader is { } loader)
            Console.WriteLine($"  loader: {LoaderLines.Describe(loader)}");
        if (LoaderLines.Advice(run) is { } advice)
            Console.WriteLine($"  {advice}");
        foreach (var (name, value) in run.Metrics.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            var best = run.Best?.TryGetValue(name, out var found) is true ? string.Create(CultureInfo.InvariantCulture, $"  (best {found:0.0000})") : "";
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {name,-16}{value,10:0.0000}{best}"));
        }
        foreach (var attempt in run.Attempts ?? [])
        {
            Console.WriteLine($"  attempt {attempt.Attempt}: {attempt.Host} {attempt.Slot}, {Tables.Time(attempt.StartedAt)} to {Tables.Time(attempt.EndedAt)}"
                + $" {attempt.Ending?.ToString().ToLowerInvariant()} {attempt.Detail}");
        }
        foreach (var entry in run.Events ?? [])
            Console.WriteLine($"  {Tables.Time(entry.At)}  {entry.Type}  {entry.Detail}");
        foreach (var artifact in run.Artifacts ?? [])
            Console.WriteLine($"  {artifact.Name}: {(artifact.Location.IsFile ? artifact.Location.LocalPath : artifact.Location)}");
    }
}
