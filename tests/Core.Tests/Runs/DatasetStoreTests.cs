using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.Planning;
using ChangeDetection.Core.Runs;
using ChangeDetection.Core.Runs.Datasets;
using ChangeDetection.TestKit;

namespace ChangeDetection.Core.Tests.Runs;

[Needs(Resource.Database, Resource.Processes)]
public sealed class DatasetStoreTests(PostgresServer server)
{
    private static readonly DatasetReference s_first = new(new Uri("file:///data/first"), new string('a', 64));
    private static readonly DatasetReference s_second = new(new Uri("file:///data/second"), new string('b', 64));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Submitted_RunsNameTheDataSetsThatTheyRead()
    {
        await using var database = await server.CreateDatabaseAsync();
        var store = new DatasetStore(database.DataSource);
        var config = Experiments.Config() with { Dataset = new() { Uri = s_first.Uri } };
        var mixed = config with { Dataset = config.Dataset with { Train = new() { Mix = [new MixedSplitConfig { Uri = s_second.Uri }] } } };

        var plain = await SubmitAsync(database, config);
        var both = await SubmitAsync(database, mixed);

        Assert.Equal([s_first], await store.OfRunAsync(plain, Token));
        Assert.Equal([s_first, s_second], await store.OfRunAsync(both, Token));
        var listed = await store.ListAsync(Token);
        Assert.Equal([("second", 2), ("first", 4)], listed.OrderBy(one => one.Runs).Select(one => (one.Name, one.Runs)));
        Assert.All(listed, one => Assert.Null(one.VerifiedAt));
    }

    [Fact]
    public async Task Verified_IsNotedWithTheHashThatWasVerifiedAlone()
    {
        await using var database = await server.CreateDatabaseAsync();
        var store = new DatasetStore(database.DataSource);
        var replaced = s_first with { ManifestSha256 = new string('c', 64) };
        await store.RecordAsync([Record(s_first, "first"), Record(replaced, "first")], Token);

        // A folder is the same with and without its last slash.
        Assert.True(await store.VerifiedAsync(replaced with { Uri = new Uri("file:///data/first/") }, """{"sound": true}""", Token));
        Assert.False(await store.VerifiedAsync(s_second, """{"sound": true}""", Token));

        var verified = Assert.Single(await store.ListAsync(Token), one => one.VerifiedAt is not null);
        Assert.Equal((replaced.ManifestSha256, """{"sound": true}"""), (verified.ManifestSha256, verified.Verification));
    }

    private static async Task<Guid> SubmitAsync(TestDatabase database, ExperimentConfig config)
    {
        await new DatasetStore(database.DataSource).RecordAsync([Record(s_first, "first"), Record(s_second, "second")], Token);
        var plan = ExperimentPlanner.Plan(config, "source", TimeProvider.System.GetUtcNow()).With([s_first, s_second]);
        await new ExperimentStore(database.DataSource).AddAsync(plan.Experiment, plan.Runs, Token);
        return plan.Runs[0].Id;
    }

    private static DatasetRecord Record(DatasetReference reference, string name) => new(reference, name, "{}");
}
