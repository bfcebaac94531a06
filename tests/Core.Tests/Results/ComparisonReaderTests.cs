using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.Planning;
using ChangeDetection.Core.Results;
using ChangeDetection.Core.Runs;
using ChangeDetection.TestKit;

namespace ChangeDetection.Core.Tests.Results;

[Needs(Resource.Database, Resource.Processes)]
public sealed class ComparisonReaderTests(PostgresServer server)
{
    private static readonly string[] s_metrics = ["test/f1", "val/f1"];

    [Fact]
    public async Task Read_TwoExperiments_JoinsSeedsOfOneConfig_AndPutsThePublishedBeside()
    {
        await using var database = await server.CreateDatabaseAsync();
        var config = Experiments.Config("szada") with
        {
            Seed = 1, Seeds = 2, Matrix = [new MatrixAxis { Key = "model.name", Values = ["\"fc-ef\"", "\"fc-siam-diff\""] }],
            Published = [new PublishedScores { Model = "fc-ef", Source = "a paper", F1 = 0.514 }],
        };
        var table = await SubmitAsync(database, config);
        var third = await SubmitAsync(database, Experiments.Config("szada fc-ef") with { Seed = 3, Model = new ModelConfig { Name = "fc-ef" } });
        var repeated = await SubmitAsync(database, Experiments.Config("szada fc-ef") with { Seed = 3, Model = new ModelConfig { Name = "fc-ef" } });
        await ScoreAsync(database, table.Runs[1].Id, "test/f1", 0.4);
        await ScoreAsync(database, table.Runs[3].Id, "test/f1", 0.5);
        await ScoreAsync(database, table.Runs[5].Id, "test/f1", 0.7);
        await ScoreAsync(database, third.Runs[1].Id, "test/f1", 0.1);
        await ScoreAsync(database, repeated.Runs[1].Id, "test/f1", 0.6);
        await PublishAsync(database, table.Runs[0].Id);

        var compared = await new ComparisonReader(database.DataSource).ReadAsync(
            [table.Experiment.Id, third.Experiment.Id, repeated.Experiment.Id], s_metrics, CancellationToken.None);

        Assert.Equal(["szada fc-ef", "fc-ef, published", "szada fc-siam-diff"], compared.Rows.Select(row => row.Name));
        // The same config and seed give the same result, so the one that was submitted twice counts once: as it is now.
        Assert.Equal([1, 2, 3], compared.Rows[0].Seeds);
        Assert.Equal((0.5, 3), (Math.Round(compared.Rows[0].Scores["test/f1"].Mean, 12), compared.Rows[0].Scores["test/f1"].Count));
        Assert.Equal(0.1, compared.Rows[0].Scores["test/f1"].Deviation!.Value, 1e-12);
        Assert.Equal(new MeanAndDeviation(0.33, null, 1), compared.Rows[0].Scores["val/f1"]);
        Assert.Equal(("a paper", 0.514), (compared.Rows[1].Source, compared.Rows[1].Scores["test/f1"].Mean));
        Assert.True(compared.IsBest(compared.Rows[2], "test/f1"));
        Assert.Contains("szada fc-siam-diff seed 2", Assert.Single(compared.Missing), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Read_RunsOnFolds_AreOneRow_ApartFromThoseOnASplit()
    {
        await using var database = await server.CreateDatabaseAsync();
        var config = Experiments.Config("cv") with { Seeds = 2, Matrix = [new MatrixAxis { Key = "dataset.fold", Values = ["0", "1", "2"] }] };
        var folds = await SubmitAsync(database, config);
        var split = await SubmitAsync(database, Experiments.Config("cv"));
        double[] scores = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6];
        foreach (var (run, score) in folds.Runs.Where((_, at) => at % 2 == 1).Zip(scores))
            await ScoreAsync(database, run.Id, "test/f1", score);
        await ScoreAsync(database, split.Runs[1].Id, "test/f1", 0.9);

        var rows = (await new ComparisonReader(database.DataSource).ReadAsync(
            [folds.Experiment.Id, split.Experiment.Id], s_metrics, CancellationToken.None)).Rows;

        Assert.Equal(2, rows.Count);
        Assert.Equal([0, 1], rows[0].Seeds);
        Assert.Equal([0, 1, 2], rows[0].Folds);
        Assert.Equal(6, rows[0].Runs);
        Assert.Equal((0.35, 6), (Math.Round(rows[0].Scores["test/f1"].Mean, 12), rows[0].Scores["test/f1"].Count));
        Assert.Equal(Math.Sqrt(scores.Sum(score => (score - 0.35) * (score - 0.35)) / 5), rows[0].Scores["test/f1"].Deviation!.Value, 1e-12);
        Assert.Equal((0, 1), (rows[1].Folds.Count, rows[1].Runs));
        Assert.StartsWith("name,model,source,n,seeds,folds,test/f1,", ComparisonText.Csv(new ComparisonTable(["test/f1"], rows, [])), StringComparison.Ordinal);
        Assert.Contains(",,6,0 1,0 1 2,0.3", ComparisonText.Csv(new ComparisonTable(["test/f1"], rows, [])), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Read_AnEvaluationOfItsOwn_IsARowOfItsOwn_AndAnUnknownIdIsRefused()
    {
        await using var database = await server.CreateDatabaseAsync();
        var trained = await SubmitAsync(database, Experiments.Config("trained"));
        var wish = new EvaluationRequest(new Uri("file:///other/"), "other", "test", null, CheckpointChoice.Best, 0, Rescale: null);
        var evaluation = EvaluationPlanner.Plan(
            Guid.CreateVersion7(), EvaluationPlanner.Config(Experiments.Config("trained"), wish), trained.Runs[
                0].Id, brings: null, "source", TimeProvider.System.GetUtcNow());
        await new ExperimentStore(database.DataSource).AddAsync(evaluation.Experiment, evaluation.Runs, CancellationToken.None);
        await ScoreAsync(database, evaluation.Runs[0].Id, "test/f1", 0.25);
        var reader = new ComparisonReader(database.DataSource);

        var row = Assert.Single((await reader.ReadAsync([evaluation.Experiment.Id], s_metrics, CancellationToken.None)).Rows);
        Assert.Equal(("trained on other test", 0.25), (row.Name, row.Scores["test/f1"].Mean));
        Assert.Empty((await reader.ReadAsync([trained.Experiment.Id], s_metrics, CancellationToken.None)).Rows);
        await Assert.ThrowsAsync<ExperimentMissingException>(() => reader.ReadAsync([Guid.NewGuid()], s_metrics, CancellationToken.None));
    }

    private static async Task<ExperimentPlan> SubmitAsync(TestDatabase database, ExperimentConfig config)
    {
        var plan = ExperimentPlanner.Plan(config, "source", TimeProvider.System.GetUtcNow());
        await new ExperimentStore(database.DataSource).AddAsync(plan.Experiment, plan.Runs, CancellationToken.None);
        return plan;
    }

    private static async Task ScoreAsync(TestDatabase database, Guid run, string metric, double value)
    {
        await using var command = database.DataSource.CreateCommand(
            "insert into metrics (run_id, name, step, epoch, value, attempt) values ($1, $2, 1, 0, $3, 1)");
        command.Parameters.AddWithValue(run);
        command.Parameters.AddWithValue(metric);
        command.Parameters.AddWithValue(value);
        await command.ExecuteNonQueryAsync();
    }

    private static async Task PublishAsync(TestDatabase database, Guid run)
    {
        var claim = await new LeaseStore(database.DataSource, new LeaseSettings()).ClaimAsync(
            run, Guid.NewGuid(), "host", "cpu", Guid.NewGuid(), CancellationToken.None);
        await using var fence = await FencedTransaction.BeginAsync(database.DataSource, claim!, CancellationToken.None);
        var checkpoint = new CheckpointRecord { Step = 1, Prefix = "p", Best = true, Metrics = """{"val/f1": 0.33}""" };
        await CheckpointStore.AddAsync(fence, checkpoint, CancellationToken.None);
        await fence.CommitAsync(CancellationToken.None);
    }
}
