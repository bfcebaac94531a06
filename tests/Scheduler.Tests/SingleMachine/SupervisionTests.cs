using System.Diagnostics;
using System.Text.Json;
using ChangeDetection.Core.Hosting;
using ChangeDetection.TestKit;

namespace ChangeDetection.Scheduler.Tests.SingleMachine;

/// <summary>`up` starts again what did not leave on purpose, brings back what did when it is asked to, and ends in order when its terminal is closed.</summary>
[Needs(Resource.Database, Resource.Processes)]
public sealed class SupervisionTests
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Up_WorkersThatLeaveAndAreEnded_AndATerminalThatIsClosed()
    {
        await using var system = await SystemUnderTest.StartAsync(workers: 1);
        var up = system.Up!;
        var (first, drained) = await WorkerAsync(system, other: 0);
        var there = await system.CliAsync("worker", "start", "worker-1");
        Assert.Equal(1, there.ExitCode);
        Assert.Contains("worker-1 is there: it is ready.", there.Errors, StringComparison.Ordinal);

        (await system.CliAsync("worker", "drain", drained)).Succeeded();
        await up.LineAsync("worker-1 has left as it was asked to, and stays away", s_limit);
        Assert.Equal("worker-1: starting\n", (await system.CliAsync("worker", "start", drained)).Succeeded());
        var (second, _) = await WorkerAsync(system, first);

        // A signal that did not come from `up` is no leave-taking, for the worker as for the dashboard.
        RunningProgram.Terminate(second);
        await up.LineAsync("worker-1 was asked to end (SIGTERM); starting it again", s_limit);
        await WorkerAsync(system, second);
        var unknown = await system.CliAsync("worker", "start", "worker-7");
        Assert.Equal(2, unknown.ExitCode);
        Assert.Contains("There is no worker worker-7", unknown.Errors, StringComparison.Ordinal);

        Assert.True(File.Exists(Path.Combine(system.DataDir, "connection.json")));
        using (var hangup = Process.Start("kill", ["-HUP", $"{up.Pid}"]))
            await hangup.WaitForExitAsync();
        Assert.Equal(0, await up.ExitAsync(s_limit));
        Assert.Contains("Stopping …", up.Text, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(system.DataDir, "connection.json")));
        Assert.False(OwnerLock.IsHeld(DataFolder.At(system.DataDir)));
        Assert.False(RunningProgram.IsAlive(first) || RunningProgram.IsAlive(second));
    }

    private static async Task<(int Pid, string Id)> WorkerAsync(SystemUnderTest system, int other)
    {
        await Eventually.TrueAsync(
            "a worker to be ready", async () => (await system.WorkersAsync()).Any(worker => worker.Pid != other && worker.Slots.Count > 0), s_limit);
        using var list = JsonDocument.Parse((await system.CliAsync("worker", "list", "--json")).Succeeded());
        var worker = list.RootElement.EnumerateArray().First(worker => worker.GetProperty("pid").GetInt32() != other);
        return (worker.GetProperty("pid").GetInt32(), worker.GetProperty("id").GetString()!);
    }
}
