using System.Collections.Concurrent;
using ChangeDetection.Core.Hosting;
using ChangeDetection.TestKit;

namespace ChangeDetection.Core.Tests.Hosting;

[Needs(Resource.Processes)]
public sealed class ChildProcessTests
{
    private static readonly TimeSpan s_long = TimeSpan.FromSeconds(30);

    private readonly ConcurrentQueue<string> _lines = new();

    [Fact]
    public async Task Start_PassesOutputAndErrorsOn_ToLogAndCallback()
    {
        using var temporary = new TemporaryFolder();
        await using (var child = ChildProcess.Start(Shell("echo out; echo err >&2; echo $GIVEN; exit 3") with
        {
            LogFile = temporary["logs/child.log"],
            Environment = new Dictionary<string, string?> { ["GIVEN"] = "given" },
        }))
        {
            Assert.Equal(3, await child.Exited.WaitAsync(s_long));
        }

        Assert.Equal(["err", "given", "out"], _lines.Order(StringComparer.Ordinal));
        Assert.Equal(_lines, File.ReadAllLines(temporary["logs/child.log"]));
    }

    [Fact]
    public async Task Stop_AProcessThatEndsWhenAsked_LetsItFinish()
    {
        await using var child = ChildProcess.Start(Shell("trap 'echo finishing; exit 7' TERM; echo ready; while :; do read -r _; done"));
        await LineAsync("ready");

        Assert.Equal(7, await child.StopAsync(s_long));
        await LineAsync("finishing");
    }

    [Fact]
    public async Task Stop_AProcessThatDoesNotListen_KillsItWithItsDescendants()
    {
        await using var child = ChildProcess.Start(Shell("trap '' TERM; sleep 61 & echo $!; read -r _; wait"));
        var grandchild = await Eventually.GetAsync("the grandchild's number", () => Task.FromResult(_lines.FirstOrDefault()), s_long);

        Assert.Equal(137, await child.StopAsync(TimeSpan.FromMilliseconds(100)));
        await Eventually.TrueAsync("the grandchild is gone", () => Task.FromResult(!Directory.Exists($"/proc/{grandchild}")), s_long);
    }

    [Fact]
    public void Start_WhatIsNotThere_NamesChildAndProgram()
    {
        var error = Assert.Throws<ChildStartException>(() => ChildProcess.Start(new ChildCommand("worker-1", "/nowhere/worker", [])));

        Assert.Contains("worker-1", error.Message, StringComparison.Ordinal);
        Assert.Contains("/nowhere/worker", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Log_AtItsLimit_KeepsTheNewestLines()
    {
        using var temporary = new TemporaryFolder();
        using (var log = new BoundedLog(temporary["a.log"], limit: 100))
        {
            for (var line = 0; line < 1000; line++)
                log.Append($"line {line}");
        }

        var files = Directory.GetFiles(temporary.Path);
        Assert.Equal(2, files.Length);
        Assert.All(files, file => Assert.InRange(new FileInfo(file).Length, 1, 120));
        Assert.Contains("line 999", File.ReadAllText(temporary["a.log"]) + File.ReadAllText(temporary["a.log.old"]), StringComparison.Ordinal);
    }

    private ChildCommand Shell(string script) => new("shell", "/bin/sh", ["-c", script]) { OnLine = _lines.Enqueue };

    private Task LineAsync(string line) =>
        Eventually.TrueAsync($"the line '{line}'", () => Task.FromResult(_lines.Contains(line)), s_long);
}
