using System.Text.Json;
using ChangeDetection.Core.Hosting;
using ChangeDetection.TestKit;

namespace ChangeDetection.Scheduler.Tests.Cli.Doctor;

/// <summary>Each check says what was seen and, where something is wrong, what to do; nothing is made or left.</summary>
[Needs(Resource.Database, Resource.Processes)]
public sealed class DoctorVerbTests(PostgresServer server) : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Doctor_WithoutAnySystem_ChecksTheMachine_AndSaysWhatItDidNotCheckAndWhy()
    {
        var run = await CommandRun.OfAsync(["doctor", "--json", "--data-dir", _folder["data"]]);

        var document = JsonDocument.Parse(run.Output).RootElement;
        Assert.True(run.ExitCode == 0, run.Output);
        Assert.True(document.GetProperty("ok").GetBoolean());
        Assert.Equal("skipped", State(document, "system"));
        Assert.Equal("ok", State(document, "libtorch"));
        Assert.Equal("ok", State(document, "device cpu"));
        Assert.Matches(@"^cpu, 1 threads of \w+; libtorch 2\.10\.0, without CUDA; a small convolution is exact$", Of(document, "device cpu", "seen"));
        Assert.Equal("there is no system", Of(document, "database", "seen"));
        Assert.Equal("skipped", State(document, "store"));
        Assert.StartsWith("loaded: libicuuc", Of(document, "icu", "seen"), StringComparison.Ordinal);
        Assert.All(document.GetProperty("checks").EnumerateArray(), check => Assert.Equal(
            ["name", "state", "seen", "problem", "remedy", "seconds"], check.EnumerateObject().Select(field => field.Name)));
        Assert.False(Directory.Exists(_folder["data"]));
    }

    [Fact]
    public async Task Doctor_OfABrokenDevice_AndAStoreThatCannotBeWritten_FailsAndSaysWhatToDo()
    {
        await using var database = await server.CreateDatabaseAsync();

        var run = await CommandRun.OfAsync(["doctor"], new Dictionary<string, string?>
        {
            ["CHANGEDETECTION_DATABASE"] = database.ConnectionString,
            ["CHANGEDETECTION_STORE"] = $"file://{_folder.Write("store", "no folder")}",
            ["CHANGEDETECTION_DATA_DIR"] = _folder["data"],
            ["CHANGEDETECTION_FAULTY_DEVICE"] = _folder.Write("broken", ""),
        });

        Assert.True(run.ExitCode == 1, run.Output);
        Assert.Matches(@"(?m)^FAILED   device cpu      \S", run.Output);
        Assert.Contains("it cannot compute: ExternalException: CUDA error", run.Output, StringComparison.Ordinal);
        Assert.Contains("'changedetection-worker check' tells libtorch, driver and device apart.", run.Output, StringComparison.Ordinal);
        Assert.Matches(@"(?m)^ok       database        PostgreSQL ", run.Output);
        Assert.Matches(@"(?m)^FAILED   store           file://", run.Output);
        Assert.Contains($"it cannot be written to from {Environment.MachineName}: ", run.Output, StringComparison.Ordinal);
        Assert.Contains("checks failed: device cpu, store", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("Password", run.Output + run.Errors, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Doctor_OnADataFolderWhoseSystemIsDown_ChecksItsStoreAndDisks_AndStartsNothing()
    {
        var folder = DataFolder.Open(_folder["data"]);
        File.WriteAllText(folder.Cluster, "{}");

        var run = await CommandRun.OfAsync(["doctor", "--data-dir", folder.Path]);

        Assert.True(run.ExitCode == 0, run.Output);
        Assert.Contains($"the one in '{folder}', which is down", run.Output, StringComparison.Ordinal);
        Assert.Contains($"not checked: the system is down; 'changedetection up --data-dir {folder}' starts it", run.Output, StringComparison.Ordinal);
        Assert.Matches(@"(?m)^ok       store           .* a key that is taken is kept$", run.Output);
        Assert.Matches(@"(?m)^(ok     |warning)  data folder     ", run.Output);
        Assert.False(Directory.Exists(folder.Postgres));
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Store));
    }

    private static string State(JsonElement document, string name) => Of(document, name, "state");

    private static string Of(JsonElement document, string name, string field) => document.GetProperty("checks").EnumerateArray()
        .Single(check => check.GetProperty("name").GetString() == name).GetProperty(field).GetString()!;
}
