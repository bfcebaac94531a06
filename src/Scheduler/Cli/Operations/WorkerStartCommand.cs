using System.CommandLine;
using System.Diagnostics;
using ChangeDetection.Core.People;
using ChangeDetection.Core.Workers;
using ChangeDetection.Scheduler.Cli.Connection;
using ChangeDetection.Scheduler.Cli.Errors;
using ChangeDetection.Scheduler.Cli.Options;
using ChangeDetection.Scheduler.Cli.Output;

namespace ChangeDetection.Scheduler.Cli.Operations;

/// <summary><c>worker start ID|NAME</c>: a drained worker of <c>up</c> comes back, and one that is unfit or set aside is looked at now.</summary>
internal static class WorkerStartCommand
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(200);

    public static Command Create(Terminal terminal)
    {
        var id = new Argument<string>("ID") { Description = "Id of a worker that was drained or takes nothing, or its name in 'up', such as worker-1." };
        var dataDir = CommonOptions.DataDir();
        var command = new Command("start", "Have 'up' start a worker again that was drained, or have one that is unfit or set aside look at itself now.")
        {
            id, dataDir,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var system = await SystemConnection.OpenAsync(terminal, parsed.GetValue(dataDir), "worker start", cancellationToken);
            var workers = new SupervisedWorkers(system.Database);
            var worker = await workers.FindAsync(parsed.GetRequiredValue(id), cancellationToken)
                ?? throw new CommandException($"There is no worker {parsed.GetRequiredValue(id)}. 'changedetection worker list --all' shows who was there.");
            if (worker.State is not (WorkerState.Stopped or WorkerState.Lost)
                && await new WorkerStore(system.Database).RequestRecheckAsync(worker.Id, cancellationToken))
            {
                await RecordAsync(system, worker, cancellationToken);
                terminal.Result($"{worker.Name ?? $"{worker.Id}"}: looks at its slots now; 'changedetection worker list' says what it finds");
                return ExitCode.Done;
            }
            if (worker.State is not (WorkerState.Stopped or WorkerState.Lost))
                throw new CommandException($"{worker.Name ?? $"{worker.Id}"} is there: it is {worker.State.Word()}.", ExitCode.Failed);
            if (worker.Name is not { } name)
                throw new CommandException(
                    $"{worker.Id} was not started by 'up', so nothing here can start it again. Start it on {worker.Host} as it was started there.");
            if (!system.IsUp)
                throw new CommandException($"No system is up on this folder. 'changedetection up' starts {name} with all others.");
            await StartAsync(workers, worker.Id, name, cancellationToken);
            await RecordAsync(system, worker, cancellationToken);
            terminal.Result($"{name}: starting");
            return ExitCode.Done;
        });
        return command;
    }

    private static Task RecordAsync(SystemConnection system, SupervisedWorker worker, CancellationToken cancellationToken) =>
        new AuditStore(system.Database).RecordAsync(
            system.Actor, "worker start", worker.Id.ToString(), $"{worker.Name ?? "one"} on {worker.Host}", cancellationToken);

    private static async Task StartAsync(SupervisedWorkers workers, Guid worker, string name, CancellationToken cancellationToken)
    {
        if (!await workers.RequestStartAsync(worker, cancellationToken))
            throw new CommandException($"{name} is back already.", ExitCode.Failed);
        for (var clock = Stopwatch.StartNew(); await workers.IsRequestedAsync(worker, cancellationToken); await Task.Delay(s_look, cancellationToken))
        {
            if (clock.Elapsed < s_patience)
                continue;
            await workers.WithdrawAsync(worker, cancellationToken);
            throw new CommandException(
                $"{name} was not started: no 'up' answers for it within {s_patience.TotalSeconds:0} s. It is not away in the 'up' that runs now, or has "
                + "fewer workers than before.", ExitCode.Failed);
        }
    }
}
