using Dapper;
using Npgsql;

namespace ChangeDetection.Core.Queue;

/// <summary>What a worker does about the queue job of a run that it does not take.</summary>
public sealed class QueueJobs(NpgsqlDataSource database)
{
    /// <summary>
    /// The run is to have another queue job: the one that was drawn here is spent, and others may take the run. The commit notifies the reconciler.
    /// </summary>
    public async Task GiveBackAsync(Guid run, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await connection.ExecuteAsync(new CommandDefinition(
            "update runs set hangfire_job = null where id = @run and state = 'queued'", new { run }, cancellationToken: cancellationToken));
    }

    /// <summary>
    /// Says of a run why a worker leaves it alone. The queue job is spent; the reconciler writes another with its next sweep, and not at once: the
    /// same worker might draw it, again and again.
    /// </summary>
    public async Task LeaveAloneAsync(Guid run, string why, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await connection.ExecuteAsync(new CommandDefinition(
            "update runs set reason = @why where id = @run and state = 'queued' and reason is distinct from @why",
            new { run, why }, cancellationToken: cancellationToken));
    }
}
