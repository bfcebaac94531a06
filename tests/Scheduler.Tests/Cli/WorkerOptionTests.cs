using ChangeDetection.Core.Hosting;
using ChangeDetection.TestKit;

namespace ChangeDetection.Scheduler.Tests.Cli;

/// <summary>The worker's program with a wrong command line, as a process.</summary>
public sealed class WorkerOptionTests : IDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(1);
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("--slots foo", "--slots: 'foo' is no device. Use 'cpu', 'cpu:N' or 'cuda:N'.")]
    [InlineData("--slots cpu,cpu", "names a slot twice")]
    [InlineData("--slot cpu", "unknown or incomplete options: --slot cpu")]
    [InlineData("--slots", "unknown or incomplete options: --slots")]
    [InlineData("model show unheard-of", "unheard-of")]
    public async Task Worker_WrongOptions_AreRefusedByTheirName(string line, string message) => await RefusedAsync(line.Split(' '), message);

    [Fact]
    public async Task Worker_WithoutASystem_SaysHowToGetOneAndMakesNoFolder()
    {
        await RefusedAsync(["--data-dir", _folder["data"]], $"No system is up on '{_folder["data"]}'", "changedetection up");
        Assert.False(Directory.Exists(_folder["data"]));
    }

    private async Task RefusedAsync(string[] arguments, params string[] said)
    {
        await using var worker = RunningProgram.Start(Executables.Worker, arguments, new Dictionary<string, string?>
        {
            ["CHANGEDETECTION_DATABASE"] = null,
            ["CHANGEDETECTION_DATA_DIR"] = _folder["data"],
        });
        Assert.Equal(2, await worker.ExitAsync(s_limit));
        Assert.All(said, part => Assert.Contains(part, worker.Text, StringComparison.Ordinal));
    }
}
