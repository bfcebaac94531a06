using System.CommandLine;
using ChangeDetection.Core.Results;
using ChangeDetection.Core.Workers;
using ChangeDetection.Scheduler.Cli.Connection;
using ChangeDetection.Scheduler.Cli.Errors;
using ChangeDetection.Scheduler.Cli.Options;
using ChangeDetection.Scheduler.Cli.Output;

namespace ChangeDetection.Scheduler.Cli.Operations;

/// <summary><c>worker list</c>, <c>worker drain ID</c>, and <see cref="WorkerStartCommand"/>.</summary>
internal static class WorkerCommand
{
    public static Command Create(Terminal terminal) => new("worker", "The fleet.") { List(terminal), Drain(terminal), WorkerStartCommand.Create(terminal) };

    private static Command List(Terminal terminal)
    {
        var all = new Option<bool>("--all") { Description = "Also workers that stopped or were lost." };
        var dataDir = CommonOptions.DataDir();
        var json = CommonOptions.Json();
        var command = new Command("list", "List the workers with their slots.") { all, dataDir, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var system = await SystemConnection.OpenAsync(terminal, parsed.GetValue(dataDir), "worker list", cancellationToken);
            var workers = await new WorkerStore(system.Database).ListAsync(parsed.GetValue(all), cancellationToken);
            if (parsed.GetValue(json))
                terminal.Document(OutputJson.Write(workers.Select(View)));
            else
                Print(terminal, workers);
            return ExitCode.Done;
        });
        return command;
    }

    private static Command Drain(Terminal terminal)
    {
        var id = CommonOptions.Id("a worker");
        var dataDir = CommonOptions.DataDir();
        var command = new Command("drain", "Ask a worker to hand its runs back after a checkpoint, and to leave.") { id, dataDir };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var worker = CommonOptions.ParseId(parsed.GetRequiredValue(id));
            await using var system = await SystemConnection.OpenAsync(terminal, parsed.GetValue(dataDir), "worker drain", cancellationToken);
            if (!await new WorkerStore(system.Database).RequestDrainAsync(worker, system.Actor, cancellationToken))
                throw new CommandException($"There is no living worker {worker}. 'changedetection worker list' shows who is there.");
            terminal.Result($"{worker}: draining");
            return ExitCode.Done;
        });
        return command;
    }

    private static object View(WorkerRecord worker) => new
    {
        worker.Id,
        worker.Host,
        worker.Pid,
        State = worker.State.Word(),
        worker.Reason,
        worker.Version,
        Slots = worker.Slots.Select(slot => new
        {
            slot.Name, slot.Device, slot.DeviceName, State = slot.State.Word(), slot.Reason, Run = slot.RunId, slot.Attempt, slot.TrainerPid,
        }),
        worker.LeaseAgeSeconds,
    };

    private static void Print(Terminal terminal, IReadOnlyList<WorkerRecord> workers)
    {
        var table = new TextTable(
            new("ID"), new("Host", Rank: 1, Least: 8), new("PID", Rank: 4, IsNumber: true), new("State"),
            new("Seen", Rank: 3), new("Slot"), new("Device", Rank: 5, Least: 12), new("Run", Rank: 2), new("Reason", Rank: 6, Least: 20));
        foreach (var (worker, slot) in workers.SelectMany(worker => worker.Slots.Select(slot => (worker, slot))))
        {
            table.Add(
                worker.Id.ToString(), worker.Host, $"{worker.Pid}", State(worker, slot).Word(),
                $"{Durations.Short(TimeSpan.FromSeconds(worker.LeaseAgeSeconds))} ago", slot.Name, slot.DeviceName,
                slot.RunId?.ToString() ?? (State(worker, slot) is WorkerState.Ready ? "free" : ""), Reason(worker, slot));
        }
        terminal.Write(table);
    }

    /// <summary>What is said of the worker alone stands beside each of its slots.</summary>
    private static string Reason(WorkerRecord worker, SlotRecord slot) =>
        slot.Reason ?? (worker.Slots.Any(one => one.Reason is not null) ? null : worker.Reason) ?? "";

    /// <summary>A worker that is ready may have slots that are not.</summary>
    private static WorkerState State(WorkerRecord worker, SlotRecord slot) => worker.State is WorkerState.Ready ? slot.State : worker.State;
}
