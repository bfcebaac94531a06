using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.People;
using ChangeDetection.Core.Runs.Datasets;
using ChangeDetection.Core.Runs.Retention;
using Dapper;
using Npgsql;

namespace ChangeDetection.Core.Runs;

/// <summary>A run as planned from a config, before it has a row.</summary>
/// <param name="WaitsFor">The run that must succeed first, if any; also the one whose checkpoint it reads.</param>
public sealed record PlannedRun(Guid Id, string Name, RunKind Kind, string ConfigJson, string Digest, DeviceClass Device, int Priority, Guid? WaitsFor)
{
    /// <summary>The run whose checkpoint it reads when it waits for none: one that has published a checkpoint already.</summary>
    public Guid? Reads { get; init; }

    /// <summary>A checkpoint that it brings along and reads, whose objects are in the store. Its attempt is 0, before any of the run's own.</summary>
    public CheckpointRecord? Brings { get; init; }

    /// <summary>The data sets that it reads, as they were found when it was submitted; each has its row (<see cref="DatasetStore"/>).</summary>
    public IReadOnlyList<DatasetReference> Datasets { get; init; } = [];
}

/// <summary>The table <c>experiments</c>.</summary>
/// <param name="actor">Who submits; the account of this process when not given.</param>
public sealed class ExperimentStore(NpgsqlDataSource database, Actor? actor = null)
{
    private const string Columns = "id, name, config::text, source, digest, created_at, archived_at, user_name, user_verified";

    /// <summary>Writes an experiment and all its runs in one transaction: once this returns, nothing of it can be lost.</summary>
    /// <exception cref="UploadExpiredException">What a run was sent may have been collected; nothing was written.</exception>
    /// <exception cref="RunDeletedException">A run whose checkpoint one of them reads has been deleted; nothing was written.</exception>
    public async Task AddAsync(Experiment experiment, IReadOnlyList<PlannedRun> runs, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var submitter = actor ?? Actor.OfAccount();
        await connection.ExecuteAsync(new CommandDefinition(
            """
            insert into experiments (id, name, config, source, digest, user_name, user_verified)
            values (@Id, @Name, @Config::jsonb, @Source, @Digest, @User, @IsVerified)
            """,
            new { experiment.Id, experiment.Name, experiment.Config, experiment.Source, experiment.Digest, submitter.User, submitter.IsVerified },
            transaction, cancellationToken: cancellationToken));
        await AuditStore.RecordAsync(connection, submitter, "submit", experiment.Id.ToString(), experiment.Name, cancellationToken);
        foreach (var run in runs)
        {
            await DeletedRunStore.RequireSourcesAsync(connection, transaction, run, cancellationToken);
            await connection.ExecuteAsync(new CommandDefinition(
                """
                insert into runs (id, experiment_id, name, kind, priority, device, config, digest, source_run, waits_for, reason, user_name, user_verified)
                values (@Id, @experiment, @Name, @kind, @Priority, @device, @ConfigJson::jsonb, @Digest, coalesce(@WaitsFor, @Reads),
                        case when @WaitsFor::uuid is null then 0 else 1 end,
                        case when @WaitsFor::uuid is null then null else 'waits for ' || @WaitsFor::text end,
                        @User, @IsVerified);
                insert into run_dependencies (run_id, parent_id) select @Id, @WaitsFor where @WaitsFor::uuid is not null;
                insert into events (run_id, type, detail) values (@Id, 'submitted', null);
                """,
                new
                {
                    run.Id,
                    experiment = experiment.Id,
                    run.Name,
                    kind = run.Kind.ToString().ToLowerInvariant(),
                    run.Priority,
                    device = run.Device.ToString().ToLowerInvariant(),
                    run.ConfigJson,
                    run.Digest,
                    run.WaitsFor,
                    run.Reads,
                    submitter.User,
                    submitter.IsVerified,
                },
                transaction, cancellationToken: cancellationToken));
            await UploadStore.ArriveAsync(connection, transaction, run.Id, cancellationToken);
            if (run.Datasets.Count > 0)
                await DatasetStore.AddAsync(connection, transaction, run.Id, run.Datasets, cancellationToken);
            if (run.Brings is { } checkpoint)
                await CheckpointStore.AddBroughtAsync(connection, transaction, run.Id, checkpoint, cancellationToken);
        }
        await transaction.CommitAsync(cancellationToken);
    }

    public async Task<Experiment?> FindAsync(Guid id, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return await connection.QuerySingleOrDefaultAsync<Experiment>(new CommandDefinition(
            $"select {Columns} from experiments where id = @id", new { id }, cancellationToken: cancellationToken));
    }

    /// <summary>Those of these ids, newest first.</summary>
    public async Task<IReadOnlyList<Experiment>> ListAsync(IReadOnlyCollection<Guid> ids, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return (await connection.QueryAsync<Experiment>(new CommandDefinition(
            $"select {Columns} from experiments where id = any(@ids) order by id desc", new { ids = ids.ToArray() }, cancellationToken: cancellationToken)))
            .ToList();
    }

    /// <summary>Other experiments whose config must give the same results, newest first.</summary>
    public async Task<IReadOnlyList<Guid>> EqualAsync(Guid id, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return (await connection.QueryAsync<Guid>(new CommandDefinition(
            "select other.id from experiments e join experiments other on other.digest = e.digest and other.id <> e.id where e.id = @id order by " +
                "other.id desc limit 100",
            new { id }, cancellationToken: cancellationToken))).ToList();
    }
}
