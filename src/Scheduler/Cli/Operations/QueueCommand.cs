using System.CommandLine;
using ChangeDetection.Core.Queue;
using ChangeDetection.Core.Results;
using ChangeDetection.Core.Runs;
using ChangeDetection.Scheduler.Cli.Connection;
using ChangeDetection.Scheduler.Cli.Errors;
using ChangeDetection.Scheduler.Cli.Options;
using ChangeDetection.Scheduler.Cli.Output;

namespace ChangeDetection.Scheduler.Cli.Operations;

/// <summary><c>queue list</c>: what waits, in the order in which it will be taken.</summary>
internal static class QueueCommand
{
    public static Command Create(Terminal terminal) => new("queue", "The queues.") { List(terminal) };

    private static Command List(Terminal terminal)
    {
        var dataDir = CommonOptions.DataDir();
        var json = CommonOptions.Json();
        var command = new Command("list", "List the queues and what waits in them.") { dataDir, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var system = await SystemConnection.OpenAsync(terminal, parsed.GetValue(dataDir), "queue list", cancellationToken);
            var waiting = await new RunStore(system.Database).ListAsync(new RunFilter(State: RunState.Queued), cancellationToken);
            var queues = waiting.GroupBy(run => QueueNames.For(run.Priority, run.Device, run.Kind is RunKind.Import))
                .OrderBy(group => group.Key, StringComparer.Ordinal)
                .Select(group => new
                {
                    Queue = group.Key,
                    group.First().Priority,
                    group.First().Device,
                    Ready = group.Count(run => run.WaitsFor == 0),
                    Waiting = group.Count(run => run.WaitsFor > 0),
                    Oldest = group.Min(run => run.CreatedAt),
                    Reasons = group.Select(run => run.Reason).OfType<string>().Where(
                        reason => reason.StartsWith("waits for a worker", StringComparison.Ordinal)).Distinct(),
                }).ToList();
            if (parsed.GetValue(json))
            {
                terminal.Document(OutputJson.Write(queues));
                return ExitCode.Done;
            }
            var table = new TextTable(
                new("Queue"), new("Priority", Rank: 1, IsNumber: true), new("Device", Rank: 2),
                new("Ready", IsNumber: true), new("Waiting for another run", Rank: 3, IsNumber: true),
                new("Oldest", Rank: 4), new("Reason", Rank: 5, Least: 20));
            foreach (var queue in queues)
            {
                table.Add(queue.Queue, $"{queue.Priority}", queue.Device.ToString().ToLowerInvariant(), $"{queue.Ready}", $"{queue.Waiting}",
                    Tables.Time(queue.Oldest), string.Join("; ", queue.Reasons));
            }
            terminal.Write(table);
            return ExitCode.Done;
        });
        return command;
    }
}
