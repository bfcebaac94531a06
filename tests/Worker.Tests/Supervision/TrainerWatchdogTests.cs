using ChangeDetection.Core.Checkpoints;
using ChangeDetection.Core.Runs;
using ChangeDetection.Worker.Protocol;
using ChangeDetection.Worker.Supervision;

namespace ChangeDetection.Worker.Tests.Supervision;

/// <summary>P7: a trainer that gets nowhere is given up; one that gets on, or waits for its worker, never is.</summary>
public sealed class TrainerWatchdogTests
{
    private static readonly ProgressMessage s_progress = new(new RunProgress(0, 1, 2, 0.5, null, new()));

    private readonly TrainerWatchdog _watch = new();

    [Fact]
    public void Tick_WithoutAWord_GivesUpAtTheLimit()
    {
        Assert.Equal(TrainerWatchdog.TicksPerLimit, TicksUntilGivenUp());
        Assert.True(_watch.HasFired);
    }

    [Fact]
    public void Heard_Progress_StartsTheLimitAnew()
    {
        TrainerMessage[] progress =
        [
            s_progress, new MetricsMessage([new MetricPoint("train/loss", 1, 0, 0.5)]), new HelloMessage(new Numerics("2", 1, "avx2", "cpu")),
            new ArtifactMessage(new ArtifactRecord { Name = "a" }), new EndMessage(new TrainerOutcome(TrainerEnd.Stopped)),
        ];
        foreach (var message in progress)
        {
            Silence(TrainerWatchdog.TicksPerLimit - 1);
            _watch.Heard(message);
        }
        Assert.Equal(TrainerWatchdog.TicksPerLimit, TicksUntilGivenUp());
    }

    [Fact]
    public void Heard_LogLinesAndEvents_AreNoProgress()
    {
        Silence(TrainerWatchdog.TicksPerLimit - 1);
        _watch.Heard(new LogMessage(TrainerLogLevel.Warning, "the store does not answer, trying again"));
        _watch.Heard(new EventMessage("checkpoint-failed", "once more"));
        Assert.Equal(1, TicksUntilGivenUp());
    }

    [Fact]
    public void Tick_WhileACheckpointWaitsForItsRow_CountsNothing()
    {
        _watch.Heard(new CheckpointMessage(new CheckpointRecord { Prefix = "p", Epoch = 1, Step = 10 }));
        // An outage of the database, ten limits long.
        Silence(10 * TrainerWatchdog.TicksPerLimit);
        _watch.Answered();
        Assert.Equal(TrainerWatchdog.TicksPerLimit, TicksUntilGivenUp());
    }

    [Fact]
    public void Tick_WhileTheWorkerTakesNothingIn_CountsNothing()
    {
        Silence(TrainerWatchdog.TicksPerLimit - 1);
        using (_watch.TakeIn())
            Silence(10 * TrainerWatchdog.TicksPerLimit);
        Assert.Equal(1, TicksUntilGivenUp());
    }

    [Fact]
    public async Task Run_WithoutAWord_GivesUpOnceAfterTheLimit()
    {
        var (givenUp, limit, start) = (0, TimeSpan.FromMilliseconds(200), TimeProvider.System.GetTimestamp());

        await _watch.RunAsync(limit, () => givenUp++, TimeProvider.System, CancellationToken.None);

        Assert.Equal((1, true), (givenUp, TimeProvider.System.GetElapsedTime(start) >= limit * 0.9));
    }

    private void Silence(int ticks)
    {
        for (var tick = 0; tick < ticks; tick++)
            Assert.False(_watch.Tick());
    }

    private int TicksUntilGivenUp()
    {
        var ticks = 1;
        while (!_watch.Tick())
            ticks++;
        return ticks;
    }
}
