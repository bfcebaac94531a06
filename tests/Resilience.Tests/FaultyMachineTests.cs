using ChangeDetection.Core.Runs;
using ChangeDetection.Core.Workers;
using ChangeDetection.TestKit;

namespace ChangeDetection.Resilience.Tests;

/// <summary>P12: what a machine fails at is charged to no run, the machine takes nothing while it is unfit, says why, and heals by itself.</summary>
public sealed class FaultyMachineTests(PostgresServer postgres)
{
    [Fact]
    public async Task ADeviceThatFails_AndAStoreThatCannotBeWritten_BesideASoundWorker_AreChargedToNoRun() => await PlayAsync(postgres, runs: 5);

    [Fact]
    public async Task ADataSetThatAHostCannotSee_IsChargedToNoRun_AndTheOthersThatReadItAreLeftAloneUntilItIsSeen()
    {
        await using var system = await SystemUnderTest.ServeApartAsync(postgres);
        Guid[] runs = [.. await system.SubmitByCliAsync("blind", epochs: 1, seeds: 2)];
        Directory.Move(system.Dataset, $"{system.Dataset}-away");
        await system.StartWorker(["--slots", "cpu"], Quick("CHANGEDETECTION_QUEUES", "q4-any")).LineAsync("is ready", SmallRun.Limit);

        var why = $"waits for its data: data set file://{system.Dataset}: {Environment.MachineName} cannot see it";
        foreach (var run in runs)
        {
            await system.UntilAsync(run, "say what it waits for", found =>
                found is { State: RunState.Queued, Reason: { } reason } && reason.StartsWith(why, StringComparison.Ordinal), SmallRun.Limit);
        }
        var worker = Assert.Single(await system.WorkersAsync());
        Assert.Equal(WorkerState.Ready, worker.State);
        Assert.Contains("cannot see it", worker.Reason, StringComparison.Ordinal);

        Directory.Move($"{system.Dataset}-away", system.Dataset);
        var attempts = 0;
        foreach (var run in runs)
        {
            var ended = await system.SucceededAsync(run, SmallRun.Limit);
            Assert.Equal((0, 0), (ended.Deaths, ended.Errors));
            attempts += ended.Attempt;
        }
        // One of them found it out, and the other was not even claimed.
        Assert.Equal(3, attempts);
    }

    [Fact]
    public async Task ASlotOnWhichTwoDifferentRunsDiedInARow_IsSetAside_UntilSomebodyBringsItBack()
    {
        await using var system = await SystemUnderTest.ServeApartAsync(postgres);
        system.Held.Hold("dying", 1);
        Guid[] runs = [(await SubmitAsync(system, "dying"))[0], (await SubmitAsync(system, "dying"))[0]];
        // A minute at least until it comes back by itself.
        await system.StartWorker(["--slots", "cpu"]).LineAsync("is ready", SmallRun.Limit);
        foreach (var run in runs)
        {
            await system.AtStepAsync(run, 1, SmallRun.Limit);
            RunningProgram.Kill((await system.WorkersAsync()).Single().Slots.Single(slot => slot.RunId == run).TrainerPid!.Value);
        }
        var worker = await Eventually.GetAsync(
            "the slot to be set aside",
            async () => (await system.WorkersAsync()).Single() is { State: WorkerState.SetAside } found ? found : null,
            SmallRun.Limit);
        Assert.Contains("two different runs died here", worker.Reason, StringComparison.Ordinal);

        system.Held.Release("dying");
        Assert.True(await new WorkerStore(system.Database).RequestRecheckAsync(worker.Id, CancellationToken.None));
        foreach (var run in runs)
        {
            var ended = await system.SucceededAsync(run, SmallRun.Limit);
            Assert.Equal((2, 1, 0), (ended.Attempt, ended.Deaths, ended.Errors));
        }
    }

    /// <summary>Two workers break in the middle of a run each; a third, which is sound, comes later. Then both are mended.</summary>
    internal static async Task PlayAsync(PostgresServer postgres, int runs)
    {
        using var folder = new TemporaryFolder();
        await using var system = await SystemUnderTest.ServeApartAsync(postgres);
        var (broken, mount) = (folder["broken"], folder["mount"]);
        File.CreateSymbolicLink(mount, system.Store.LocalPath);
        var device = system.StartWorker(["--slots", "cpu"], Quick("CHANGEDETECTION_FAULTY_DEVICE", broken));
        var store = system.StartWorker(["--slots", "cpu"], Quick("CHANGEDETECTION_STORE", $"file://{mount}/"));
        await device.LineAsync("is ready", SmallRun.Limit);
        await store.LineAsync("is ready", SmallRun.Limit);

        system.Held.Hold("caught", 1);
        Guid[] caught = [(await SubmitAsync(system, "caught"))[0], (await SubmitAsync(system, "caught"))[0]];
        foreach (var run in caught)
            await system.AtStepAsync(run, 1, SmallRun.Limit);
        // A GPU that falls off its bus; a share that is no longer mounted, with a file of that name in its place.
        File.WriteAllText(broken, "");
        File.Delete(mount);
        File.WriteAllText(mount, "no folder");
        system.Held.Release("caught");
        foreach (var run in caught)
        {
            var waiting = await system.UntilAsync(run, "go back", found => found is { State: RunState.Queued, Reason: { } reason }
                && reason.StartsWith("waits for a worker: none is fit: ", StringComparison.Ordinal), SmallRun.Limit);
            Assert.Contains("device cpu: it cannot compute", waiting.Reason, StringComparison.Ordinal);
            Assert.Contains("store: it cannot be written to", waiting.Reason, StringComparison.Ordinal);
        }
        var list = (await system.CliAsync("worker", "list")).Succeeded();
        Assert.Equal(2, list.Split("unfit").Length - 1);
        Assert.Contains("store: it cannot be written to", list, StringComparison.Ordinal);

        var later = new List<Guid>(caught);
        while (later.Count < runs)
            later.AddRange(await SubmitAsync(system, "later"));
        await system.StartWorker(["--slots", "cpu,cpu:1"]).LineAsync("is ready", SmallRun.Limit);
        foreach (var run in later)
        {
            var ended = await system.SucceededAsync(run, SmallRun.Limit);
            Assert.Equal((0, 0), (ended.Deaths, ended.Errors));
        }
        var attempts = new AttemptStore(system.Database);
        foreach (var run in caught)
        {
            Assert.Equal(
                [AttemptEnding.Unfit, AttemptEnding.Succeeded],
                (await attempts.ListAsync(run, CancellationToken.None)).Select(attempt => attempt.Ending));
        }
        foreach (var run in later.Skip(caught.Length))
            Assert.Single(await attempts.ListAsync(run, CancellationToken.None));

        File.Delete(broken);
        File.Delete(mount);
        File.CreateSymbolicLink(mount, system.Store.LocalPath);
        await Eventually.TrueAsync(
            "both to be fit again", async () => (await system.WorkersAsync()) is [{ Reason: null }, { Reason: null }, { Reason: null }] all
                && all.All(worker => worker.State is WorkerState.Ready), SmallRun.Limit);
        Assert.False(device.HasExited || store.HasExited);
    }

    private static Task<IReadOnlyList<Guid>> SubmitAsync(SystemUnderTest system, string name) => system.SubmitAsync(name, epochs: 3, steps: 2);

    private static Dictionary<string, string?> Quick(string variable, string value) =>
        new() { ["CHANGEDETECTION_RECHECK_FIRST"] = "00:00:01", ["CHANGEDETECTION_RECHECK_LONGEST"] = "00:00:02", [variable] = value };
}
