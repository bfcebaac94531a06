using ChangeDetection.Core.Runs;
using ChangeDetection.TestKit;

namespace ChangeDetection.Resilience.Tests;

/// <summary>Workers join with two settings and leave in any manner; every queued run ends once, in the bits of its seed whoever trained it.</summary>
public sealed class ScalingTests
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(4);

    [Fact]
    public async Task Workers_JoiningAndLeavingWhileSixRunsAreQueued_EveryRunEndsOnceAndNoProcessStays()
    {
        var leftBehind = new List<int>();
        await using (var system = await SystemUnderTest.StartAsync(workers: 1))
        {
            var runs = new List<Guid>();
            // Each seed twice: how many workers there were, and what became of them, does not show in the weights. Held, so that some wait whenever a
            // worker comes.
            var names = Enumerable.Range(0, 6).Select(number => $"run-{number}").ToList();
            names.ForEach(name => system.Held.Hold(name, step: 3));
            foreach (var (number, name) in names.Index())
                runs.Add((await system.SubmitAsync(name, epochs: 2, seed: number / 2, crop: 32))[0]);

            await using var byFolder = system.StartWorker(["--slots", "cpu", "--data-dir", system.DataDir]);
            await using var bySettings = system.StartWorker(["--slots", "cpu"], new Dictionary<string, string?>
            {
                ["CHANGEDETECTION_DATABASE"] = system.ConnectionString,
                ["CHANGEDETECTION_STORE"] = system.Store.AbsoluteUri,
            });
            await ClaimsWithinASecondAsync(system, byFolder);
            await ClaimsWithinASecondAsync(system, bySettings);

            leftBehind.AddRange(RunningProgram.Descendants(byFolder.Pid).Append(byFolder.Pid));
            leftBehind.AddRange(RunningProgram.Descendants(bySettings.Pid).Append(bySettings.Pid));
            byFolder.Terminate();
            bySettings.Kill();
            names.ForEach(system.Held.Release);
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
            Assert.All(weights.Chunk(2), pair => Assert.Equal(pair[0], pair[1]));
            Assert.Equal(3, weights.Distinct().Count());
            leftBehind.AddRange(RunningProgram.Descendants(system.Up!.Pid));
        }
        await Eventually.TrueAsync("no process to be left", () => Task.FromResult(!leftBehind.Any(RunningProgram.IsAlive)), TimeSpan.FromSeconds(5));
    }

    private static async Task ClaimsWithinASecondAsync(SystemUnderTest system, RunningProgram worker)
    {
        var id = Guid.Parse((await worker.LineAsync("is ready", TimeSpan.FromMinutes(1))).Split("worker ")[1].Split(' ')[0]);
        var record = await Eventually.GetAsync(
            "the new worker to claim", async () =>
                (await system.WorkersAsync()).SingleOrDefault(one => one.Id == id && one.Slots.Any(slot => slot.RunId is not null)),
            TimeSpan.FromSeconds(30));
        var run = record.Slots[0].RunId!.Value;
        var attempt = (await new AttemptStore(system.Database).ListAsync(run, CancellationToken.None)).Single(one => one.WorkerId == id);
        Assert.InRange((attempt.StartedAt - record.StartedAt).TotalSeconds, 0, 1);
    }
}
