using System.Text.Json;
using ChangeDetection.Core.Hosting;
using ChangeDetection.Core.Storage;
using ChangeDetection.Scheduler.Cli;
using ChangeDetection.Scheduler.Cli.Output;
using ChangeDetection.Scheduler.Tests.Daemon;
using ChangeDetection.TestKit;
using Dapper;

namespace ChangeDetection.Scheduler.Tests.Retention;

/// <summary><c>storage</c>, <c>delete</c>, <c>archive</c> and what <c>list</c> shows of them, by exit code, text and JSON.</summary>
[Needs(Resource.Database, Resource.Processes)]
public sealed class UpkeepVerbTests(PostgresServer server) : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private TestDatabase _database = null!;
    private StoredRun _ended = null!;
    private StoredRun _running = null!;

    public async ValueTask InitializeAsync()
    {
        _database = await server.CreateDatabaseAsync();
        var store = new FileObjectStore(_folder["data/store"]);
        (_ended, _running) = (await StoredRun.BeginAsync(_database, store), await StoredRun.BeginAsync(_database, store));
        await _ended.PublishAsync(1, keepLast: 2, optimizer: 500);
        await _ended.PublishAsync(2, keepLast: 2, optimizer: 500);
        await StoredRun.EndAsync(_database, _ended.Claim);
        _folder.Write("data/cache/copy", "cached");
    }

    public async ValueTask DisposeAsync()
    {
        await _database.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Storage_AsJsonAndAsText_SaysWhatIsTakenAndWhatCouldGo()
    {
        using var json = JsonDocument.Parse((await CliAsync("storage", "--json")).Succeeded());
        var text = (await CliAsync("storage")).Succeeded();

        var kinds = json.RootElement.GetProperty("store").GetProperty("kinds");
        Assert.Equal((200_100, 1000), (kinds.GetProperty("weights").GetInt64(), kinds.GetProperty("optimizer").GetInt64()));
        Assert.Equal(6, json.RootElement.GetProperty("machine").GetProperty("cache").GetProperty("bytes").GetInt64());
        Assert.InRange(json.RootElement.GetProperty("database").GetProperty("bytes").GetInt64(), 1_000_000, long.MaxValue);
        var experiment = json.RootElement.GetProperty("experiments")[0];
        Assert.Equal(100_550 + 500, experiment.GetProperty("archive_frees").GetInt64());
        Assert.Equal(201_100, experiment.GetProperty("bytes").GetInt64());
        Assert.Equal(500, json.RootElement.GetProperty("could_go")[0].GetProperty("bytes").GetInt64());
        Assert.Contains($"{"weights",-14}{"195 KiB",12}", text, StringComparison.Ordinal);
        Assert.Contains(
            "optimizer states of runs that have ended, by checkpoint.keep_optimizer: changedetection checkpoint gc", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Delete_DryRun_SaysExactlyWhatThenGoes()
    {
        using var planned = JsonDocument.Parse((await CliAsync("delete", $"{_ended.Id}", "--dry-run", "--json")).Succeeded());
        var text = (await CliAsync("delete", $"{_ended.Id}", "--dry-run")).Succeeded();
        using var done = JsonDocument.Parse((await CliAsync("delete", $"{_ended.Id}", "--json")).Succeeded());

        Assert.Equal((true, false), (planned.RootElement.GetProperty("dry_run").GetBoolean(), planned.RootElement.GetProperty("deleted").GetBoolean()));
        Assert.Equal((false, true), (done.RootElement.GetProperty("dry_run").GetBoolean(), done.RootElement.GetProperty("deleted").GetBoolean()));
        foreach (var same in new[] { "runs", "experiments", "bytes", "rows" })
            Assert.Equal(planned.RootElement.GetProperty(same).ToString(), done.RootElement.GetProperty(same).ToString());
        Assert.Equal(200_100, done.RootElement.GetProperty("bytes").GetProperty("weights").GetInt64());
        Assert.Contains("1 runs, 1 experiments, 201100 bytes of objects: would go.", text, StringComparison.Ordinal);
        Assert.Contains("weights 200100, optimizer 1000", text, StringComparison.Ordinal);
        var listed = JsonDocument.Parse((await CliAsync("list", "--json")).Succeeded()).RootElement;
        Assert.Equal([_running.Id], listed.EnumerateArray().Select(run => run.GetProperty("id").GetGuid()));
    }

    [Fact]
    public async Task Delete_OfARunThatRuns_FailsSayingWhatToDo_AndOfNone_IsAWrongCommand()
    {
        var refused = await CliAsync("delete", $"{_running.Id}", $"{_ended.Id}");
        Assert.Equal((1, ""), (refused.ExitCode, refused.Output));
        Assert.Contains($"is running, so it is not deleted. Cancel it first: changedetection cancel {_running.Id}.", refused.Errors, StringComparison.Ordinal);
        Assert.Contains("Nothing was deleted.", refused.Errors, StringComparison.Ordinal);

        var nobody = Guid.CreateVersion7();
        var unknown = await CliAsync("delete", $"{_ended.Id}", $"{nobody}");
        Assert.Equal((2, ""), (unknown.ExitCode, unknown.Output));
        Assert.Contains($"There is no run and no experiment {nobody}. Nothing was deleted.", unknown.Errors, StringComparison.Ordinal);
        Assert.Equal(2, JsonDocument.Parse((await CliAsync("list", "--json")).Succeeded()).RootElement.GetArrayLength());
    }

    [Theory]
    [InlineData("", 1)]
    [InlineData("no", 1)]
    [InlineData("y", 0)]
    public async Task Delete_AtATerminal_Asks(string answer, int code)
    {
        var (output, log) = (new StringWriter(), new StringWriter());
        var terminal = new Terminal(output, log, interactive: false, TimeProvider.System) { Answers = new StringReader(answer) };
        // As if the system were up here: this process has an environment in common with other tests.
        var folder = DataFolder.Open(_folder["up"]);
        _folder.Write("up/postgres.json", "{}");
        using var owner = OwnerLock.TryTake(folder, "test", TimeProvider.System);
        new ConnectionFile(_database.ConnectionString, new Uri(_folder["data/store"]), null, Environment.ProcessId).Write(folder);

        var ended = await CommandLine.RunAsync(
            CommandLine.Create(terminal), ["delete", $"{_ended.Id}", "--data-dir", folder.Path], terminal, TestContext.Current.CancellationToken);

        Assert.Equal(code, ended);
        Assert.Contains("Delete 1 runs, 1 experiments, 201100 bytes for good? [y/N]", log.ToString(), StringComparison.Ordinal);
        await using var connection = await _database.DataSource.OpenConnectionAsync();
        Assert.Equal(code == 0 ? 1 : 2, await connection.ExecuteScalarAsync<int>("select count(*) from runs"));
    }

    [Fact]
    public async Task Archive_TakesAnExperimentOutOfTheList_AndUnarchiveBringsItBack()
    {
        var experiment = await ExperimentAsync(_ended.Id);
        Assert.Contains(
            "would be archived; 101050 bytes would go", (await CliAsync("archive", $"{experiment}", "--dry-run")).Succeeded(), StringComparison.Ordinal);

        Assert.Contains("archived; 101050 bytes go after the grace time", (await CliAsync("archive", $"{experiment}")).Succeeded(), StringComparison.Ordinal);

        Assert.Equal([_running.Id], await ListedAsync());
        Assert.Equal([_ended.Id], await ListedAsync("--archived"));
        Assert.Equal(2, (await ListedAsync("--all")).Count);
        Assert.Contains("archived ", (await CliAsync("show", $"{experiment}")).Succeeded(), StringComparison.Ordinal);
        var kept = JsonDocument.Parse((await CliAsync("checkpoint", "list", $"{_ended.Id}", "--json")).Succeeded()).RootElement;
        Assert.False(Assert.Single(kept.EnumerateArray()).GetProperty("resumable").GetBoolean());
        Assert.Equal(2, (await CliAsync("archive", $"{_ended.Id}")).ExitCode);
        var running = await CliAsync("archive", $"{await ExperimentAsync(_running.Id)}");
        Assert.Equal((1, ""), (running.ExitCode, running.Output));
        Assert.Contains($"its run {_running.Id} (run) is running", running.Errors, StringComparison.Ordinal);

        Assert.Contains("back in the listings", (await CliAsync("unarchive", $"{experiment}")).Succeeded(), StringComparison.Ordinal);
        Assert.Equal(2, (await ListedAsync()).Count);
    }

    private async Task<List<Guid>> ListedAsync(params string[] options) =>
        [.. JsonDocument.Parse((await CliAsync(["list", "--json", .. options])).Succeeded()).RootElement.EnumerateArray()
            .Select(run => run.GetProperty("id").GetGuid())];

    private async Task<Guid> ExperimentAsync(Guid run)
    {
        await using var connection = await _database.DataSource.OpenConnectionAsync();
        return await connection.ExecuteScalarAsync<Guid>("select experiment_id from runs where id = @run", new { run });
    }

    private Task<CommandRun> CliAsync(params string[] arguments) => CommandRun.OfAsync(arguments, new Dictionary<string, string?>
    {
        ["CHANGEDETECTION_DATABASE"] = _database.ConnectionString,
        ["CHANGEDETECTION_DATA_DIR"] = _folder["data"],
    });
}
