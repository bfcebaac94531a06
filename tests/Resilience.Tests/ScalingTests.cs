using ChangeDetection.Core.Runs;
using ChangeDetection.TestKit;

namespace ChangeDetection.Resilience.Tests;

/// <summary>P1: workers join with two settings and leave in any manner; every queued run ends once, in the bits of its seed whoever trained it.</summary>
[Collection(nameof(WholeSystem))]
public sealed class ScalingTests(WholeSystem whole)
{
    private const int Seeds = 3;
    private static readonly string[] s_names = ["once", "again"];
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(4);

    /// <summary>Below what the queue's poll takes: a worker that joins looks at once. How soon on a quiet machine, the bench <c>pickup</c> measures.</summary>
    private static readonly TimeSpan s_pickup = TimeSpan.FromSeconds(5);

    [Fact]
    public async Task Workers_JoiningAndLeavingWhileSixRunsAreQueued_EveryRunEndsOnceAndNoProcessStays()
    {
        var system = await whole.ReadyAsync(workers: 1);
        // Each seed twice: how many workers there were, and what became of them, does not show in the weights. Held, so that some wait whenever a worker comes.
        var runs = new List<Guid>();
        foreach (var name in s_names)
        {
            system.Held.Hold(name, step: 3);
            runs.AddRange(await system.SubmitByCliAsync(name, epochs: 2, seeds: Seeds));
        }

        await using var byFolder = system.StartWorker(["--slots", "cpu", "--data-dir", system.DataDir]);
        await using var bySettings = system.StartWorker(["--slots", "cpu"], new Dictionary<string, string?>
        {
            ["CHANGEDETECTION_DATABASE"] = system.ConnectionString,
            ["CHANGEDETECTION_STORE"] = system.Store.AbsoluteUri,
        });
        await ClaimsAtOnceAsync(system, byFolder);
        await ClaimsAtOnceAsync(system, bySettings);

        var leftBehind = RunningProgram.Descendants(byFolder.Pid).Append(byFolder.Pid).Concat(
            RunningProgram.Descendants(bySettings.Pid)).Append(bySettings.Pid).ToList();
        byFolder.Terminate();
        bySettings.Kill();
        Array.ForEach(s_names, system.Held.Release);
        Assert.Equal(0, await byFolder.ExitAsync(TimeSpan.FromSeconds(60)));
        await Eventually.TrueAsync(
            "the processes of both workers to end", () => Task.FromResult(!leftBehind.Any(RunningProgram.IsAlive)), TimeSpan.FromSeconds(5));

        var weights = new List<string>();
        foreach (var run in runs)
        {
            var ended = await system.SucceededAsync(run, s_limit);
            var attempts = await new AttemptStore(system.Database).ListAsync(run, CancellationToken.None);
            Assert.Single(attempts, attempt => attempt.Ending is AttemptEnding.Succeeded);
            Assert.Equal(ended.Attempt, attempts.Count);
            weights.Add(await system.FinalWeightsAsync(run));
        }
        Assert.Equal(weights[..Seeds], weights[Seeds..]);
        Assert.Equal(Seeds, weights.Distinct().Count());
        await WholeSystem.StopAsync(system);
        Assert.DoesNotContain(leftBehind, RunningProgram.IsAlive);
    }

    private static async Task ClaimsAtOnceAsync(SystemUnderTest system, RunningProgram worker)
    {
        var id = Guid.Parse((await worker.LineAsync("is ready", TimeSpan.FromMinutes(1))).Split("worker ")[1].Split(' ')[0]);
        var record = await Eventually.GetAsync(
            "the new worker to claim", async () =>
                (await system.WorkersAsync()).SingleOrDefault(one => one.Id == id && one.Slots.Any(slot => slot.RunId is not null)),
            TimeSpan.FromSeconds(30));
        var run = record.Slots[0].RunId!.Value;
        var attempt = (await new AttemptStore(system.Database).ListAsync(run, CancellationToken.None)).Single(one => one.WorkerId == id);
        Assert.InRange(attempt.StartedAt - record.StartedAt, TimeSpan.Zero, s_pickup);
    }
}
