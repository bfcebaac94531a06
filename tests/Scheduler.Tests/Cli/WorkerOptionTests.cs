using ChangeDetection.Core.Hosting;
using ChangeDetection.TestKit;

namespace ChangeDetection.Scheduler.Tests.Cli;

/// <summary>The programs' command lines, as processes: help, version, and what the worker refuses.</summary>
[Needs(Resource.Processes)]
public sealed class WorkerOptionTests : IDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(1);
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("--slots foo", "--slots: 'foo' is no device. Use 'cpu', 'cpu:N' or 'cuda:N'.")]
    [InlineData("--slots cpu,cpu", "names a slot twice")]
    [InlineData("--slot cpu", "error: There is no option '--slot'. Did you mean '--slots'?")]
    [InlineData("--slots", "error: --slots needs a value.")]
    [InlineData("cpu", "error: 'cpu' is one argument too many.")]
    [InlineData("model show unheard-of", "unheard-of")]
    public async Task Worker_WrongOptions_AreRefusedByTheirName(string line, string message) => await RefusedAsync(line.Split(' '), message);

    [Theory]
    [InlineData(Executables.Scheduler, "demo", "--version")]
    [InlineData(Executables.Worker, "--slots", "--queues", "--data-dir", "--version")]
    [InlineData(Executables.Dashboard, "--port", "--bind", "--data-dir", "--version")]
    public async Task Help_OfEveryProgram_NamesItsOptionsAndIsNoError(string program, params string[] named)
    {
        await using var help = RunningProgram.Start(program, ["--help"]);
        Assert.Equal(0, await help.ExitAsync(s_limit));
        Assert.All(named, word => Assert.Contains(word, help.Text, StringComparison.Ordinal));
        await using var version = RunningProgram.Start(program, ["--version"]);
        Assert.Equal(0, await version.ExitAsync(s_limit));
        Assert.Matches(@"^\d+\.\d+\.\d+\S*$", version.Text.Trim());
    }

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
