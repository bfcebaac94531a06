using System.CommandLine;
using ChangeDetection.Core.Results;
using ChangeDetection.Core.Runs.Retention;
using ChangeDetection.Scheduler.Cli.Connection;
using ChangeDetection.Scheduler.Cli.Errors;
using ChangeDetection.Scheduler.Cli.Options;
using ChangeDetection.Scheduler.Cli.Output;

namespace ChangeDetection.Scheduler.Cli.Upkeep;

/// <summary><c>archive</c> and <c>unarchive</c>: experiments out of the listings, with what is needed of them, and back.</summary>
internal static class ArchiveCommands
{
    public static IEnumerable<Command> Create(Terminal terminal)
    {
        var dryRun = new Option<bool>("--dry-run") { Description = "Say what would go, and change nothing." };
        yield return Create(
            terminal, "archive",
            "Take experiments that have ended out of the listings ('list --archived' has them). Of each run the best weights stay, and pictures, reports, " +
            "maps, scores and logs; other checkpoints and optimizer states go.",
            dryRun, (disposal, ids, dry, token) => disposal.ArchiveAsync(ids, dry, token));
        yield return Create(
            terminal, "unarchive", "Bring archived experiments back into the listings. What has gone does not come back.",
            null, (disposal, ids, _, token) => disposal.UnarchiveAsync(ids, token));
    }

    private static Command Create(
        Terminal terminal, string verb, string description, Option<bool>? dryRun,
        Func<RunDisposal, IReadOnlyList<Guid>, bool, CancellationToken, Task<ArchivePlan>> act)
    {
        var ids = CommonOptions.Ids("experiments");
        var dataDir = CommonOptions.DataDir();
        var json = CommonOptions.Json();
        var command = new Command(verb, description) { ids, dataDir, json };
        if (dryRun is not null)
            command.Options.Add(dryRun);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var wanted = CommonOptions.ParseIds(parsed.GetRequiredValue(ids));
            var dry = dryRun is not null && parsed.GetValue(dryRun);
            await using var system = await SystemConnection.OpenAsync(terminal, parsed.GetValue(dataDir), verb, cancellationToken);
            var plan = await act(new RunDisposal(system.Database, system.Actor), wanted, dry, cancellationToken);
            if (plan.Refusals.FirstOrDefault(refusal => refusal.Run is null) is { } unknown)
                throw new CommandException($"{unknown.Words} Nothing was changed.");
            if (parsed.GetValue(json))
                terminal.Document(OutputJson.Write(new
                {
                    DryRun = dry,
                    Done = plan.Refusals.Count == 0 && !dry,
                    plan.Experiments,
                    Refused = plan.Refusals.Select(refusal => new { refusal.Id, refusal.Run, Detail = refusal.Words }),
                }));
            else
                Print(terminal, verb, plan, dry);
            foreach (var refusal in plan.Refusals)
                terminal.Error($"experiment {refusal.Id}: {refusal.Words}");
            if (plan.Refusals.Count > 0)
                terminal.Say("Nothing was changed.");
            return plan.Refusals.Count == 0 ? ExitCode.Done : ExitCode.Failed;
        });
        return command;
    }

    private static void Print(Terminal terminal, string verb, ArchivePlan plan, bool dry)
    {
        foreach (var experiment in plan.Experiments)
        {
            var done = (verb, experiment.WasSo, dry) switch
            {
                ("archive", true, _) => "archived already",
                ("archive", _, true) => "would be archived",
                ("archive", _, _) => "archived",
                (_, true, _) => "was not archived",
                _ => "back in the listings",
            };
            var gone = experiment.Bytes > 0 ? $"; {experiment.Bytes} bytes {(dry ? "would go" : "go after the grace time")}" : "";
            terminal.Result($"{experiment.Id}  {experiment.Name}, {experiment.Runs} runs: {done}{gone}");
        }
    }
}
