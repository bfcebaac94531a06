using ChangeDetection.Core.Runs;
using ChangeDetection.TestKit;

namespace ChangeDetection.Resilience.Tests;

/// <summary>P2, P4, P7, P8: whatever is killed, the run goes on and ends in the same bits.</summary>
public sealed class ProcessDeathTests
{
    private const int Epochs = 6;
    private const int MidEpoch = 25;
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(3);

    [Fact]
    public async Task Kill_OfTrainerThenOfWholeWorkerTree_EndsInTheWeightsOfAnUndisturbedRun()
    {
        await using var system = await SystemUnderTest.StartAsync(workers: 1);
        var undisturbed = (await system.SubmitAsync("undisturbed", Epochs, crop: 32))[0];
        await system.SucceededAsync(undisturbed, s_limit);
        var expected = await system.FinalWeightsAsync(undisturbed);

        var trainerKilled = await HeldAsync(system, "trainer-killed");
        RunningProgram.Kill(await TrainerAsync(system, trainerKilled));
        system.Held.Release("trainer-killed");
        var run = await system.SucceededAsync(trainerKilled, s_limit);
        Assert.Equal((2, 1, 0), (run.Attempt, run.Deaths, run.Errors));
        Assert.Equal(expected, await system.FinalWeightsAsync(trainerKilled));
        await EachMetricOnceAndEqualAsync(system, undisturbed, trainerKilled);

        var workerKilled = await HeldAsync(system, "worker-killed");
        var trainer = await TrainerAsync(system, workerKilled);
        RunningProgram.KillTree((await system.WorkersAsync()).Single(worker => worker.Slots.Any(slot => slot.RunId == workerKilled)).Pid);
        await Eventually.TrueAsync("the trainer to die with its worker", () => Task.FromResult(!RunningProgram.IsAlive(trainer)), TimeSpan.FromSeconds(2));
        system.Held.Release("worker-killed");
        run = await system.SucceededAsync(workerKilled, s_limit);
        Assert.Equal((2, 1, 0), (run.Attempt, run.Deaths, run.Errors));
        Assert.Equal(expected, await system.FinalWeightsAsync(workerKilled));
        await EachMetricOnceAndEqualAsync(system, undisturbed, workerKilled);

        // Asked politely, a worker loses nothing at all: no death, and the checkpoint of the very step.
        var drained = await HeldAsync(system, "worker-drained");
        var worker = (await system.WorkersAsync()).Single(one => one.Slots.Any(slot => slot.RunId == drained));
        await system.CliAsync("worker", "drain", worker.Id.ToString());
        await system.UntilAsync(drained, "be handed back", found => found.Preemptions == 1, s_limit);
        system.Held.Release("worker-drained");
        await using var successor = system.StartWorker(["--slots", "cpu", "--data-dir", system.DataDir]);
        run = await system.SucceededAsync(drained, s_limit);
        Assert.Equal((2, 0, 1), (run.Attempt, run.Deaths, run.Preemptions));
        Assert.Equal(expected, await system.FinalWeightsAsync(drained));
        await EachMetricOnceAndEqualAsync(system, undisturbed, drained);
    }

    [Fact]
    public async Task Kill_OfUpItself_TakesEveryChildAlongAndANewUpGoesOn()
    {
        await using var system = await SystemUnderTest.StartAsync(workers: 1);
        var run = await HeldAsync(system, "up-killed", evaluate: true);
        var children = RunningProgram.Descendants(system.Up!.Pid);
        Assert.NotEmpty(children);

        system.Up.Kill();

        await Eventually.TrueAsync(
            "every process of the killed system to end", () => Task.FromResult(!children.Any(RunningProgram.IsAlive)), TimeSpan.FromSeconds(45));
        system.Held.Release("up-killed");
        await system.StartUpAsync(workers: 1);
        Assert.Equal(RunState.Succeeded, (await system.SucceededAsync(run, s_limit)).State);
    }

    [Fact]
    public async Task Kill_OfThePrivatePostgres_IsRiddenOutByTheSameAttempt()
    {
        await using var system = await SystemUnderTest.StartAsync(workers: 1);
        var run = await HeldAsync(system, "server-killed");

        system.CrashPostgres(orderly: false);
        system.Held.Release("server-killed");

        await system.Up!.LineAsync("postgresql is back", TimeSpan.FromSeconds(30));
        var ended = await Eventually.GetAsync(
            $"run {run} to end", async () => await TriedAsync(system, run) is { } found && found.State.IsTerminal() ? found : null, s_limit);
        Assert.Equal((RunState.Succeeded, 1, 0), (ended.State, ended.Attempt, ended.Deaths));
    }

    /// <summary>The run's row; null while the server that crashed does not answer yet.</summary>
    private static async Task<Run?> TriedAsync(SystemUnderTest system, Guid run)
    {
        try
        {
            return await system.FindAsync(run);
        }
        catch (Npgsql.NpgsqlException)
        {
            return null;
        }
    }

    /// <summary>Submits a run, and returns when it is held in the middle of an epoch.</summary>
    private static async Task<Guid> HeldAsync(SystemUnderTest system, string name, bool evaluate = false)
    {
        system.Held.Hold(name, MidEpoch);
        var run = (await system.SubmitAsync(name, Epochs, evaluate: evaluate, crop: 32))[0];
        await system.AtStepAsync(run, MidEpoch, s_limit);
        return run;
    }

    private static async Task<int> TrainerAsync(SystemUnderTest system, Guid run) =>
        (await system.WorkersAsync()).SelectMany(worker => worker.Slots).Single(slot => slot.RunId == run).TrainerPid!.Value;

    private static async Task EachMetricOnceAndEqualAsync(SystemUnderTest system, Guid expected, Guid actual)
    {
        var metrics = new MetricStore(system.Database);
        Assert.Equal(await metrics.ListAsync(expected, null, CancellationToken.None), await metrics.ListAsync(actual, null, CancellationToken.None));
    }
}
