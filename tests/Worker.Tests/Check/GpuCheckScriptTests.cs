using System.Diagnostics;
using System.Text.Json;
using ChangeDetection.TestKit;

namespace ChangeDetection.Worker.Tests.Check;

/// <summary><c>deploy/gpu-check.sh</c> on a machine without a GPU.</summary>
[Needs(Resource.Processes)]
public sealed class GpuCheckScriptTests
{
    private static readonly string s_script = Path.Combine(Repository.Root, "deploy", "gpu-check.sh");

    [Theory]
    [InlineData("")]
    [InlineData("fly")]
    [InlineData("run --device tpu")]
    [InlineData("run --report /nowhere/at/all/report")]
    [InlineData("run --pack /nowhere.tar.gz")]
    [InlineData("pack --into x")]
    public async Task Script_WrongUsage_Is2(string arguments)
    {
        var (exitCode, output) = await RunAsync(s_script, arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries));

        Assert.Equal(2, exitCode);
        Assert.Contains("Usage: deploy/gpu-check.sh", output, StringComparison.Ordinal);
    }

    /// <summary>As in an unpacked pack: the worker stands beside the script.</summary>
    [Fact]
    public async Task Run_WithoutLibtorch_StillReportsTheMachineAndTheReason()
    {
        using var folder = new TemporaryFolder();
        using var empty = new TemporaryFolder();
        File.Copy(s_script, folder["gpu-check.sh"]);
        File.CreateSymbolicLink(folder["worker"], AppContext.BaseDirectory);

        string[] arguments = ["run", "--device", "cpu", "--libtorch", empty.Path, "--report", folder["report"]];
        var (exitCode, output) = await RunAsync(folder["gpu-check.sh"], arguments);

        Assert.Equal(1, exitCode);
        var report = JsonDocument.Parse(await File.ReadAllTextAsync(folder["report.json"])).RootElement;
        Assert.StartsWith("glibc ", report.GetProperty("machine").GetProperty("glibc").GetString(), StringComparison.Ordinal);
        Assert.Equal(empty.Path, report.GetProperty("machine").GetProperty("libtorch").GetString());
        Assert.Contains("holds no libc10.so", report.GetProperty("steps")[0].GetProperty("error").GetString(), StringComparison.Ordinal);
        Assert.Contains("not ok: libtorch, load, device", await File.ReadAllTextAsync(folder["report.txt"]), StringComparison.Ordinal);
        Assert.Contains($"report: {folder["report.txt"]}", output, StringComparison.Ordinal);
    }

    /// <summary>A worker that cannot start: the machine is known all the same, and the loader's words are kept.</summary>
    [Fact]
    public async Task Run_WorkerThatDoesNotStart_LeavesAReportOfTheMachine()
    {
        using var folder = new TemporaryFolder();
        File.Copy(s_script, folder["gpu-check.sh"]);
        Directory.CreateDirectory(folder["worker"]);
        File.WriteAllText(folder["worker/changedetection-worker"], "#!/bin/sh\necho 'version \"GLIBC_9.9\" not found' >&2\nexit 127\n");
        File.SetUnixFileMode(folder["worker/changedetection-worker"], UnixFileMode.UserRead | UnixFileMode.UserExecute);

        var (exitCode, _) = await RunAsync(folder["gpu-check.sh"], "run", "--device", "cpu", "--report", folder["report"]);

        Assert.Equal(1, exitCode);
        var report = JsonDocument.Parse(await File.ReadAllTextAsync(folder["report.json"])).RootElement;
        Assert.False(report.GetProperty("ok").GetBoolean());
        Assert.StartsWith("glibc ", report.GetProperty("machine").GetProperty("glibc").GetString(), StringComparison.Ordinal);
        Assert.EndsWith(
            "code 127 and left no report; its last lines: version \"GLIBC_9.9\" not found",
            report.GetProperty("steps")[0].GetProperty("error").GetString(), StringComparison.Ordinal);
    }

    private static async Task<(int ExitCode, string Output)> RunAsync(string script, params string[] arguments)
    {
        var start = new ProcessStartInfo("bash", [script, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        // It asks every Python on PATH and in the home folder.
        (start.Environment["PATH"], start.Environment["HOME"]) = ("/usr/bin:/bin", Path.GetDirectoryName(script));
        using var process = Process.Start(start)!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(10));
        await process.WaitForExitAsync(limit.Token);
        return (process.ExitCode, await output + await errors);
    }
}
