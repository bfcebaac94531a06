using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.Database;
using ChangeDetection.Core.Hosting;
using ChangeDetection.Core.Runs;
using ChangeDetection.Worker.Protocol;
using ChangeDetection.Worker.Settings;
using ChangeDetection.Worker.Slots;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace ChangeDetection.Worker.Supervision;

/// <summary>
/// Sees one attempt through: starts its trainer, keeps its lease, writes its messages, and records how it ended.
/// Four things stop a trainer: a lost lease, the user's request, the shutdown of this worker, and a hang.
/// </summary>
public sealed class AttemptSupervisor(
    NpgsqlDataSource database, LeaseStore leases, LeaseSettings lease, AttemptStore attempts, TrainerCommand command,
    WorkerSettings settings, FaultJudge judge, ILogger<AttemptSupervisor> logger)
{
    private readonly OutOfMemoryKills _outOfMemory = new();

    /// <param name="shutdown">Cancelled when the worker leaves: the trainer makes a checkpoint, and the run is handed back.</param>
    public async Task RunAsync(Claim claim, Slot slot, TrainerAssignment assignment, CancellationToken shutdown)
    {
        await using var trainer = TrainerProcess.Start(command, assignment, slot, settings.ShardCache);
        var memory = _outOfMemory.Of(trainer.Pid);
        using var stop = new TrainerStop(trainer, settings.CheckpointGrace);
        using var over = new CancellationTokenSource();
        using var asked = shutdown.Register(() =>
        {
            stop.Ask(StopCause.Shutdown);
            // A worker that leaves during an outage does not wait for its end; the lease will expire.
            over.CancelAfter(settings.CheckpointGrace * 2);
        });
        WorkerLog.TrainerStarted(logger, claim.Run, claim.Attempt, trainer.Pid, slot.Name);

        var outbox = new RunOutbox(
            database, claim, trainer, new CheckpointAcceptance(assignment.Experiment?.Checkpoint ?? new CheckpointConfig()), settings.OutboxBytes);
        var keeper = new LeaseKeeper(leases, lease, claim);
        var writing = KillOnFailureAsync(trainer, outbox.RunAsync(over.Token));
        var renewing = KillOnFailureAsync(
            trainer, keeper.RunAsync(wish => stop.Ask(wish.CancelRequested ? StopCause.Cancelled : StopCause.Paused), over.Token));
        var watching = trainer.Progress.RunAsync(settings.HangAfter, trainer.Kill, TimeProvider.System, over.Token);
        try
        {
            await outbox.PostAsync(new StartedMessage(trainer.Pid));
            await trainer.SendAsync(new AssignmentMessage(assignment), over.Token);
            var outcome = await ListenAsync(trainer, outbox);
            var exitCode = await trainer.WaitForExitAsync(over.Token);
            // Judged at once: what comes while the outbox is written out (an outage, our own shutdown) had no part in the end.
            TimeSpan? hungFor = trainer.Progress.HasFired ? settings.HangAfter : null;
            var result = AttemptResult.Of(outcome, stop.Cause, stop.Forced, () => trainer.PostMortem(exitCode, memory, hungFor));
            outbox.Complete();
            await writing;
            // The lease may have been lost in silence: then this attempt may write nothing more.
            if (renewing.IsFaulted)
                await renewing;
            // The lease is kept meanwhile; a worker that leaves takes the end for what it seems to be.
            result = await judge(claim.Run, slot, result, shutdown);
            CrashPoint.Reach(CrashPoints.AttemptEnding);
            var (ending, detail, retryable) = result;
            var state = await Outage.RetryAsync(token => attempts.EndAsync(claim, ending, detail, retryable, lease, token), over.Token);
            WorkerLog.AttemptEnded(logger, claim.Run, claim.Attempt, ending, state, detail);
        }
        catch (LeaseLostException)
        {
            WorkerLog.LeaseLost(logger, claim.Run, claim.Attempt);
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested)
        {
            WorkerLog.AttemptAbandoned(logger, claim.Run, claim.Attempt);
        }
        finally
        {
            await over.CancelAsync();
            await Task.WhenAll(writing, renewing, watching).ContinueWith(_ => { }, TaskScheduler.Default);
        }
    }

    /// <summary>A trainer whose lease or whose writer is lost works in vain.</summary>
    private static async Task KillOnFailureAsync(TrainerProcess trainer, Task task)
    {
        try
        {
            await task;
        }
        catch
        {
            trainer.Kill();
            throw;
        }
    }

    /// <summary>Takes in messages and error lines until the trainer closes both; returns its own word on how it ended.</summary>
    private static async Task<TrainerOutcome?> ListenAsync(TrainerProcess trainer, RunOutbox outbox)
    {
        var errors = Task.Run(async () =>
        {
            await foreach (var message in trainer.ErrorLinesAsync())
                await outbox.PostAsync(message);
        });
        TrainerOutcome? outcome = null;
        await foreach (var message in trainer.MessagesAsync())
        {
            if (message is EndMessage end)
                outcome = end.Outcome;
            else
                await outbox.PostAsync(message);
        }
        await errors;
        return outcome;
    }
}
