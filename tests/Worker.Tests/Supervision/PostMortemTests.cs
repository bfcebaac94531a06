using ChangeDetection.Core.Runs;
using ChangeDetection.TestKit;
using ChangeDetection.Worker.Protocol;
using ChangeDetection.Worker.Slots;
using ChangeDetection.Worker.Supervision;

namespace ChangeDetection.Worker.Tests.Supervision;

/// <summary>P7: an end is told by its cause, and the cause decides whether another attempt can help.</summary>
[Needs(Resource.Processes)]
public sealed class PostMortemTests
{
    private static readonly TrainerAssignment s_assignment = new()
    {
        Run = Guid.NewGuid(),
        Attempt = 1,
        Kind = RunKind.Train,
        Config = Experiments.Config(),
        Store = new Uri("file:///nowhere"),
        Device = "cpu",
    };

    [Theory]
    [InlineData("kill -SEGV $$", "trainer crashed (SIGSEGV) at ")]
    [InlineData("kill -ABRT $$", "trainer aborted (SIGABRT) at ")]
    [InlineData("kill -BUS $$", "trainer crashed (SIGBUS) at ")]
    [InlineData("kill -FPE $$", "trainer crashed (SIGFPE) at ")]
    [InlineData("kill -ILL $$", "trainer crashed (SIGILL) at ")]
    [InlineData("kill -KILL $$", "killed (SIGKILL) from outside at ")]
    [InlineData("exit 7", "trainer ended with exit code 7 without saying why")]
    [InlineData("exit 0", "trainer ended with exit code 0 without saying why")]
    public async Task Judge_HowARealProcessEnded_NamesItAndItsLastLines(string script, string cause)
    {
        var (ending, detail, retryable) = AttemptResult.Of(null, null, false, await DeathOfAsync($"echo 'the last words' >&2; {script}"));

        Assert.Equal((AttemptEnding.Died, true), (ending, retryable));
        Assert.StartsWith(cause, detail, StringComparison.Ordinal);
        Assert.EndsWith("; its last lines:\nthe last words", detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Judge_WhatTheTrainerLogged_IsAmongItsLastLines()
    {
        var line = ProtocolJson.Write(new LogMessage(TrainerLogLevel.Info, "resumed from step 10"));
        var body = (await DeathOfAsync($"for i in $(seq 30); do echo noise; done; echo '{line}'; kill -KILL $$"))();
        Assert.Equal(20, body.LastLines.Count);
        Assert.Equal("resumed from step 10", body.LastLines[^1]);
    }

    [Fact]
    public void Judge_Hang_SaysForHowLong()
    {
        var (cause, retryable) = new PostMortem { ExitCode = 137, HungFor = TimeSpan.FromMinutes(10), ResidentBytes = 300 << 20 }.Judge();
        Assert.Equal(("hang: no step, evaluated batch or checkpoint for 10 min, so it was killed at 300 MiB resident", true), (cause, retryable));
    }

    [Fact]
    public void Judge_KernelRanOutOfMemory_NamesTheRemedyAndIsNotRetried()
    {
        var (cause, retryable) = new PostMortem { ExitCode = 137, OutOfMemory = () => true, ResidentBytes = 300 << 20 }.Judge();
        Assert.False(retryable);
        Assert.StartsWith(
            "out of memory: the kernel killed the trainer at 300 MiB resident. Lower train.batch_size or dataset.train.crop",
            cause, StringComparison.Ordinal);
    }

    [Fact]
    public void Judge_AnotherSignal_NeverAsksForMemory() =>
        Assert.True(new PostMortem { ExitCode = 139, OutOfMemory = () => throw new InvalidOperationException("asked") }.Judge().Retryable);

    [Fact]
    public void Of_StopThatWasAskedFor_CountsAgainstNobodyUnlessTheTrainerCrashedOnTheWay()
    {
        var stopped = new TrainerOutcome(TrainerEnd.Stopped, "stopped at step 9");
        var killed = new PostMortem { ExitCode = 137 };
        Assert.Equal(new(AttemptEnding.Preempted, "stopped for a pause", true), AttemptResult.Of(stopped, StopCause.Paused, false, () => killed));
        Assert.Equal(new(AttemptEnding.Preempted, "its worker shut down", true), AttemptResult.Of(stopped, StopCause.Shutdown, false, () => killed));
        Assert.Equal(new(AttemptEnding.Cancelled, "cancelled by the user", false), AttemptResult.Of(null, StopCause.Cancelled, true, () => killed));
        Assert.Equal("stopped for a pause; it made no checkpoint in time and was killed", AttemptResult.Of(null, StopCause.Paused, true, () => killed).Detail);
        Assert.Equal(AttemptEnding.Died, AttemptResult.Of(null, StopCause.Paused, false, () => killed).Ending);
        Assert.Equal(AttemptEnding.Succeeded, AttemptResult.Of(new TrainerOutcome(TrainerEnd.Succeeded), StopCause.Cancelled, false, () => killed).Ending);
    }

    /// <summary>Plays a script as the trainer to its end, as a worker hears it.</summary>
    private static async Task<Func<PostMortem>> DeathOfAsync(string script)
    {
        var trainer = TrainerProcess.Start(new TrainerCommand("/bin/sh", ["-c", script]), s_assignment, new Slot("cpu", "CPU"), cache: null);
        await using (trainer)
        {
            var memory = new OutOfMemoryKills().Of(trainer.Pid);
            await foreach (var _ in trainer.MessagesAsync())
            {
            }
            await foreach (var _ in trainer.ErrorLinesAsync())
            {
            }
            var body = trainer.PostMortem(await trainer.WaitForExitAsync(CancellationToken.None), memory, hungFor: null);
            return () => body;
        }
    }
}
