using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.Runs;
using ChangeDetection.Core.Runs.Retention;
using ChangeDetection.TestKit;
using Dapper;

namespace ChangeDetection.Core.Tests.Runs.Retention;

/// <summary>A run goes with everything or not at all; what runs, or what another run reads, does not go.</summary>
[Needs(Resource.Database, Resource.Processes)]
public sealed class RunDeletionTests(PostgresServer server)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Delete_OfOneOfTwo_TakesItsRowsOfEveryTable_AndNoOther()
    {
        await using var database = await server.CreateDatabaseAsync();
        var (goes, stays) = (await PublishedRun.MakeAsync(database, 2, 70), await PublishedRun.MakeAsync(database, 2, 70));
        await goes.SetAsync("failed");
        await stays.SetAsync("succeeded");
        var before = await CountsAsync(database, stays.Id);
        var disposal = new RunDisposal(database.DataSource);
        var planned = await disposal.PlanDeletionAsync([goes.Id], withDependents: false, Token);
        Assert.Equal(before, await CountsAsync(database, goes.Id));

        var done = await disposal.DeleteAsync([goes.Id], withDependents: false, Token);

        Assert.Equal(before, planned.Rows.ToDictionary());
        Assert.Equal(planned.Rows.ToDictionary(), done.Rows.ToDictionary());
        // A picture of two names is one object; weights of 30 bytes, an optimizer of 70.
        Assert.Equal(
            [("optimizer", 140L), ("pictures", 11), ("strips", 5), ("weights", 60)],
            Assert.Single(planned.Runs).Bytes.Select(kind => (kind.Key, kind.Value)).Order());
        Assert.Equal([goes.Experiment], done.Experiments.Select(experiment => experiment.Id));
        Assert.Empty(await CountsAsync(database, goes.Id));
        Assert.Equal(before, await CountsAsync(database, stays.Id));
        Assert.Null(await new ExperimentStore(database.DataSource).FindAsync(goes.Experiment, Token));
        // Again: nothing is left to do, and that is no mistake.
        var again = await disposal.DeleteAsync([goes.Experiment], withDependents: false, Token);
        Assert.True(again.IsPossible);
        Assert.Equal(goes.Id, Assert.Single(again.DeletedBefore).RunId);
    }

    [Fact]
    public async Task Delete_KnowsEveryTableThatRefersToRuns()
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var connection = await database.DataSource.OpenConnectionAsync(Token);
        var referring = await connection.QueryAsync<string>(
            "select distinct conrelid::regclass::text from pg_constraint where confrelid = 'runs'::regclass and contype = 'f'");

        Assert.Equal(
            RunDeletion.Tables.Except(["uploads"]).Concat(["run_dependencies", "runs", "worker_slots"]).Order(StringComparer.Ordinal),
            referring.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("queued")]
    [InlineData("running")]
    [InlineData("paused")]
    public async Task Delete_OfWhatHasNotEnded_IsRefused_AndTakesNothingElseEither(string state)
    {
        await using var database = await server.CreateDatabaseAsync();
        var (living, ended) = (await PublishedRun.MakeAsync(database, 1), await PublishedRun.MakeAsync(database, 1));
        await living.SetAsync(state);
        await ended.SetAsync("succeeded");

        var refused = await new RunDisposal(database.DataSource).DeleteAsync([ended.Id, living.Experiment], withDependents: true, Token);

        var refusal = Assert.Single(refused.Refusals);
        Assert.Equal((living.Id, (Guid?)null), (refusal.Run, refusal.By));
        Assert.Contains($"is {state}, so it is not deleted. Cancel it first: changedetection cancel {living.Id}", refusal.Words, StringComparison.Ordinal);
        Assert.NotEmpty(await CountsAsync(database, ended.Id));
    }

    [Theory]
    [InlineData("evaluates its checkpoint")]
    [InlineData("started from its checkpoint")]
    [InlineData("predicts with its checkpoint")]
    public async Task Delete_OfARunThatAnotherReads_IsRefusedNamingIt_OrTakesItAlong(string does)
    {
        await using var database = await server.CreateDatabaseAsync();
        var source = await PublishedRun.MakeAsync(database, 1);
        var (reader, second) = (await PublishedRun.MakeAsync(database, 1), await PublishedRun.MakeAsync(database, 1));
        var key = RunObject.Checkpoint(source.Id, 1, 1);
        await reader.ExecuteAsync(does switch
        {
            "evaluates its checkpoint" => $"update runs set kind = 'evaluate', source_run = '{source.Id}' where id = @Id",
            "predicts with its checkpoint" =>
                $$$"""update runs set kind = 'predict', config = '{"checkpoint": {"prefix": "{{{key}}}"}}' where id = @Id""",
            _ => $"update runs set config = jsonb_set(config, '{{model,init}}', to_jsonb('s3://b/p/{key}/weights.safetensors'::text)) where id = @Id",
        });
        await second.ExecuteAsync($"update runs set kind = 'evaluate', source_run = '{reader.Id}' where id = @Id");
        foreach (var run in new[] { source, reader, second })
            await run.SetAsync("succeeded");
        var disposal = new RunDisposal(database.DataSource);

        var refused = await disposal.DeleteAsync([source.Id], withDependents: false, Token);
        var refusal = Assert.Single(refused.Refusals);
        Assert.Equal((source.Id, (Guid?)reader.Id), (refusal.Run, refusal.By));
        Assert.Contains(does, refusal.Words, StringComparison.Ordinal);
        Assert.NotEmpty(await CountsAsync(database, source.Id));

        var done = await disposal.DeleteAsync([source.Id], withDependents: true, Token);

        Assert.Equal(new[] { source.Id, reader.Id, second.Id }.Order(), done.Runs.Select(run => run.Id));
        Assert.Equal(reader.Id, done.Runs.Single(run => run.Id == second.Id).DependsOn);
        Assert.All(new[] { source, reader, second }, run => Assert.Contains(run.Experiment, done.Experiments.Select(experiment => experiment.Id)));
    }

    [Fact]
    public async Task Delete_OfATrainingAndItsEvaluationTogether_NeedsNoMore_AndAlone_LeavesTheExperiment()
    {
        await using var database = await server.CreateDatabaseAsync();
        var (training, evaluation) = await Experiments.SubmitPairAsync(database);
        await using var connection = await database.DataSource.OpenConnectionAsync(Token);
        await connection.ExecuteAsync("update runs set state = 'cancelled'");
        var disposal = new RunDisposal(database.DataSource);

        Assert.False((await disposal.PlanDeletionAsync([training], withDependents: false, Token)).IsPossible);
        Assert.Empty((await disposal.DeleteAsync([evaluation], withDependents: false, Token)).Experiments);
        Assert.Single((await disposal.DeleteAsync([training], withDependents: false, Token)).Experiments);
        Assert.Equal(0, await connection.ExecuteScalarAsync<int>("select count(*) from experiments"));
    }

    [Fact]
    public async Task Delete_OfWhatIsNotThere_IsKnownAsThat()
    {
        await using var database = await server.CreateDatabaseAsync();
        var nobody = Guid.CreateVersion7();

        var plan = await new RunDisposal(database.DataSource).DeleteAsync([nobody], withDependents: false, Token);

        Assert.False(plan.IsPossible);
        Assert.Equal([nobody], plan.Unknown);
    }

    [Fact]
    public async Task Submit_OfAReaderOfADeletedRun_IsRefused_AndWaitsForADeletionUnderWay()
    {
        await using var database = await server.CreateDatabaseAsync();
        var source = await PublishedRun.MakeAsync(database, 1);
        await source.SetAsync("succeeded");
        // A deletion holds the row.
        await using var connection = await database.DataSource.OpenConnectionAsync(Token);
        await using (var deletion = await connection.BeginTransactionAsync(Token))
        {
            var plan = await new RunDeletion(connection, deletion).PlanAsync([source.Id], withDependents: false, locked: true, Token);
            var submit = SubmitReaderAsync(database, source.Id);
            await Eventually.TrueAsync("the submit to wait", database.WaitingAsync, TimeSpan.FromSeconds(30));
            Assert.False(submit.IsCompleted);
            await new RunDeletion(connection, deletion).DeleteAsync(plan, Token);
            await deletion.CommitAsync(Token);
            await Assert.ThrowsAsync<RunDeletedException>(() => submit);
        }
        await Assert.ThrowsAsync<RunDeletedException>(() => SubmitReaderAsync(database, source.Id));
        Assert.Equal(0, await connection.ExecuteScalarAsync<int>("select count(*) from runs"));
    }

    /// <summary>A run whose config names a checkpoint of another.</summary>
    private static Task SubmitReaderAsync(TestDatabase database, Guid source)
    {
        var config = Experiments.Config();
        config = config with
        {
            Model = config.Model with
            {
                Init = config.Model.Init with { From = $"file:///store/{RunObject.Checkpoint(source, 1, 1)}/weights.safetensors" },
            },
        };
        var json = ExperimentJson.Serialize(config);
        return new ExperimentStore(database.DataSource).AddAsync(
            new Experiment { Id = Guid.CreateVersion7(), Name = "reader", Config = json, Source = "", Digest = "d" },
            [new PlannedRun(Guid.CreateVersion7(), "reader", RunKind.Train, json, "d", DeviceClass.Any, 5, null)], Token);
    }

    /// <summary>Rows of a run by table, where there are any.</summary>
    private static async Task<Dictionary<string, long>> CountsAsync(TestDatabase database, Guid run)
    {
        await using var connection = await database.DataSource.OpenConnectionAsync(Token);
        var counts = new Dictionary<string, long>();
        foreach (var table in RunDeletion.Tables.Append("runs"))
        {
            var column = table == "runs" ? "id" : "run_id";
            if (await connection.ExecuteScalarAsync<long>($"select count(*) from {table} where {column} = @run", new { run }) is > 0 and var rows)
                counts[table] = rows;
        }
        return counts;
    }
}
