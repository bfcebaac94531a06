using ChangeDetection.Core.Runs;
using ChangeDetection.TestKit;
using Dapper;

namespace ChangeDetection.Core.Tests.Runs.Retention;

/// <summary>A run with rows in every table, and no objects: each of its checkpoints takes 100 bytes.</summary>
internal sealed class PublishedRun(TestDatabase database, Guid id)
{
    private static readonly LeaseSettings s_lease = new();

    public Guid Id { get; } = id;

    public Guid Experiment { get; private set; }

    public static async Task<PublishedRun> MakeAsync(TestDatabase database, int steps, long optimizer = 0, int best = 1)
    {
        var run = new PublishedRun(database, (await Experiments.SubmitAsync(database))[0]);
        await run.FillAsync(steps, optimizer, best);
        return run;
    }

    /// <summary>Publishes through the real stores, under a claim that stays.</summary>
    public async Task FillAsync(int steps, long optimizer, int best)
    {
        var claim = (await new LeaseStore(database.DataSource, s_lease).ClaimAsync(
            Id, Guid.CreateVersion7(), "host", "cpu", Guid.CreateVersion7(), CancellationToken.None))!;
        await using var fence = await FencedTransaction.BeginAsync(database.DataSource, claim, CancellationToken.None);
        for (var step = 1; step <= steps; step++)
        {
            await CheckpointStore.AddAsync(fence, new CheckpointRecord
            {
                Step = step, Prefix = RunObject.Checkpoint(Id, step, claim.Attempt).Value, WeightsSha256 = $"{step}", ManifestSha256 = "0",
                Bytes = 100, OptimizerBytes = optimizer, Best = step == best,
            }, CancellationToken.None);
            await MetricStore.AddAsync(fence, [new MetricPoint("val/f1", step, step, 0.5)], CancellationToken.None);
        }
        foreach (var name in new[] { "000000-a", "worst-1-a" })
            await ArtifactStore.AddAsync(fence, new ArtifactRecord
            {
                Name = name, ObjectKey = RunObject.Picture(Id, "000000-a", claim.Attempt).Value, ContentType = "image/png", Bytes = 11, Sha256 = "0",
            }, CancellationToken.None);
        await StripStore.AddAsync(
            fence, new StoredStrip(0, 0, 1, RunObject.Strip(Id, 0, claim.Attempt).Value, 5, "0"), CancellationToken.None);
        await LogStore.AddAsync(fence, [new LogLine { Seq = 1, Text = "a line", Level = LogLineLevel.Info }], CancellationToken.None);
        await fence.CommitAsync(CancellationToken.None);
        await using var connection = await database.DataSource.OpenConnectionAsync();
        Experiment = await connection.ExecuteScalarAsync<Guid>("select experiment_id from runs where id = @Id", new { Id });
    }

    /// <summary>Brings the run into a state, whatever it was.</summary>
    public Task SetAsync(string state, string? keepOptimizer = null) => ExecuteAsync(
        """
        update runs set state = @state, worker_id = case when @state = 'running' then gen_random_uuid() end,
               lease_until = case when @state = 'running' then clock_timestamp() + interval '1 hour' end,
               config = case when @keepOptimizer::text is null then config
                             else jsonb_set(config, '{checkpoint,keep_optimizer}', to_jsonb(@keepOptimizer::text)) end
        where id = @Id
        """, new { state, keepOptimizer, Id });

    public Task<IReadOnlyList<CheckpointRecord>> ListAsync() => new CheckpointStore(database.DataSource).ListAsync(Id, CancellationToken.None);

    public Task ExecuteAsync(string sql) => ExecuteAsync(sql, new { Id });

    public async Task ExecuteAsync(string sql, object parameters)
    {
        await using var connection = await database.DataSource.OpenConnectionAsync();
        await connection.ExecuteAsync(sql, parameters);
    }
}
