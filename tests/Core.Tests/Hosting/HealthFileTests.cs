using ChangeDetection.Core.Hosting;
using ChangeDetection.TestKit;
using Microsoft.Extensions.Logging.Abstractions;

namespace ChangeDetection.Core.Tests.Hosting;

/// <summary>The file is there while the process is ready, and at no other time.</summary>
public sealed class HealthFileTests : IDisposable
{
    private static readonly TimeSpan s_often = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(10);
    private readonly TemporaryFolder _folder = new();

    private string Path => _folder["ready"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task File_IsThereFromReadyToStop_AndIsWrittenAgainWhenItGoes()
    {
        var ready = new TaskCompletionSource();
        _folder.Write("ready", "of a process before");
        using var file = new HealthFile(Path, ready.Task, NullLogger<HealthFile>.Instance, s_often);
        Assert.False(File.Exists(Path), "What another process left shows its health, not ours.");
        await file.StartAsync(CancellationToken.None);
        Assert.False(File.Exists(Path));

        ready.SetResult();
        await AppearsAsync();
        Assert.Equal($"{Environment.ProcessId}\n", await File.ReadAllTextAsync(Path));
        File.Delete(Path);
        await AppearsAsync();

        await file.StopAsync(CancellationToken.None);
        Assert.False(File.Exists(Path));
    }

    [Fact]
    public async Task File_OfAProcessThatStopsBeforeItIsReady_NeverAppears()
    {
        using var file = new HealthFile(Path, new TaskCompletionSource().Task, NullLogger<HealthFile>.Instance, s_often);
        await file.StartAsync(CancellationToken.None);
        await file.StopAsync(CancellationToken.None);
        Assert.False(File.Exists(Path));
    }

    /// <summary>A full disk or a folder that goes is no reason to end a worker: its check fails, and that is told.</summary>
    [Fact]
    public async Task Folder_ThatGoesAndComesBack_CostsNothingButTheCheck()
    {
        Directory.CreateDirectory(_folder["sub"]);
        using var file = new HealthFile(_folder["sub/ready"], Task.CompletedTask, NullLogger<HealthFile>.Instance, s_often);
        await file.StartAsync(CancellationToken.None);
        await Eventually.TrueAsync("the file", () => Task.FromResult(File.Exists(_folder["sub/ready"])), s_limit);
        Directory.Move(_folder["sub"], _folder["away"]);
        File.Delete(_folder["away/ready"]);
        Directory.Move(_folder["away"], _folder["sub"]);
        await Eventually.TrueAsync("the file again", () => Task.FromResult(File.Exists(_folder["sub/ready"])), s_limit);
        await file.StopAsync(CancellationToken.None);
    }

    [Theory]
    [InlineData("ready", "no absolute path")]
    [InlineData("/nowhere/at/all/ready", "cannot be written")]
    public void Path_ThatCannotBe_IsRefusedAtTheStart(string path, string problem)
    {
        var error = Assert.Throws<SettingsException>(() => new HealthFile(path, Task.CompletedTask, NullLogger<HealthFile>.Instance));
        Assert.StartsWith("CHANGEDETECTION_HEALTH_FILE", error.Message, StringComparison.Ordinal);
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
    }

    private Task AppearsAsync() =>
        Eventually.TrueAsync("the file", () => Task.FromResult(File.Exists(Path) && new FileInfo(Path).Length > 0), s_limit);
}
