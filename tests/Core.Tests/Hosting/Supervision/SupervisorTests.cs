using System.Collections.Concurrent;
using System.Diagnostics;
using ChangeDetection.Core.Hosting;
using ChangeDetection.Core.Hosting.Supervision;
using ChangeDetection.TestKit;

namespace ChangeDetection.Core.Tests.Hosting.Supervision;

public sealed class SupervisorTests
{
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(20);
    private static readonly BackOff s_soon = new(TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(5), TimeSpan.FromMinutes(1));

    private readonly ConcurrentQueue<string> _reports = new();
    private readonly ConcurrentQueue<string> _lines = new();

    [Fact]
    public async Task AKilledChild_IsStartedAgain_AndSaidSo()
    {
        await using var supervisor = await StartAsync(Child("worker-1", "read -r _"));
        var first = supervisor.PidOf("worker-1")!.Value;

        using (var process = Process.GetProcessById(first))
            process.Kill();

        await Eventually.TrueAsync("a new process", () => Task.FromResult(supervisor.PidOf("worker-1") is { } pid && pid != first), s_deadline);
        Assert.Contains(_reports, line => line.StartsWith("worker-1 was killed (SIGKILL); starting it again in", StringComparison.Ordinal));
    }

    [Fact]
    public async Task AChildThatKeepsDying_IsStartedAgainAndAgain()
    {
        await using var supervisor = await StartAsync(Child("worker-1", "exit 3"));

        await Eventually.TrueAsync("five deaths", () => Task.FromResult(_reports.Count >= 5), s_deadline);
        Assert.All(_reports, line => Assert.Contains("ended with exit code 3", line, StringComparison.Ordinal));
    }

    [Fact]
    public async Task AChildThatLeavesOnPurpose_StaysAwayUntilItIsCalledBack()
    {
        await using var supervisor = await StartAsync(Child("worker-1", "echo born; exit 0") with { MayLeave = true });
        await Eventually.TrueAsync("it to be away", () => Task.FromResult(supervisor.Away is ["worker-1"]), s_deadline);
        Assert.Single(_lines);

        Assert.False(supervisor.CallBack("worker-2"));
        Assert.True(supervisor.CallBack("worker-1"));

        await Eventually.TrueAsync("it to be away again", () => Task.FromResult(_lines.Count == 2 && supervisor.Away is ["worker-1"]), s_deadline);
        Assert.All(_reports, line => Assert.Equal("worker-1 has left as it was asked to, and stays away until it is called back", line));
        await supervisor.StopAsync().WaitAsync(s_deadline);
    }

    [Fact]
    public async Task AChildThatMayNotLeave_IsStartedAgainHoweverItEnds()
    {
        await using var supervisor = await StartAsync(Child("dashboard", "exit 0"));
        await Eventually.TrueAsync("five ends", () => Task.FromResult(_reports.Count >= 5), s_deadline);
        Assert.All(_reports, line => Assert.Contains("dashboard ended with exit code 0; starting it again", line, StringComparison.Ordinal));
        Assert.False(supervisor.CallBack("dashboard"));
    }

    [Fact]
    public async Task Stop_GoesByTheOrder_AndStartsNothingAgain()
    {
        const string untilAsked = "trap 'echo $0 stops; exit 0' TERM; echo $0 is up; while :; do read -r _; done";
        await using var supervisor = await StartAsync(
            Child("dashboard", untilAsked, order: 2), Child("worker-1", untilAsked, order: 1), Child("worker-2", untilAsked, order: 1));
        await Eventually.TrueAsync("three are up", () => Task.FromResult(_lines.Count == 3), s_deadline);

        await supervisor.StopAsync();

        Assert.Equal("dashboard stops", _lines.Last());
        Assert.Equal(6, _lines.Count);
        Assert.Empty(_reports);
        Assert.Null(supervisor.PidOf("worker-1"));
    }

    [Fact]
    public async Task Stop_WhileAChildWaitsToBeStartedAgain_DoesNotWaitForThat()
    {
        await using var supervisor = await Supervisor.StartAsync(
            [Child("worker-1", "exit 1")], _reports.Enqueue, TimeProvider.System, s_soon with { First = TimeSpan.FromHours(1) });
        await Eventually.TrueAsync("its death", () => Task.FromResult(!_reports.IsEmpty), s_deadline);

        await supervisor.StopAsync().WaitAsync(s_deadline);
    }

    [Fact]
    public async Task Start_WhenOneProgramIsMissing_StopsTheOthers()
    {
        var missing = new SupervisedChild(new ChildCommand("dashboard", "/nowhere/dashboard", []), 1, s_deadline);

        var marker = Guid.NewGuid().ToString();
        await Assert.ThrowsAsync<ChildStartException>(() => StartAsync(Child(marker, "read -r _"), missing));

        Assert.DoesNotContain(Process.GetProcesses(), process => CommandLine(process).Contains(marker, StringComparison.Ordinal));
    }

    private static string CommandLine(Process process)
    {
        try
        {
            return File.ReadAllText($"/proc/{process.Id}/cmdline");
        }
        catch (IOException)
        {
            return ""; // it has ended since
        }
    }

    private Task<Supervisor> StartAsync(params SupervisedChild[] children) =>
        Supervisor.StartAsync(children, _reports.Enqueue, TimeProvider.System, s_soon);

    private SupervisedChild Child(string name, string script, int order = 1) =>
        new(new ChildCommand(name, "/bin/sh", ["-c", script, name]) { OnLine = _lines.Enqueue }, order, s_deadline);
}
