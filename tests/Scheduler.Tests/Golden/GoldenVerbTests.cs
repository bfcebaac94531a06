using System.Text.Json;
using ChangeDetection.Core.Identity;
using ChangeDetection.Core.Storage;
using ChangeDetection.TestKit;

namespace ChangeDetection.Scheduler.Tests.Golden;

/// <summary>Verbs on a database of an earlier release.</summary>
[Needs(Resource.Database, Resource.Processes)]
public sealed class GoldenVerbTests(PostgresServer server) : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(GoldenFiles.Releases), MemberType = typeof(GoldenFiles))]
    public async Task Verbs_OnADatabaseOfARelease_Answer(string release)
    {
        await using var database = await GoldenDatabase.RestoreAsync(server, release);
        // Of its objects the one checkpoint alone is kept; the store is its own all the same.
        await StoreMarker.WriteAsync(
            new FileObjectStore(_folder["store"]), (await SystemIdentity.ReadAsync(database.DataSource, CancellationToken.None)).Id, CancellationToken.None);
        var environment = new Dictionary<string, string?>
        {
            ["CHANGEDETECTION_DATABASE"] = database.ConnectionString,
            ["CHANGEDETECTION_STORE"] = new Uri(_folder["store"]).AbsoluteUri,
        };
        var runs = JsonDocument.Parse((await CommandRun.OfAsync(["list", "--json"], environment)).Succeeded()).RootElement.EnumerateArray().ToList();
        var (trained, imported) = (Id("train"), Id("import"));
        var listed = JsonDocument.Parse((await CommandRun.OfAsync(["checkpoint", "list", imported, "--json"], environment)).Succeeded()).RootElement[0];
        await GoldenFiles.UnpackCheckpointAsync(
            release, _folder[$"store/runs/{imported}/checkpoints/{listed.GetProperty("step").GetInt64():D9}-a{listed.GetProperty("attempt").GetInt32()}"]);

        var verbs = new string[][]
        {
            ["show", trained, "--json"], ["show", Experiment("train"), "--json"], ["show", Id("predict"), "--json"], ["logs", trained],
            ["compare", Experiment("train")], ["worker", "list", "--all", "--json"], ["queue", "list", "--json"], ["dataset", "list", "--json"],
            ["checkpoint", "get", imported, "--out", _folder["weights.safetensors"]],
        };
        var answers = await Task.WhenAll(verbs.Select(verb => CommandRun.OfAsync(verb, environment)));

        Assert.All(answers, answer => Assert.NotEqual("", answer.Succeeded()));
        Assert.True(File.Exists(_folder["weights.safetensors"]));

        string Id(string kind) => Of(kind).GetProperty("id").GetString()!;
        string Experiment(string kind) => Of(kind).GetProperty("experiment").GetString()!;
        JsonElement Of(string kind) => runs.First(run => run.GetProperty("kind").GetString() == kind);
    }
}
