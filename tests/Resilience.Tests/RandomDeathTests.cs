using ChangeDetection.Core.Runs;
using ChangeDetection.TestKit;

namespace ChangeDetection.Resilience.Tests;

/// <summary>P2, P3, P4: a SIGKILL at a random step, of the trainer or of the worker's whole tree, leaves no trace in the result.</summary>
public sealed class RandomDeathTests(ITestOutputHelper output)
{
    private const int Epochs = 6;
    private const int Steps = Epochs * 10;
    /// <summary>How far a run may go beyond the step at which it is to be killed before it waits for that.</summary>
    private const int Leeway = 4;
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(2);

    [Fact]
    public Task Kill_AtRandomSteps_EndsInTheWeightsOfAnUndisturbedRun() => KillManyAsync(seeds: 2, output);

    internal static async Task KillManyAsync(int seeds, ITestOutputHelper output)
    {
        await using var system = await SystemUnderTest.StartAsync(workers: 1);
        var undisturbed = (await system.SubmitAsync("undisturbed", Epochs, crop: 32))[0];
        await system.SucceededAsync(undisturbed, s_limit);
        var weights = await system.FinalWeightsAsync(undisturbed);
        var metrics = await MetricsAsync(system, undisturbed);

        for (var seed = 0; seed < seeds; seed++)
        {
            var random = new Random(seed);
            var (step, whole) = (random.Next(1, Steps - Leeway - 1), random.Next(2) == 0);
            system.Held.Hold($"seed-{seed}", step + Leeway);
            var run = (await system.SubmitAsync($"seed-{seed}", Epochs, crop: 32))[0];
            var killed = await KillAtAsync(system, run, step, whole);
            system.Held.Release($"seed-{seed}");
            var ended = await system.SucceededAsync(run, s_limit);

            output.WriteLine(
                $"seed {seed}: {(whole ? "worker tree" : "trainer")} killed at step {killed} (asked: {step}), attempt {ended.Attempt}, deaths " +
                $"{ended.Deaths}");
            Assert.Equal((2, 1, 0), (ended.Attempt, ended.Deaths, ended.Errors));
            Assert.Equal(weights, await system.FinalWeightsAsync(run));
            Assert.Equal(metrics, await MetricsAsync(system, run));
        }
    }

    private static async Task<long?> KillAtAsync(SystemUnderTest system, Guid run, int step, bool whole)
    {
        var seen = await system.AtStepAsync(run, step, s_limit);
        var worker = (await system.WorkersAsync()).Single(one => one.Slots.Any(slot => slot.RunId == run));
        if (whole)
            RunningProgram.KillTree(worker.Pid);
        else
            RunningProgram.Kill(worker.Slots.Single(slot => slot.RunId == run).TrainerPid!.Value);
        return seen.Step;
    }

    private static Task<IReadOnlyList<MetricPoint>> MetricsAsync(SystemUnderTest system, Guid run) =>
        new MetricStore(system.Database).ListAsync(run, null, CancellationToken.None);
}
