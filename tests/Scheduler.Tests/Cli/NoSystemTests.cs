using System.Net;
using System.Net.Sockets;
using ChangeDetection.TestKit;

namespace ChangeDetection.Scheduler.Tests.Cli;

/// <summary>Verbs where there is no system to talk to: each says so, and leaves nothing.</summary>
[Needs(Resource.Processes)]
public sealed class NoSystemTests : IDisposable
{
    private const string Id = "0199c0de-0000-7000-8000-000000000000";
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("list --json")]
    [InlineData($"show {Id}")]
    [InlineData($"watch {Id}")]
    [InlineData($"logs {Id}")]
    [InlineData($"cancel {Id}")]
    [InlineData($"checkpoint list {Id}")]
    [InlineData("worker list")]
    [InlineData("queue list")]
    public async Task Verb_OnADataFolderThatNeverExisted_SaysSoAndMakesNone(string line)
    {
        (await VerbRun.OfAsync([.. line.Split(' '), "--data-dir", _folder["data"]]))
            .Refused(2, $"No system has lived in '{_folder["data"]}' yet", "changedetection up", "--data-dir");
        Assert.False(Directory.Exists(_folder["data"]));
    }

    [Fact]
    public async Task Up_PortThatIsTaken_IsRefusedBeforeAnythingIsMade()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port;
        (await VerbRun.OfAsync("up", "--port", $"{port}", "--data-dir", _folder["data"])).Refused(2, $"Port {port} is taken", "--port");
        Assert.False(Directory.Exists(_folder["data"]));
    }

    [Fact]
    public async Task Up_WhileTheEnvironmentNamesAnotherDatabase_IsRefusedBeforeAnythingIsMade()
    {
        var run = await CommandRun.OfAsync(["up"], Database("Host=127.0.0.1;Port=1;Username=u;Password=canary-7f3a"));
        Assert.Equal((2, ""), (run.ExitCode, run.Output));
        Assert.Contains("CHANGEDETECTION_DATABASE names another", run.Errors, StringComparison.Ordinal);
        Assert.Contains("--data-dir", run.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("canary", run.Errors, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder["data"]));
    }

    [Theory]
    [InlineData("up")]
    [InlineData("demo")]
    public async Task Up_WithoutPostgresPrograms_NamesThePackageAndLeavesNoTrace(string verb)
    {
        var run = await CommandRun.OfAsync(
            [verb, "--data-dir", _folder["data"]], new Dictionary<string, string?> { ["CHANGEDETECTION_POSTGRES_BIN"] = "/nowhere" });
        Assert.Equal(2, run.ExitCode);
        Assert.Contains("not found in '/nowhere', the folder that CHANGEDETECTION_POSTGRES_BIN names", run.Errors, StringComparison.Ordinal);
        Assert.Contains("Install the package postgresql", run.Errors, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public async Task Serve_WithoutADatabase_SaysWhatToSet()
    {
        var run = await CommandRun.OfAsync(["serve"], Database(null));
        Assert.Equal((2, ""), (run.ExitCode, run.Output));
        Assert.Contains("serve needs CHANGEDETECTION_DATABASE", run.Errors, StringComparison.Ordinal);
        Assert.Contains("changedetection up", run.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("serve")]
    [InlineData("list")]
    public async Task Database_TextThatIsNoConnectionString_IsRefusedWithoutRepeatingIt(string verb)
    {
        var run = await CommandRun.OfAsync([verb], Database("Hst=db;Password=canary-7f3a"));
        Assert.Equal((2, ""), (run.ExitCode, run.Output));
        Assert.Contains("CHANGEDETECTION_DATABASE is no connection string", run.Errors, StringComparison.Ordinal);
        Assert.Contains("'Host=db;", run.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("canary", run.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Database_ThatDoesNotAnswer_FailsWithWhereToLook()
    {
        var run = await CommandRun.OfAsync(["list"], Database("Host=127.0.0.1;Port=1;Username=u;Password=canary-7f3a"));
        Assert.Equal((1, ""), (run.ExitCode, run.Output));
        Assert.Contains("The database does not answer (no connection: Connection refused)", run.Errors, StringComparison.Ordinal);
        Assert.Contains("CHANGEDETECTION_DATABASE", run.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("canary", run.Errors, StringComparison.Ordinal);
    }

    private Dictionary<string, string?> Database(string? connectionString) => new()
    {
        ["CHANGEDETECTION_DATABASE"] = connectionString,
        ["CHANGEDETECTION_DATA_DIR"] = _folder["data"],
    };
}
