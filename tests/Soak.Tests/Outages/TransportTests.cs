using ChangeDetection.Resilience.Tests.Outages;
using Transport = ChangeDetection.Resilience.Tests.Outages.TransportTests;

namespace ChangeDetection.Soak.Tests.Outages;

/// <summary>P1, P3.</summary>
[Collection(Lanes.Waiting)]
public sealed class TransportTests(SystemApart apart)
{
    /// <summary>For the last of twenty trainings that two slots do one after the other.</summary>
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(10);

    [Fact]
    public async Task HangfireSchema_DroppedWithTwentyRunsQueued_EachIsTrainedOnce()
    {
        var runs = await Transport.QueueAsync(apart);
        await Transport.DropAsync(apart);
        await using var worker = apart.System.StartWorker(["--slots", "cpu,cpu:1", "--queues", Transport.Queue]);
        await Transport.EachCompletesOnceAsync(apart, runs, s_limit);
    }
}
