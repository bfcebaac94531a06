using System.Security.Cryptography;
using System.Text.Json;
using ChangeDetection.Core.Runs;
using ChangeDetection.Core.Workers;
using ChangeDetection.TestKit;

namespace ChangeDetection.Scheduler.Tests.SingleMachine;

[Needs(Resource.Database, Resource.Processes)]
public sealed class SystemThatIsUpTests(SystemThatIsUp up) : IClassFixture<SystemThatIsUp>
{
    private static readonly string[] s_runFields =
        ["id", "experiment", "name", "kind", "state", "reason", "attempt", "worker", "epoch", "step", "progress", "eta_seconds", "metrics"];

    private readonly SystemUnderTest _system = up.System;

    [Fact]
    public async Task Up_OnAFolderThatIsInUse_SaysWhoHoldsItAndLeavesThatOneAlone()
    {
        var second = await _system.CliAsync("up");
        Assert.Equal((2, ""), (second.ExitCode, second.Output));
        Assert.Contains(
            $"The data folder '{_system.DataDir}' is in use by process {_system.Up!.Pid} (changedetection up, since ",
            second.Errors, StringComparison.Ordinal);
        Assert.Contains("Stop that process, or choose another folder with --data-dir.", second.Errors, StringComparison.Ordinal);
        Assert.False(_system.Up.HasExited);
        (await _system.CliAsync("list")).Succeeded();
    }

    /// <summary>One address to copy from the line that is printed; who opened it stays signed in when the dashboard dies and is started again.</summary>
    [Fact]
    public async Task Dashboard_ThatIsPrinted_SignsIn_AndItsReadersOutliveIt()
    {
        var printed = new Uri((await _system.Up!.LineAsync("dashboard:", TimeSpan.FromSeconds(1)))["dashboard:".Length..].Trim());
        var token = printed.Query["?token=".Length..];
        Assert.Equal($"{printed}\n", (await _system.CliAsync("dashboard")).Succeeded());
        using var client = await DashboardSession.OpenAsync(printed);
        var user = $$"""{"user":"{{Environment.UserName}}","role":"admin"}""";
        Assert.Equal(user, await client.GetStringAsync("/session"));

        var dashboard = RunningProgram.Descendants(_system.Up.Pid).Single(
            pid => File.ReadAllText($"/proc/{pid}/cmdline").Contains("changedetection-dashboard", StringComparison.Ordinal));
        RunningProgram.Kill(dashboard);

        await Eventually.TrueAsync("the dashboard again", async () =>
        {
            try
            {
                return !Directory.Exists($"/proc/{dashboard}") && await client.GetStringAsync("/session") == user;
            }
            catch (HttpRequestException)
            {
                return false;
            }
        }, TimeSpan.FromMinutes(1));
        Assert.DoesNotContain(token, await File.ReadAllTextAsync(Path.Combine(_system.DataDir, "logs", "dashboard.log")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("show")]
    [InlineData("watch")]
    [InlineData("logs")]
    [InlineData("cancel")]
    [InlineData("retry")]
    [InlineData("checkpoint list")]
    [InlineData("worker drain")]
    public async Task Verb_WithAnUnknownId_SaysWhichVerbKnowsThem(string verb)
    {
        var id = Guid.NewGuid();
        var run = await _system.CliAsync([.. verb.Split(' '), id.ToString()]);
        Assert.Equal((2, ""), (run.ExitCode, run.Output));
        Assert.Contains($"{id}", run.Errors, StringComparison.Ordinal);
        Assert.Contains("list'", run.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Json_OfEveryReadingVerb_IsOneDocumentWithTheFieldsScriptsRelyOn()
    {
        var runs = await _system.SubmitAsync("fields", epochs: 1, evaluate: true);
        await WorkAsync(runs[0]);

        var listed = (await JsonAsync("list")).EnumerateArray().ToList();
        Assert.Equal(runs, listed.Select(run => run.GetProperty("id").GetGuid()).Where(runs.Contains));
        Assert.All(listed, run => AssertFields(run, s_runFields));
        var trained = listed.Single(run => run.GetProperty("id").GetGuid() == runs[0]);
        Assert.Equal(0.5, trained.GetProperty("metrics").GetProperty("val/f1").GetDouble());
        Assert.Equal(
            ["train", "evaluate"],
            listed.Where(run => runs.Contains(run.GetProperty("id").GetGuid())).Select(run => run.GetProperty("kind").GetString()));
        Assert.InRange(trained.GetProperty("progress").GetDouble(), 0, 1);

        var shown = await JsonAsync("show", $"{runs[0]}");
        AssertFields(shown, [.. s_runFields, "best", "events"]);
        Assert.Equal(0.75, shown.GetProperty("best").GetProperty("val/f1").GetDouble());
        Assert.All(shown.GetProperty("events").EnumerateArray(), entry => AssertFields(entry, "at", "type", "attempt", "detail"));
        Assert.Equal("submitted", shown.GetProperty("events")[0].GetProperty("type").GetString());

        var experiment = await JsonAsync("show", $"{shown.GetProperty("experiment").GetGuid()}");
        Assert.Equal(runs, experiment.GetProperty("runs").EnumerateArray().Select(run => run.GetProperty("id").GetGuid()));

        var checkpoint = (await JsonAsync("checkpoint", "list", $"{runs[0]}")).EnumerateArray().Single();
        AssertFields(checkpoint, "epoch", "step", "attempt", "best", "last", "sha256", "bytes", "metrics");
        Assert.Equal(
            (10L, true, true),
            (checkpoint.GetProperty("step").GetInt64(), checkpoint.GetProperty("best").GetBoolean(), checkpoint.GetProperty("last").GetBoolean()));

        var worker = (await JsonAsync("worker", "list", "--all")).EnumerateArray().First();
        AssertFields(worker, "id", "host", "pid", "state", "slots", "lease_age_seconds");
        AssertFields(worker.GetProperty("slots")[0], "name", "run", "trainer_pid");

        Assert.All((await JsonAsync("queue", "list")).EnumerateArray(), queue => AssertFields(queue, "queue", "priority", "device", "ready", "waiting"));
    }

    [Fact]
    public async Task Submit_Json_IsOneDocumentWithTheExperimentAndItsRuns()
    {
        var file = Path.Combine(Path.GetDirectoryName(_system.DataDir)!, "submitted.yaml");
        await File.WriteAllTextAsync(file, "version: 1\nname: submitted\ndataset: { uri: dataset }\n", CancellationToken.None);
        var submitted = await JsonAsync("submit", file);
        Assert.NotEqual(Guid.Empty, submitted.GetProperty("experiment").GetGuid());
        Assert.All(submitted.GetProperty("runs").EnumerateArray(), run => AssertFields(run, "id", "name", "kind"));

        var id = (await _system.CliAsync("submit", file)).Succeeded().Trim();
        Assert.Equal(RunState.Queued, (await _system.Runs.ListAsync(new RunFilter(Experiment: Guid.Parse(id)), CancellationToken.None))[0].State);
    }

    [Fact]
    public async Task Submit_RecordsTheDataSet_AndVerifyNotesWhatItFound()
    {
        var folder = Path.GetDirectoryName(_system.DataDir)!;
        var file = Path.Combine(folder, "recorded.yaml");
        await File.WriteAllTextAsync(file, "version: 1\nname: recorded\ndataset: { uri: dataset }\n", CancellationToken.None);
        var run = (await JsonAsync("submit", file)).GetProperty("runs")[0].GetProperty("id").GetGuid();
        var sha256 = Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(Path.Combine(_system.Dataset, "dataset.json"))));

        var read = (await JsonAsync("show", $"{run}")).GetProperty("datasets").EnumerateArray().Single();
        Assert.Equal(
            (sha256, $"file://{_system.Dataset}"), (read.GetProperty("manifest_sha256").GetString(), read.GetProperty("uri").GetString()));
        var recorded = (await JsonAsync("dataset", "list")).EnumerateArray().Single();
        AssertFields(recorded, "name", "uri", "manifest_sha256", "runs", "submitted_at", "verified_at", "verification", "summary");
        Assert.Equal(
            16, recorded.GetProperty("summary").GetProperty("splits").GetProperty("train").GetProperty("samples").GetInt32());

        (await _system.CliAsync("dataset", "verify", _system.Dataset)).Succeeded();

        recorded = (await JsonAsync("dataset", "list")).EnumerateArray().Single();
        Assert.True(recorded.GetProperty("verification").GetProperty("sound").GetBoolean());
        Assert.Contains("sound", (await _system.CliAsync("dataset", "list")).Succeeded(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task List_WithoutJson_NamesRunsAndStates()
    {
        var run = (await _system.SubmitAsync("named-in-the-table", epochs: 1))[0];
        Assert.Contains($"run {run}", (await _system.CliAsync("show", $"{run}")).Succeeded(), StringComparison.Ordinal);
        Assert.Contains("queued", (await _system.CliAsync("list")).Succeeded(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task PauseResumeCancelRetry_OfARunAndOfItsExperiment_AnswerWithStateAndWords()
    {
        var runs = await _system.SubmitAsync("steered", epochs: 1, evaluate: true);
        var experiment = (await _system.FindAsync(runs[0])).ExperimentId;

        Assert.Equal($"{runs[0]}  steered: paused\n", (await _system.CliAsync("pause", $"{runs[0]}")).Succeeded());
        var refused = await _system.CliAsync("retry", $"{runs[0]}");
        Assert.Equal((1, ""), (refused.ExitCode, refused.Output));
        Assert.Contains(
            $"error: {runs[0]}  steered is paused, so it cannot be retried. It can be resumed or cancelled.",
            refused.Errors, StringComparison.Ordinal);

        var resumed = await _system.CliAsync("resume", $"{experiment}");
        Assert.Equal($"{runs[0]}  steered: queued again\n", resumed.Succeeded());
        Assert.Contains("1 of 2 runs stay as they are.", resumed.Errors, StringComparison.Ordinal);

        var cancelled = (await JsonAsync("cancel", $"{experiment}")).EnumerateArray().ToList();
        Assert.All(cancelled, answer => AssertFields(answer, "id", "name", "state", "accepted", "detail"));
        Assert.Equal(runs, cancelled.Select(answer => answer.GetProperty("id").GetGuid()));
        Assert.All(
            cancelled,
            answer => Assert.Equal(("cancelled", true), (answer.GetProperty("state").GetString(), answer.GetProperty("accepted").GetBoolean())));

        Assert.Equal(1, (await _system.CliAsync("retry", $"{experiment}", "--failed-only")).ExitCode);
        (await _system.CliAsync("retry", $"{experiment}")).Succeeded();
        Assert.Equal((RunState.Queued, $"waits for {runs[0]}"), ((await _system.FindAsync(runs[1])).State, (await _system.FindAsync(runs[1])).Reason));
    }

    /// <summary>What a worker writes while it trains: slot, claim, scores and a checkpoint.</summary>
    [Fact]
    public async Task Verbs_TextOfARunThatWouldRepaintTheTerminal_IsPrintedHarmless()
    {
        var run = (await _system.SubmitAsync("harmless", epochs: 1, evaluate: false))[0];
        await WorkAsync(run);
        await using (var connection = await _system.Database.OpenConnectionAsync())
        await using (var command = connection.CreateCommand())
        {
            command.CommandText = "insert into log_lines (run_id, attempt, seq, level, text) values ($1, 1, 1, 'info', $2)";
            command.Parameters.AddWithValue(run);
            command.Parameters.AddWithValue("a\u001b[2Jb\u009b31mc\nd\u202ee");
            await command.ExecuteNonQueryAsync();
            command.CommandText = "update runs set name = 'x' || chr(27) || '[31m', reason = chr(7) || 'y' where id = $1";
            command.Parameters.RemoveAt(1);
            await command.ExecuteNonQueryAsync();
        }
        Assert.Contains("a\uFFFD[2Jb\uFFFD31mc\uFFFDd\uFFFDe", (await _system.CliAsync("logs", $"{run}")).Succeeded(), StringComparison.Ordinal);
        foreach (var arguments in new[] { new[] { "show", $"{run}" }, ["list"], ["list", "--json"], ["show", $"{run}", "--json"] })
        {
            var said = (await _system.CliAsync(arguments)).Succeeded();
            Assert.Contains("[31m", said, StringComparison.Ordinal);
            Assert.DoesNotContain(said, character => char.IsControl(character) && character != '\n');
        }
    }

    private async Task WorkAsync(Guid run)
    {
        var worker = new WorkerRecord { Id = Guid.NewGuid(), Host = "host", Pid = 1, Version = "test" };
        await new WorkerStore(_system.Database).RegisterAsync(
            worker with { Slots = [new SlotRecord { WorkerId = worker.Id, Name = "cpu", Device = "cpu", DeviceName = "CPU" }] }, CancellationToken.None);
        var claim = await new LeaseStore(_system.Database, new LeaseSettings()).ClaimAsync(
            run, worker.Id, "host", "cpu", Guid.NewGuid(), CancellationToken.None);
        await using var fence = await FencedTransaction.BeginAsync(_system.Database, claim!, CancellationToken.None);
        await fence.ExecuteAsync(
            "insert into metrics (run_id, name, step, epoch, value, attempt) values (@run, 'val/f1', 5, 0, 0.75, @attempt), (@run, 'val/f1', 10, " +
                "1, 0.5, @attempt)",
            null, CancellationToken.None);
        await CheckpointStore.AddAsync(fence, new CheckpointRecord
        {
            Step = 10,
            Epoch = 1,
            Prefix = $"runs/{run}/checkpoints/10",
            WeightsSha256 = new string('a', 64),
            ManifestSha256 = new string('b', 64),
            Bytes = 1,
            Best = true,
            Metrics = """{"val/f1": 0.5}""",
        }, CancellationToken.None);
        await fence.CommitAsync(CancellationToken.None);
    }

    private async Task<JsonElement> JsonAsync(params string[] arguments) =>
        // Parsing fails on anything that stands before or after the document.
        JsonDocument.Parse((await _system.CliAsync([.. arguments, "--json"])).Succeeded()).RootElement;

    private static void AssertFields(JsonElement document, params string[] names) =>
        Assert.All(names, name => Assert.True(document.TryGetProperty(name, out _), $"'{name}' is missing in {document}"));
}
