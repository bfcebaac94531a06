using Dapper;
using Npgsql;

namespace ChangeDetection.Core.Runs;

/// <summary>A checkpoint that is no longer kept, and whose objects are still there.</summary>
public sealed record RetiredCheckpoint
{
    public Guid RunId { get; init; }
    public long Step { get; init; }
    public int Attempt { get; init; }
    public string Prefix { get; init; } = "";
    public long Bytes { get; init; }
    /// <summary>When its grace time ends.</summary>
    public DateTime DueAt { get; init; }
    /// <summary>Whether it has, by the database's clock.</summary>
    public bool Due { get; init; }
    /// <summary>A run that may be reading it; null when there is none.</summary>
    public Guid? HeldBy { get; init; }
}

/// <summary>
/// The rows of <c>checkpoints</c> that are retired. Who may still read one: a person or a page that has just listed it, for which the grace time is there;
/// a run that evaluates its run's checkpoints and was given this one when it was claimed, so that it stays while any such run is running;
/// a run whose <c>model.init</c> names it, or that was queued to predict with it. A resume of its own run does not: the attempt that retires is the
/// one that has resumed.
/// </summary>
public sealed class RetiredCheckpoints(NpgsqlDataSource database)
{
    /// <summary>All of them, those first that were retired first.</summary>
    public async Task<IReadOnlyList<RetiredCheckpoint>> ListAsync(TimeSpan grace, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        // A reader that is claimed after this statement lists kept ones alone, so who is not seen here never comes.
        return (await connection.QueryAsync<RetiredCheckpoint>(new CommandDefinition(
            """
            select run_id, step, attempt, prefix, bytes, retired_at + @grace as due_at, retired_at + @grace <= clock_timestamp() as due,
                   (select reader.id from runs reader
                    where (reader.state = 'running' and reader.source_run = c.run_id)
                       or (reader.state in ('queued', 'running', 'paused') and strpos(reader.config #>> '{model,init}', c.prefix || '/') > 0)
                       or (reader.state in ('queued', 'running', 'paused') and reader.kind = 'predict' and reader.config #>> '{checkpoint,prefix}' = c.prefix)
                    limit 1) as held_by
            from checkpoints c where retired_at is not null order by retired_at
            """,
            new { grace }, cancellationToken: cancellationToken))).ToList();
    }

    /// <summary>Forgets one whose objects are gone.</summary>
    public async Task RemoveAsync(RetiredCheckpoint checkpoint, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await connection.ExecuteAsync(new CommandDefinition(
            "delete from checkpoints where run_id = @RunId and step = @Step and attempt = @Attempt and retired_at is not null",
            new { checkpoint.RunId, checkpoint.Step, checkpoint.Attempt }, cancellationToken: cancellationToken));
    }
}
