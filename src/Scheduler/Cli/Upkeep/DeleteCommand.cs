using System.CommandLine;
using System.Globalization;
using ChangeDetection.Core.Results;
using ChangeDetection.Core.Runs;
using ChangeDetection.Core.Runs.Retention;
using ChangeDetection.Scheduler.Cli.Connection;
using ChangeDetection.Scheduler.Cli.Errors;
using ChangeDetection.Scheduler.Cli.Options;
using ChangeDetection.Scheduler.Cli.Output;
using ChangeDetection.Scheduler.Daemon;

namespace ChangeDetection.Scheduler.Cli.Upkeep;

/// <summary><c>delete ID…</c>: runs and experiments with everything, for good.</summary>
internal static class DeleteCommand
{
    /// <summary>Runs that are listed one by one; of more the table says how many.</summary>
    private const int MostListed = 50;

    public static Command Create(Terminal terminal)
    {
        var ids = CommonOptions.Ids("runs or experiments");
        var dryRun = new Option<bool>("--dry-run") { Description = "Say what would go, and delete nothing." };
        var withDependents = new Option<bool>("--with-dependents")
        {
            Description =
                "Delete also the runs that read a checkpoint of one of these (evaluations, predictions, runs that started from it), and theirs in turn.",
        };
        var yes = new Option<bool>("--yes") { Description = "Do not ask. Nothing is asked either where the command is not run from a terminal." };
        var dataDir = CommonOptions.DataDir();
        var json = CommonOptions.Json();
        var command = new Command(
            "delete", "Delete runs, or experiments with all their runs: rows, checkpoints, pictures, reports, logs. There is no way back.")
        {
            ids, dryRun, withDependents, yes, dataDir, json,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var wanted = CommonOptions.ParseIds(parsed.GetRequiredValue(ids));
            await using var system = await SystemConnection.OpenAsync(terminal, parsed.GetValue(dataDir), "delete", cancellationToken);
            var (disposal, dry, also) = (new RunDisposal(system.Database, system.Actor), parsed.GetValue(dryRun), parsed.GetValue(withDependents));
            var plan = await disposal.PlanDeletionAsync(wanted, also, cancellationToken);
            RequireKnown(plan);
            if (!parsed.GetValue(json) && plan is { IsPossible: true, Runs.Count: > 0 })
                Print(terminal, plan);
            if (!dry && plan is { IsPossible: true, Runs.Count: > 0 })
            {
                if (!parsed.GetValue(yes) && !terminal.Confirms($"Delete {Counted(plan)} for good?"))
                    throw new CommandException("Nothing was deleted.", ExitCode.Failed);
                // Asked anew, under locks: what was retried or read meanwhile is refused.
                plan = await disposal.DeleteAsync(wanted, also, cancellationToken);
                RequireKnown(plan);
            }
            if (parsed.GetValue(json))
                terminal.Document(OutputJson.Write(View(plan, dry)));
            else if (plan is { IsPossible: true, Runs.Count: > 0 })
                terminal.Result($"{Counted(plan)} of objects: {(dry ? "would go" : "deleted")}.");
            Tell(terminal, plan, dry);
            return plan.IsPossible ? ExitCode.Done : ExitCode.Failed;
        });
        return command;
    }

    private static void RequireKnown(DeletionPlan plan)
    {
        if (plan.Unknown.Count > 0)
            throw new CommandException(
                $"There is no run and no experiment {string.Join(", ", plan.Unknown)}. Nothing was deleted. 'changedetection list --all' shows what there is.");
    }

    private static string Counted(DeletionPlan plan) => string.Create(CultureInfo.InvariantCulture,
        $"{plan.Runs.Count} runs, {plan.Experiments.Count} experiments, {plan.Bytes.Values.Sum()} bytes");

    private static void Print(Terminal terminal, DeletionPlan plan)
    {
        var table = new TextTable(
            new("ID"), new("Name", Least: 12), new("Kind", Rank: 4), new("State", Rank: 3), new("Bytes", IsNumber: true), new("Of these", Rank: 2, Least: 20),
            new("With", Rank: 1));
        foreach (var run in plan.Runs.Take(MostListed))
        {
            table.Add(
                run.Id.ToString(), run.Name, run.Kind.ToString().ToLowerInvariant(), run.State.Word(), $"{run.Bytes.Values.Sum()}", Kinds(run.Bytes),
                run.DependsOn?.ToString() ?? "");
        }
        terminal.Write(table);
        if (plan.Runs.Count > MostListed)
            terminal.Result($"… and {plan.Runs.Count - MostListed} runs more.");
        foreach (var experiment in plan.Experiments)
            terminal.Result($"experiment {experiment.Id}  {experiment.Name}");
        terminal.Result($"objects: {(Kinds(plan.Bytes) is { Length: > 0 } kinds ? kinds : "none")}");
        terminal.Result($"rows: {string.Join(", ", plan.Rows.Select(rows => $"{rows.Key} {rows.Value}"))}");
    }

    private static string Kinds(IReadOnlyDictionary<string, long> bytes) =>
        string.Join(", ", StoredKinds.All.Where(bytes.ContainsKey).Select(kind => $"{kind} {bytes[kind]}"));

    private static void Tell(Terminal terminal, DeletionPlan plan, bool dry)
    {
        foreach (var refusal in plan.Refusals)
            terminal.Error($"{refusal.Run}  {refusal.Name} {refusal.Words}");
        if (!plan.IsPossible)
            terminal.Say("Nothing was deleted.");
        foreach (var gone in plan.DeletedBefore)
            terminal.Say($"{gone.RunId}  {gone.Name}: deleted already, {Tables.Time(gone.DeletedAt)}");
        if (plan.IsPossible && !dry && plan.Bytes.Values.Sum() > 0)
        {
            terminal.Say(
                $"The objects go after the grace time of {RetentionSettings.OfEnvironment().Grace}; sooner by 'changedetection checkpoint gc --grace 0'.");
        }
    }

    private static object View(DeletionPlan plan, bool dry) => new
    {
        DryRun = dry,
        Deleted = plan.IsPossible && !dry,
        plan.Runs,
        plan.Experiments,
        Refused = plan.Refusals.Select(refusal => new { Id = refusal.Run, refusal.Name, refusal.State, refusal.By, Detail = refusal.Words }),
        DeletedBefore = plan.DeletedBefore.Select(gone => new { Id = gone.RunId, Experiment = gone.ExperimentId, gone.Name, gone.DeletedAt }),
        plan.Bytes,
        plan.Rows,
    };
}
