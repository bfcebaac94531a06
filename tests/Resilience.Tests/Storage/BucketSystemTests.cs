using System.Text.Json;
using ChangeDetection.Core.Hosting;
using ChangeDetection.Core.Identity;
using ChangeDetection.Core.Runs;
using ChangeDetection.Core.Storage;
using ChangeDetection.TestKit.Objects;
using ChangeDetection.TestKit;
using ChangeDetection.Weights.Tensors;

[assembly: AssemblyFixture(typeof(ChangeDetection.TestKit.Objects.S3Server))]

namespace ChangeDetection.Resilience.Tests.Storage;

/// <summary>A whole system whose data set, checkpoints and pictures are in a bucket: the same promises, and the same bits, as on files.</summary>
public sealed class BucketSystemTests(PostgresServer postgres, S3Server s3)
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(3);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task S3_WithItsWorkerKilled_EndsInTheBitsOfARunOnFiles()
    {
        var address = await s3.AddressOrSkipAsync();
        var secret = $"canary{Guid.NewGuid():N}";
        var environment = new Dictionary<string, string?>(S3Server.Environment(address)) { ["AWS_SECRET_ACCESS_KEY"] = secret };
        var root = S3Server.NewRoot();
        await PlayAsync(postgres, root, S3Server.Open(new Uri($"{root}/store"), address, new StorageSettings()), environment, secret);
    }

    internal static async Task PlayAsync(PostgresServer postgres, Uri root, IObjectStore store, IReadOnlyDictionary<string, string?> account, string secret)
    {
        // Outlives the system: the last evaluation may still write its pictures there when the test ends.
        using var folder = new TemporaryFolder();
        await using var system = await SystemUnderTest.PrepareApartAsync(postgres);
        var environment = new Dictionary<string, string?>(account)
        {
            ["CHANGEDETECTION_DATABASE"] = system.ConnectionString,
            ["CHANGEDETECTION_STORE"] = store.Root.AbsoluteUri,
            ["CHANGEDETECTION_RETENTION__GRACE"] = "00:00:01",
            ["CHANGEDETECTION_RETENTION__EVERY"] = "00:00:01",
        };
        var scenes = Path.Combine(Path.GetDirectoryName(system.DataDir)!, "scenes");
        (await CommandRun.OfAsync(["dataset", "pack", scenes, "--layout", "sysu", "--out", $"{root}/dataset"], environment)).Succeeded();
        (await CommandRun.OfAsync(["dataset", "verify", $"{root}/dataset"], environment)).Succeeded();
        Assert.Contains("train", (await CommandRun.OfAsync(["dataset", "show", $"{root}/dataset"], environment)).Succeeded(), StringComparison.Ordinal);

        var serve = system.StartServe(environment);
        await serve.LineAsync("scheduler: ready", s_limit);
        var doomed = system.StartWorker(
            ["--slots", "cpu"], new Dictionary<string, string?>(environment) { [CrashPoint.Variable] = $"{CrashPoints.CheckpointPublished}:2" });
        var runs = await SubmitAsync(folder, $"{root}/dataset", environment);
        await doomed.ExitAsync(s_limit);
        var worker = system.StartWorker(["--slots", "cpu"], environment);
        var trained = await system.SucceededAsync(runs[0], s_limit);
        await system.SucceededAsync(runs[1], s_limit);
        Assert.Equal((2, 1), (trained.Attempt, trained.Deaths));

        // The same on files, the data set by HTTP.
        await using var web = await ObjectServer.ServeAsync(Path.Combine(Path.GetDirectoryName(system.DataDir)!, "dataset"));
        worker.Terminate();
        await worker.ExitAsync(s_limit);
        var onFiles = new Dictionary<string, string?>(environment)
        {
            ["CHANGEDETECTION_STORE"] = new Uri(folder["store"] + "/").AbsoluteUri,
            [StorageSettings.PrivateAddressesVariable] = "true",
            // The machine's shard cache has these shards by their content, from the bucket: without it they come by HTTP.
            ["CHANGEDETECTION_CACHE__SHARDS_MB"] = "0",
        };
        // One system has one store, and a second is refused unless somebody says that it is its own.
        await StoreMarker.WriteAsync(new FileObjectStore(folder["store"]), (await SystemIdentity.ReadAsync(system.Database, Token)).Id, Token);
        system.StartWorker(["--slots", "cpu"], onFiles);
        var straight = (await SubmitAsync(folder, web.Address.AbsoluteUri, onFiles))[0];
        await system.SucceededAsync(straight, s_limit);
        Assert.Equal(await system.FinalWeightsAsync(straight), await system.FinalWeightsAsync(runs[0]));
        Assert.Contains(web.Requests, request => request.StartsWith("GET /train-000000.tar bytes=", StringComparison.Ordinal));

        // What is there can be fetched, what is superseded goes.
        var file = folder["weights.safetensors"];
        (await CommandRun.OfAsync(["checkpoint", "get", $"{runs[0]}", "--last", "--out", file], environment)).Succeeded();
        Assert.Equal(await system.FinalWeightsAsync(runs[0]), (await CheckpointFile.VerifyAsync(file, Token)).WeightsSha256);
        Assert.Contains(await KeysAsync(store, runs[1]), key => key.EndsWith(".png", StringComparison.Ordinal));
        await Eventually.TrueAsync("only what is kept to be in the bucket", async () =>
        {
            var kept = (await new CheckpointStore(system.Database).ListAsync(runs[0], Token)).Select(checkpoint => checkpoint.Prefix).ToHashSet();
            var stored = (await KeysAsync(store, runs[0])).Select(key => key[..key.LastIndexOf('/')]).ToHashSet();
            return stored.SetEquals(kept) && kept.Count <= 2;
        }, s_limit);

        Assert.All(new[] { serve, doomed, worker }, part => Assert.DoesNotContain(secret, part.Text, StringComparison.Ordinal));
        Assert.Empty(await TablesWithAsync(system, secret));
    }

    private static async Task<Guid[]> SubmitAsync(TemporaryFolder folder, string dataset, IReadOnlyDictionary<string, string?> environment)
    {
        var file = folder.Write("run.yaml",
            $$"""
            version: 1
            name: bucket
            seed: 5
            dataset:
              uri: {{dataset}}
              train: { split: train, crop: 32, samples_per_epoch: 8 }
            train: { batch_size: 4, epochs: 3 }
            checkpoint: { keep_last: 1 }
            evaluate: { from: best, pictures: 2 }
            resources: { threads: 1 }
            """);
        using var document = JsonDocument.Parse((await CommandRun.OfAsync(["submit", file, "--json"], environment)).Succeeded());
        return [.. document.RootElement.GetProperty("runs").EnumerateArray().Select(run => run.GetProperty("id").GetGuid())];
    }

    private static async Task<List<string>> KeysAsync(IObjectStore store, Guid run) =>
        await store.ListAsync($"{RunObject.Root}{run}/", Token).Select(item => item.Key.Value).ToListAsync(Token);

    /// <summary>Every table that has the text in any of its rows.</summary>
    private static async Task<List<string>> TablesWithAsync(SystemUnderTest system, string text)
    {
        var found = new List<string>();
        await using var list = system.Database.CreateCommand(
            "select format('%I.%I', schemaname, tablename) from pg_tables where schemaname not in ('pg_catalog', 'information_schema')");
        var tables = new List<string>();
        await using (var reader = await list.ExecuteReaderAsync(Token))
        {
            while (await reader.ReadAsync(Token))
                tables.Add(reader.GetString(0));
        }
        Assert.NotEmpty(tables);
        foreach (var table in tables)
        {
            await using var count = system.Database.CreateCommand($"select count(*) from {table} row where row::text like '%' || $1 || '%'");
            count.Parameters.AddWithValue(text);
            if ((long)(await count.ExecuteScalarAsync(Token))! > 0)
                found.Add(table);
        }
        return found;
    }
}
