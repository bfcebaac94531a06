using System.Diagnostics;
using ChangeDetection.Core.Runs;
using ChangeDetection.TestKit;

namespace ChangeDetection.Soak.Tests.Systems;

/// <summary>P8, with the lease that users have: a dead worker is noticed within its lease, and its run goes on within 60 s of the kill.</summary>
[Collection(Lanes.Waiting)]
public sealed class RecoveryTimeTests(ITestOutputHelper output)
{
    private const int Kills = 20;
    private const int Epochs = 400;
    private static readonly TimeSpan s_lease = new LeaseSettings().Duration;
    private static readonly TimeSpan s_promise = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(3);

    [Fact]
    public async Task Kill_OfWorkerTrees_IsNoticedWithinTheLeaseAndWorkGoesOnWithinAMinute()
    {
        await using var system = await SystemUnderTest.StartAsync(workers: 1, settings: new Dictionary<string, string?>
        {
            ["CHANGEDETECTION_LEASE__MAXDEATHS"] = "100",
        });
        var run = (await system.SubmitAsync("killed-again-and-again", Epochs, crop: 32))[0];
        var (noticed, resumed) = (new List<double>(), new List<double>());
        var random = new Random(1);
        for (var kill = 1; kill <= Kills; kill++)
        {
            var steps = random.Next(3, 40);
            var from = (
                await system
                .UntilAsync(run, "step", found => found.State is RunState.Running && found.Attempt == kill && found.Step > 0, s_limit)).Step;
            await system.UntilAsync(run, $"make {steps} steps", found => found.Step >= from + steps, s_limit);
            var clock = Stopwatch.StartNew();
            RunningProgram.KillTree((await system.WorkersAsync()).Single(worker => worker.Slots.Any(slot => slot.RunId == run)).Pid);
            await system.UntilAsync(run, "be taken back", found => found.Deaths == kill, s_limit);
            noticed.Add(clock.Elapsed.TotalSeconds);
            var before = (await system.FindAsync(run)).Step;
            await system.UntilAsync(run, "go on", found => found.State is RunState.Running && found.Attempt == kill + 1 && found.Step != before, s_limit);
            resumed.Add(clock.Elapsed.TotalSeconds);
        }
        await system.CliAsync("cancel", run.ToString());

        output.WriteLine(
            $"noticed after {Middle(noticed):0.0} s (median), {noticed.Max():0.0} s (longest); went on after {Middle(resumed):0.0} s, " +
            $"{resumed.Max():0.0} s");
        Assert.True(noticed.Max() <= s_lease.TotalSeconds + 3, "a death was noticed later than one lease and one look of the scheduler");
        Assert.True(resumed.Max() <= s_promise.TotalSeconds, "a run stood still for more than a minute");
    }

    private static double Middle(IEnumerable<double> values) => values.Order().ElementAt(Kills / 2);
}
