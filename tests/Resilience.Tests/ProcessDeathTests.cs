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

        var trainerKilled = (await system.SubmitAsync("trainer-killed", Epochs, crop: 32))[0];
        await AtStepAsync(system, trainerKilled, MidEpoch);
        RunningProgram.Kill(await TrainerAsync(system, trainerKilled));
        var run = await system.SucceededAsync(trainerKilled, s_limit);
        Assert.Equal((2, 1, 0), (run.Attempt, run.Deaths, run.Errors));
        Assert.Equal(expected, await system.FinalWeightsAsync(trainerKilled));
        await EachMetricOnceAndEqualAsync(system, undisturbed, trainerKilled);

        var workerKilled = (await system.SubmitAsync("worker-killed", Epochs, crop: 32))[0];
        await AtStepAsync(system, workerKilled, MidEpoch);
        var trainer = await TrainerAsync(system, workerKilled);
        RunningProgram.KillTree((await system.WorkersAsync()).Single(worker => worker.Slots.Any(slot => slot.RunId == workerKilled)).Pid);
        await Eventually.TrueAsync("the trainer to die with its worker", () => Task.FromResult(!RunningProgram.IsAlive(trainer)), TimeSpan.FromSeconds(2));
        run = await system.SucceededAsync(workerKilled, s_limit);
        Assert.Equal((2, 1, 0), (run.Attempt, run.Deaths, run.Errors));
        Assert.Equal(expected, await system.FinalWeightsAsync(workerKilled));
        await EachMetricOnceAndEqualAsync(system, undisturbed, workerKilled);

        // Asked politely, a worker loses nothing at all: no death, and the checkpoint of the very step.
        var drained = (await system.SubmitAsync("worker-drained", Epochs, crop: 32))[0];
        await AtStepAsync(system, drained, MidEpoch);
        var worker = (await system.WorkersAsync()).Single(one => one.Slots.Any(slot => slot.RunId == drained));
        await system.CliAsync("worker", "drain", worker.Id.ToString());
        await system.UntilAsync(drained, "be handed back", found => found.Preemptions == 1, s_limit);
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
        var run = (await system.SubmitAsync("up-killed", Epochs, evaluate: true, crop: 32))[0];
        await AtStepAsync(system, run, MidEpoch);
        var children = RunningProgram.Descendants(system.Up!.Pid);
        Assert.NotEmpty(children);

        system.Up.Kill();

        await Eventually.TrueAsync("every process of the killed system to end", () => Task.FromResult(!children.Any(RunningProgram.IsAlive)), TimeSpan.FromSeconds(45));
        await system.StartUpAsync(workers: 1);
        Assert.Equal(RunState.Succeeded, (await system.SucceededAsync(run, s_limit)).State);
    }

    [Fact]
    public async Task Kill_OfThePrivatePostgres_IsRiddenOutByTheSameAttempt()
    {
        await using var system = await SystemUnderTest.StartAsync(workers: 1);
        var run = (await system.SubmitAsync("server-killed", Epochs, crop: 32))[0];
        await AtStepAsync(system, run, MidEpoch);

        system.CrashPostgres(orderly: false);

        await system.Up!.LineAsync("postgresql is back", TimeSpan.FromSeconds(30));
        var ended = await Eventually.GetAsync($"run {run} to end", async () => await TriedAsync(system, run) is { } found && found.State.IsTerminal() ? found : null, s_limit);
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

    private static Task<Run> AtStepAsync(SystemUnderTest system, Guid run, int step) =>
        system.UntilAsync(run, $"reach step {step}", found => found.State.IsTerminal()
            ? throw new InvalidOperationException($"run {run} was {found.State} before anybody saw it at step {step}")
            : found.State is RunState.Running && found.Step >= step, s_limit);

    private static async Task<int> TrainerAsync(SystemUnderTest system, Guid run) =>
        (await system.WorkersAsync()).SelectMany(worker => worker.Slots).Single(slot => slot.RunId == run).TrainerPid!.Value;

    private static async Task EachMetricOnceAndEqualAsync(SystemUnderTest system, Guid expected, Guid actual)
    {
        var metrics = new MetricStore(system.Database);
        Assert.Equal(await metrics.ListAsync(expected, null, CancellationToken.None), await metrics.ListAsync(actual, null, CancellationToken.None));
    }
}
