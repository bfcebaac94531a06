using ChangeDetection.Core.Configuration;
using Dapper;
using Npgsql;

namespace ChangeDetection.Core.Runs;

/// <summary>
/// The table <c>runs</c>, for those who read it. Users write it through <see cref="RunActionStore"/>, attempts through <see cref="LeaseStore"/> and
/// <see cref="AttemptStore"/>.
/// </summary>
public sealed class RunStore(NpgsqlDataSource database)
{
    private const string Columns =
        """
        id, experiment_id, name, kind, state, reason, priority, device, source_run, waits_for, attempt, worker_id, slot, lease_until,
        cancel_requested, pause_requested, deaths, errors, preemptions, epoch, step, total_steps, progress, eta_seconds,
        samples_per_second, data_wait_seconds, created_at, started_at, finished_at, user_name, user_verified,
        (select a.loader::text from attempts a where a.run_id = runs.id and a.attempt = runs.attempt) as loader,
        exists (select 1 from experiments e where e.id = runs.experiment_id and e.archived_at is not null) as archived
        """;

    public async Task<Run?> FindAsync(Guid id, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return await connection.QuerySingleOrDefaultAsync<Run>(new CommandDefinition(
            $"select {Columns} from runs where id = @id", new { id }, cancellationToken: cancellationToken));
    }

    /// <summary>Runs, newest experiment first, in the order of their submission within it.</summary>
    public async Task<IReadOnlyList<Run>> ListAsync(RunFilter filter, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return (await connection.QueryAsync<Run>(new CommandDefinition(
            $"""
            select {Columns} from runs
            where (@experiment::uuid is null or experiment_id = @experiment) and (@state::text is null or state = @state)
              and (@archived::boolean is null
                   or @archived = (experiment_id in (select e.id from experiments e where e.archived_at is not null)))
            order by experiment_id desc, id limit @limit
            """,
            new { experiment = filter.Experiment, state = filter.State?.ToString().ToLowerInvariant(), limit = filter.Limit, archived = filter.Archived },
            cancellationToken: cancellationToken))).ToList();
    }

    /// <summary>The run's config as JSON, and its digest.</summary>
    public async Task<(string Config, string Digest)> ConfigAsync(Guid id, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return await connection.QuerySingleAsync<(string, string)>(new CommandDefinition(
            "select config::text, digest from runs where id = @id", new { id }, cancellationToken: cancellationToken));
    }

    /// <summary>The config of a run's experiment; null of a prediction, which has none, and where there is no run of this id.</summary>
    public async Task<ExperimentConfig?> ExperimentConfigAsync(Guid id, CancellationToken cancellationToken) =>
        await FindAsync(id, cancellationToken) is { Kind: not RunKind.Predict }
            ? ExperimentJson.Deserialize((await ConfigAsync(id, cancellationToken)).Config)
            : null;
}

/// <summary>Which runs to list.</summary>
/// <param name="Archived">Only those of archived experiments, or none of them; null: whether or not.</param>
public sealed record RunFilter(Guid? Experiment = null, RunState? State = null, int Limit = 1000, bool? Archived = null);
