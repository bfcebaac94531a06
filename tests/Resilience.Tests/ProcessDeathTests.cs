using ChangeDetection.Core.Runs;
using ChangeDetection.TestKit;

namespace ChangeDetection.Resilience.Tests;

/// <summary>P1, P2, P4, P7, P8: whatever is killed, the run goes on and ends in the same bits.</summary>
[Collection(nameof(WholeSystem))]
public sealed class ProcessDeathTests(WholeSystem whole)
{
    private static readonly TimeSpan s_limit = SmallRun.Limit;

    [Fact]
    public async Task Kill_OfTheTrainer_EndsInTheWeightsOfAnUndisturbedRun()
    {
        var system = await whole.ReadyAsync(workers: 1);
        var run = await SmallRun.HeldAsync(system, "trainer-killed");

        RunningProgram.Kill(await TrainerAsync(system, run));

        system.Held.Release("trainer-killed");
        var ended = await SmallRun.EndsAsUndisturbedAsync(system, run);
        Assert.Equal((2, 1, 0), (ended.Attempt, ended.Deaths, ended.Errors));
    }

    [Fact]
    public async Task Kill_OfAWholeWorkerTree_EndsInTheWeightsOfAnUndisturbedRun()
    {
        var system = await whole.ReadyAsync(workers: 1);
        var run = await SmallRun.HeldAsync(system, "worker-killed");
        var trainer = await TrainerAsync(system, run);

        RunningProgram.KillTree((await system.WorkersAsync()).Single(worker => worker.Slots.Any(slot => slot.RunId == run)).Pid);

        await Eventually.TrueAsync("the trainer to die with its worker", () => Task.FromResult(!RunningProgram.IsAlive(trainer)), TimeSpan.FromSeconds(2));
        system.Held.Release("worker-killed");
        var ended = await SmallRun.EndsAsUndisturbedAsync(system, run);
        Assert.Equal((2, 1, 0), (ended.Attempt, ended.Deaths, ended.Errors));
    }

    /// <summary>Asked politely, a worker loses nothing at all: no death, and the checkpoint of the very step.</summary>
    [Fact]
    public async Task Drain_OfAWorker_HandsItsRunToAnotherThatEndsInTheSameWeights()
    {
        var system = await whole.ReadyAsync(workers: 1);
        var run = await SmallRun.HeldAsync(system, "worker-drained");
        var worker = (await system.WorkersAsync()).Single(one => one.Slots.Any(slot => slot.RunId == run));

        (await system.CliAsync("worker", "drain", worker.Id.ToString())).Succeeded();

        await system.UntilAsync(run, "be handed back", found => found.Preemptions == 1, s_limit);
        system.Held.Release("worker-drained");
        await using var successor = system.StartWorker(["--slots", "cpu", "--data-dir", system.DataDir]);
        var ended = await SmallRun.EndsAsUndisturbedAsync(system, run);
        Assert.Equal((2, 0, 1), (ended.Attempt, ended.Deaths, ended.Preemptions));
    }

    [Fact]
    public async Task Kill_OfUpItself_TakesEveryChildAlongAndANewUpGoesOn()
    {
        var system = await whole.ReadyAsync(workers: 1);
        system.Held.Hold("up-killed", SmallRun.MidEpoch);
        var runs = await system.SubmitByCliAsync("up-killed", SmallRun.Epochs, evaluate: true);
        await system.AtStepAsync(runs[0], SmallRun.MidEpoch, s_limit);
        var children = RunningProgram.Descendants(system.Up!.Pid);
        Assert.NotEmpty(children);

        system.Up.Kill();

        await Eventually.TrueAsync(
            "every process of the killed system to end", () => Task.FromResult(!children.Any(RunningProgram.IsAlive)), TimeSpan.FromSeconds(45));
        system.Held.Release("up-killed");
        await system.StartUpAsync(workers: 1);
        await SmallRun.EndsAsUndisturbedAsync(system, runs[0]);
        await system.SucceededAsync(runs[1], s_limit);
    }

    [Fact]
    public async Task Kill_OfThePrivatePostgres_IsRiddenOutByTheSameAttempt()
    {
        var system = await whole.ReadyAsync(workers: 1);
        var run = await SmallRun.HeldAsync(system, "server-killed");

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

    private static async Task<int> TrainerAsync(SystemUnderTest system, Guid run) =>
        (await system.WorkersAsync()).SelectMany(worker => worker.Slots).Single(slot => slot.RunId == run).TrainerPid!.Value;
}
