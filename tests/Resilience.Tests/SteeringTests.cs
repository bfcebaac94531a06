using ChangeDetection.Core.Runs;
using ChangeDetection.TestKit;

namespace ChangeDetection.Resilience.Tests;

/// <summary>P3, P4, P7: whatever the user wishes and however a trainer ends, the run tells why, and ends in the same bits when it goes on.</summary>
public sealed class SteeringTests(SteeredSystem steered) : IClassFixture<SteeredSystem>
{
    private readonly SystemUnderTest _system = steered.System;

    [Fact]
    public async Task PauseAndResume_OfARunningRun_FreesTheSlotAndEndsInTheSameWeights()
    {
        var run = await SmallRun.HeldAsync(_system, "paused");
        var trainer = await steered.TrainerAsync(run, attempt: 1);

        Assert.Contains("asked to pause", (await _system.CliAsync("pause", $"{run}")).Succeeded(), StringComparison.Ordinal);
        var paused = await steered.UntilAsync(run, "paused", found => found.State is RunState.Paused);

        Assert.False(RunningProgram.IsAlive(trainer));
        Assert.DoesNotContain((await _system.WorkersAsync()).SelectMany(worker => worker.Slots), slot => slot.RunId == run);
        // The checkpoint is of the very step at which it stopped: nothing is computed twice.
        Assert.Equal(paused.Step, (await steered.CheckpointsAsync(run))[0].Step);

        _system.Held.Release("paused");
        (await _system.CliAsync("resume", $"{run}")).Succeeded();
        var ended = await SmallRun.EndsAsUndisturbedAsync(_system, run);
        Assert.Equal((2, 0, 0), (ended.Attempt, ended.Deaths, ended.Errors));
    }

    [Fact]
    public async Task Optimizers_OfARunThatEnded_GoButForTheNewest_AndARetryEndsInTheSameWeights()
    {
        var run = await SmallRun.HeldAsync(_system, "trimmed");
        (await _system.CliAsync("cancel", $"{run}")).Succeeded();
        await steered.UntilAsync(run, "cancelled", found => found.State is RunState.Cancelled);
        (await _system.CliAsync("checkpoint", "gc", "--grace", "0")).Succeeded();
        var stopped = (await steered.CheckpointsAsync(run))[0].Step;
        await AssertTrimmedAsync(run, [stopped, 10]);

        _system.Held.Release("trimmed");
        (await _system.CliAsync("retry", $"{run}")).Succeeded();
        await SmallRun.EndsAsUndisturbedAsync(_system, run);
        (await _system.CliAsync("checkpoint", "gc", "--grace", "0")).Succeeded();

        // What is kept for its weights alone is as good as ever, but for going on.
        await AssertTrimmedAsync(run, [SmallRun.Steps, 20, stopped, 10]);
        var folder = Directory.CreateDirectory(Path.Combine(_system.DataDir, "trimmed")).FullName;
        foreach (var checkpoint in await steered.CheckpointsAsync(run))
            (await _system.CliAsync("checkpoint", "get", $"{run}", "--step", $"{checkpoint.Step}", "--out", Path.Combine(folder, $"{checkpoint.Step}.pth")))
                .Succeeded();
        (await _system.CliAsync("evaluate", "--checkpoint", $"{run}", "--dataset", _system.Dataset, "--split", "test", "--wait")).Succeeded();
    }

    [Fact]
    public async Task CrashLoop_OfThreeSignals_FailsWithTheReasonAndARetryEndsInTheSameWeights()
    {
        var run = await SmallRun.HeldAsync(_system, "crashing");
        (string Signal, string Told)[] deaths =
            [("SEGV", "trainer crashed (SIGSEGV) at "), ("ABRT", "trainer aborted (SIGABRT) at "), ("KILL", "killed (SIGKILL) from outside at ")];
        for (var attempt = 1; attempt <= deaths.Length; attempt++)
        {
            // Those that come after the first checkpoint say so before they do anything else.
            if (attempt > 1)
                await steered.LoggedAsync(run, attempt, "Resumed from ");
            await CrashAsync(deaths[attempt - 1].Signal, await steered.TrainerAsync(run, attempt));
            await Eventually.TrueAsync(
                $"the end of attempt {attempt}",
                async () => (await steered.AttemptsAsync(run))[attempt - 1].EndedAt is not null, SteeredSystem.Limit);
        }

        var failed = await _system.FindAsync(run);
        Assert.Equal((RunState.Failed, 3, 0, 3), (failed.State, failed.Deaths, failed.Errors, failed.Attempt));
        Assert.StartsWith("died 3 times; the last time: killed (SIGKILL) from outside at ", failed.Reason, StringComparison.Ordinal);
        Assert.Contains("its last lines:\nResumed from ", failed.Reason, StringComparison.Ordinal);
        Assert.All((await steered.AttemptsAsync(run)).Zip(deaths), pair => Assert.StartsWith(pair.Second.Told, pair.First.Detail, StringComparison.Ordinal));

        _system.Held.Release("crashing");
        (await _system.CliAsync("retry", $"{run}")).Succeeded();
        var ended = await SmallRun.EndsAsUndisturbedAsync(_system, run);
        Assert.Equal((4, 0), (ended.Attempt, ended.Deaths));
    }

    [Fact]
    public async Task Hang_OfATrainerThatIsStopped_IsKilledCountedAndTheRunEndsInTheSameWeights()
    {
        var (run, trainer) = await steered.StoppedAsync();

        var ended = await SmallRun.EndsAsUndisturbedAsync(_system, run);
        Assert.False(RunningProgram.IsAlive(trainer));
        Assert.Equal((2, 1, 0), (ended.Attempt, ended.Deaths, ended.Errors));
        var hung = (await steered.AttemptsAsync(run))[0];
        Assert.Equal(AttemptEnding.Died, hung.Ending);
        Assert.StartsWith(
            $"hang: no step, evaluated batch or checkpoint for {SteeredSystem.HangAfter.TotalSeconds} s, so it was killed at ", hung.Detail,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Loss_ThatIsNoNumber_FailsWithTheStepAndLeavesTheCheckpointsBefore()
    {
        // A weight so small that it is zero in a float: the first crop without a changed pixel has nothing to average over.
        var runs = await steered.SubmitAsync(
            "diverging", "seed=4", "dataset.train.crop=32", "dataset.train.samples_per_epoch=1", "train.batch_size=1", "train.epochs=200",
            "dataset.validate=none", "checkpoint.metric=train/loss", "checkpoint.mode=min", "loss.class_weights=[1e-300,1]");

        var failed = await _system.UntilAsync(runs[0].Id, "fail", found => found.State.IsTerminal(), SteeredSystem.Limit);

        Assert.Equal((RunState.Failed, 1, 0, 1), (failed.State, failed.Attempt, failed.Deaths, failed.Errors));
        var last = (await steered.CheckpointsAsync(failed.Id))[0];
        Assert.StartsWith($"The loss became NaN in epoch {last.Step + 1}, step {last.Step + 1}. ", failed.Reason, StringComparison.Ordinal);
        var weights = Path.Combine(_system.DataDir, "weights.safetensors");
        (await _system.CliAsync("checkpoint", "get", $"{failed.Id}", "--last", "--out", weights)).Succeeded();
        (await CommandRun.OfAsync(["checkpoint", "verify", weights])).Succeeded();
        var evaluation = await _system.UntilAsync(runs[1].Id, "be cancelled", found => found.State is RunState.Cancelled, SteeredSystem.Limit);
        Assert.Equal($"{failed.Id} failed", evaluation.Reason);
    }

    [Fact]
    public async Task Memory_ThatRunsOutOnTheHost_IsToldApartAndNotRetried()
    {
        using var limit = MemoryLimit.OrSkip(300 << 20);
        await using var worker = _system.StartWorker(["--slots", "cpu", "--queues", "q0-cpu"]);
        await worker.LineAsync("is ready", SteeredSystem.Limit);
        limit.Add(worker.Pid);

        var run = (await steered.SubmitAsync(
            "greedy", "evaluate=none", "dataset.train.crop=64", "train.batch_size=512", "dataset.train.samples_per_epoch=512", "train.epochs=1",
            "resources.priority=9", "resources.device=cpu"))[0].Id;

        var failed = await _system.UntilAsync(run, "fail", found => found.State.IsTerminal(), SteeredSystem.Limit);
        Assert.Equal((RunState.Failed, 1, 1), (failed.State, failed.Attempt, failed.Deaths));
        Assert.StartsWith("out of memory: the kernel killed the trainer at ", failed.Reason, StringComparison.Ordinal);
        Assert.False(worker.HasExited);
        worker.Terminate();
        Assert.Equal(0, await worker.ExitAsync(SteeredSystem.Limit));
    }

    /// <summary>Of the newest checkpoint all objects are there, of others that are kept weights and manifest.</summary>
    /// <param name="steps">Of which some are kept.</param>
    private async Task AssertTrimmedAsync(Guid run, IReadOnlyList<long> steps)
    {
        var kept = await steered.CheckpointsAsync(run);
        Assert.Equal(steps[0], kept[0].Step);
        Assert.All(kept, checkpoint => Assert.Contains(checkpoint.Step, steps));
        Assert.All(kept, checkpoint =>
        {
            var files = new DirectoryInfo(Path.Combine(_system.Store.LocalPath, checkpoint.Prefix)).GetFiles();
            Assert.Equal(checkpoint.Step == steps[0], checkpoint.Resumable);
            Assert.Equal(checkpoint.Resumable ? 3 : 2, files.Length);
            Assert.Equal(checkpoint.Bytes, files.Sum(file => file.Length));
        });
    }

    /// <summary>
    /// The runtime takes the first of these for a fault that is not its own: it puts the system's handling back and goes on, into the fault again if
    /// it was one. The second acts.
    /// </summary>
    private static async Task CrashAsync(string signal, int pid)
    {
        await SteeredSystem.SendAsync(signal, pid);
        await Eventually.TrueAsync($"the trainer to die of SIG{signal}", async () =>
        {
            if (RunningProgram.IsAlive(pid))
                await SteeredSystem.SendAsync(signal, pid);
            return !RunningProgram.IsAlive(pid);
        }, SteeredSystem.Limit);
    }
}
