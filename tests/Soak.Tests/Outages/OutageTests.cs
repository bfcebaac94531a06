using ChangeDetection.Resilience.Tests.Outages;

namespace ChangeDetection.Soak.Tests.Outages;

/// <summary>P2, P4, P7.</summary>
[Collection(Lanes.Waiting)]
public sealed class OutageTests(SystemApart apart)
{
    private static readonly TimeSpan s_claimed = TimeSpan.FromSeconds(5);

    [Theory]
    [InlineData(25)]
    [InlineData(300)]
    public async Task CrashOfTheServer_DownForLong_LeavesTheAttemptAndItsProcessAlone(int seconds)
    {
        await Resilience.Tests.Outages.OutageTests.CrashAsync(apart, seconds);
        // An idle worker does not leave the queue alone the longer, the longer the outage was.
        var next = await apart.SubmitAsync($"after-{seconds}", SystemApart.ForDistant);
        await apart.System.UntilAsync(next, "be claimed", found => found.Attempt == 1, s_claimed);
        await apart.EndsAsIfNothingHadHappenedAsync(next);
    }

    [Fact]
    public Task EveryBackEnd_TerminatedOnceASecondForAMinute_AllRunsFinish() => Resilience.Tests.Outages.OutageTests.TerminateAsync(apart, seconds: 60);
}
