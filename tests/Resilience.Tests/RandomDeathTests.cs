using ChangeDetection.TestKit;

namespace ChangeDetection.Resilience.Tests;

/// <summary>P2, P3, P4: a SIGKILL at a random step, of the trainer or of the worker's whole tree, leaves no trace in the result.</summary>
[Collection(nameof(WholeSystem))]
public sealed class RandomDeathTests(WholeSystem whole, ITestOutputHelper output)
{
    /// <summary>How far a run may go beyond the step at which it is to be killed before it waits for that.</summary>
    private const int Leeway = 4;

    [Fact]
    public async Task Kill_AtRandomSteps_EndsInTheWeightsOfAnUndisturbedRun() => await KillManyAsync(await whole.ReadyAsync(workers: 1), seeds: 2, output);

    internal static async Task KillManyAsync(SystemUnderTest system, int seeds, ITestOutputHelper output)
    {
        for (var seed = 0; seed < seeds; seed++)
        {
            var random = new Random(seed);
            var (step, whole) = (random.Next(1, SmallRun.Steps - Leeway - 1), random.Next(2) == 0);
            var name = $"seed-{seed}";
            system.Held.Hold(name, step + Leeway);
            var run = await SmallRun.SubmitAsync(system, name);
            var killed = await KillAtAsync(system, run, step, whole);
            system.Held.Release(name);
            var ended = await SmallRun.EndsAsUndisturbedAsync(system, run);

            output.WriteLine(
                $"seed {seed}: {(whole ? "worker tree" : "trainer")} killed at step {killed} (asked: {step}), attempt {ended.Attempt}, deaths " +
                $"{ended.Deaths}");
            Assert.Equal((2, 1, 0), (ended.Attempt, ended.Deaths, ended.Errors));
        }
    }

    private static async Task<long?> KillAtAsync(SystemUnderTest system, Guid run, int step, bool whole)
    {
        var seen = await system.AtStepAsync(run, step, SmallRun.Limit);
        var worker = (await system.WorkersAsync()).Single(one => one.Slots.Any(slot => slot.RunId == run));
        if (whole)
            RunningProgram.KillTree(worker.Pid);
        else
            RunningProgram.Kill(worker.Slots.Single(slot => slot.RunId == run).TrainerPid!.Value);
        return seen.Step;
    }
}
