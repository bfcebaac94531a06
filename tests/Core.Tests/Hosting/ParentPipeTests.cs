using System.Collections.Concurrent;
using System.Diagnostics;
using ChangeDetection.Core.Hosting;
using ChangeDetection.TestKit;

namespace ChangeDetection.Core.Tests.Hosting;

[Needs(Resource.Processes)]
public sealed class ParentPipeTests
{
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(15);

    [Theory]
    [InlineData("polite")]
    [InlineData("stubborn")]
    public async Task Watch_WhenTheParentIsKilled_EndsTheChild(string role)
    {
        var lines = new ConcurrentQueue<string>();
        await using var parent = ChildProcess.Start(ChildRole.Command("parent", role) with { OnLine = lines.Enqueue });
        var line = await Eventually.GetAsync("the child is up", () => Task.FromResult(lines.FirstOrDefault()), s_deadline);
        var child = line.Split(' ')[0];

        using (var process = Process.GetProcessById(parent.Pid))
            process.Kill();

        await Eventually.TrueAsync("the child is gone", () => Task.FromResult(!Directory.Exists($"/proc/{child}")), s_deadline);
    }

    [Fact]
    public async Task Watch_InAChild_LeavesTheTerminalsProcessGroup()
    {
        var lines = new ConcurrentQueue<string>();
        await using var child = ChildProcess.Start(ChildRole.Command("polite") with { OnLine = lines.Enqueue });

        var line = await Eventually.GetAsync("the child is up", () => Task.FromResult(lines.FirstOrDefault()), s_deadline);

        Assert.Equal($"{child.Pid} {child.Pid}", line);
    }

    [Fact]
    public void Watch_InAProcessStartedByHand_LeavesStandardInputAlone() =>
        Assert.False(ParentPipe.Watch(() => Assert.Fail("nobody's child"), TimeSpan.Zero));
}
