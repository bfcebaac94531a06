using System.CommandLine;
using System.Net;
using ChangeDetection.Core.Hosting;
using ChangeDetection.Scheduler.Cli.Errors;
using ChangeDetection.Scheduler.Cli.Options;
using ChangeDetection.Scheduler.Cli.Output;
using ChangeDetection.Scheduler.SingleMachine;

namespace ChangeDetection.Scheduler.Cli.Operations;

/// <summary><c>up</c>: the whole system on this machine, until Ctrl-C.</summary>
internal static class UpCommand
{
    public static Command Create(Terminal terminal)
    {
        var workers = new Option<int>("--workers") { Description = "How many worker processes.", DefaultValueFactory = _ => 1 }.Within(0, 64);
        var port = new Option<int?>("--port") { Description = "The dashboard's port (default: the next free one from 5080 on)." }.Within(1, IPEndPoint.MaxPort);
        var slots = new Option<string?>("--slots") { Description = "Devices of each worker, such as cuda:0 or cpu (default: what it finds)." };
        var moved = new Option<bool>("--moved")
        {
            Description =
                "The data folder was moved here from another disk or machine, and nobody uses the one that it came from (asked for where its " +
                "store stands outside it).",
        };
        var dataDir = CommonOptions.DataDir();
        var command = new Command("up", "Start database, scheduler, dashboard and workers on this machine, until Ctrl-C.")
        {
            workers, port, slots, moved, dataDir,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var options = new LocalSystemOptions(
                SystemSettings.Read(parsed.GetValue(dataDir)).WithOwnDatabase(), parsed.GetValue(workers), parsed.GetValue(port), parsed.GetValue(slots),
                parsed.GetValue(moved));
            await using var system = await LocalSystem.StartAsync(options, "up", terminal.Result, cancellationToken);
            terminal.Result("Ready. Ctrl-C stops it; running trainers make a checkpoint first.");
            await UntilStoppedAsync(cancellationToken);
            terminal.Result("Stopping …");
            return ExitCode.Done;
        });
        return command;
    }

    public static async Task UntilStoppedAsync(CancellationToken cancellationToken)
    {
        var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = cancellationToken.Register(() => stopped.TrySetResult());
        await stopped.Task;
    }
}
