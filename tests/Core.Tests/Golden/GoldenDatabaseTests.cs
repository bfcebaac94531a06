using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.Database;
using ChangeDetection.Core.Identity;
using ChangeDetection.Core.Planning;
using ChangeDetection.Core.Runs;
using ChangeDetection.Core.Runs.Datasets;
using ChangeDetection.Core.Runs.Inventory;
using ChangeDetection.Core.Workers;
using ChangeDetection.TestKit;
using Dapper;

namespace ChangeDetection.Core.Tests.Golden;

/// <summary>Databases of earlier releases are brought to this version, and read by every store.</summary>
[Needs(Resource.Database, Resource.Processes)]
public sealed class GoldenDatabaseTests(PostgresServer server)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(GoldenFiles.Releases), MemberType = typeof(GoldenFiles))]
    public async Task Database_OfARelease_IsReadByEveryStore(string release)
    {
        await using var database = await GoldenDatabase.RestoreAsync(server, release);
        var source = database.DataSource;

        var runs = await new RunStore(source).ListAsync(new RunFilter(), Token);
        Assert.NotEmpty(await new ExperimentStore(source).ListAsync([.. runs.Select(run => run.ExperimentId)], Token));
        Assert.Equal(
            [RunKind.Train, RunKind.Evaluate, RunKind.Predict, RunKind.Import], runs.Select(run => run.Kind).Distinct().Order());
        foreach (var run in runs)
        {
            var (config, digest) = await new RunStore(source).ConfigAsync(run.Id, Token);
            if (run.Kind is RunKind.Predict)
                Assert.NotNull(PredictionRequest.FromJson(config).Checkpoint);
            else
                // Another digest would refuse to resume what was begun under this config.
                Assert.Equal(digest, ExperimentDigest.Of(ExperimentJson.Deserialize(config)));
            Assert.NotEmpty(await new AttemptStore(source).ListAsync(run.Id, Token));
            Assert.NotEmpty(await new EventStore(source).ListAsync(run.Id, Token));
        }
        var trained = runs.First(run => run.Kind is RunKind.Train).Id;
        Assert.NotEmpty(await new MetricStore(source).ListAsync(trained, null, Token));
        Assert.NotEmpty(await new LogStore(source).ListAsync(trained, 0, 1000, Token));
        Assert.NotEmpty(await new CheckpointStore(source).ListAsync(trained, Token));
        Assert.NotEmpty(await new DatasetStore(source).OfRunAsync(trained, Token));
        Assert.NotEmpty(await new DatasetStore(source).ListAsync(Token));
        Assert.NotEmpty(await new ArtifactStore(source).ListAsync(runs.First(run => run.Kind is RunKind.Evaluate).Id, Token));
        Assert.NotEmpty(await new WorkerStore(source).ListAsync(all: true, Token));
        Assert.NotEqual(Guid.Empty, (await SystemIdentity.ReadAsync(source, Token)).Id);
        await using var connection = await source.OpenConnectionAsync(Token);
        Assert.NotEmpty(await ObjectInventory.ListAsync(connection, Token).ToListAsync(Token));
    }

    /// <summary>A table that no row went through says nothing of the rows that it will hold.</summary>
    [Theory]
    [MemberData(nameof(GoldenFiles.Releases), MemberType = typeof(GoldenFiles))]
    public async Task Dump_OfARelease_HasRowsInEveryTable(string release)
    {
        var dump = await File.ReadAllTextAsync(GoldenFiles.Of(release, "database.sql"), Token);
        await using var database = await server.CreateEmptyDatabaseAsync();
        await using var connection = await database.DataSource.OpenConnectionAsync(Token);
        await connection.ExecuteAsync(dump);
        var tables = await connection.QueryAsync<string>(
            "select tablename from pg_catalog.pg_tables where schemaname = @schema", new { schema = DataSources.Schema });

        Assert.All(tables, table => Assert.Contains($"INSERT INTO {DataSources.Schema}.{table} ", dump, StringComparison.Ordinal));
    }
}
