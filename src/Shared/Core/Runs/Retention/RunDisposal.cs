using ChangeDetection.Core.Hosting;
using ChangeDetection.Core.People;
using Npgsql;

namespace ChangeDetection.Core.Runs.Retention;

/// <summary>
/// What users put away: runs and experiments that are deleted, experiments that are archived. Every such act goes through here, and each is one
/// transaction: killed at any moment, it has happened or has not. Objects go later, by the collector.
/// </summary>
/// <param name="actor">Who puts them away; the account of this process when not given.</param>
public sealed class RunDisposal(NpgsqlDataSource database, Actor? actor = null)
{
    /// <summary>What <see cref="DeleteAsync"/> would take at this moment. Changes nothing.</summary>
    /// <param name="ids">Of runs, and of experiments, which stand for all their runs.</param>
    /// <param name="withDependents">Also runs that read a checkpoint of one that goes, and theirs in turn.</param>
    public Task<DeletionPlan> PlanDeletionAsync(IReadOnlyCollection<Guid> ids, bool withDependents, CancellationToken cancellationToken) =>
        WithinAsync(async (connection, transaction) =>
            (await new RunDeletion(connection, transaction).PlanAsync(ids, withDependents, locked: false, cancellationToken), false), cancellationToken);

    /// <summary>
    /// Deletes runs with all their rows, and experiments with their last run. Their objects are unreferenced then, and collected after the grace time.
    /// Nothing is deleted where anything is refused: a run that has not ended, or that another depends on. Deleting again does no harm.
    /// </summary>
    /// <inheritdoc cref="PlanDeletionAsync"/>
    public async Task<DeletionPlan> DeleteAsync(IReadOnlyCollection<Guid> ids, bool withDependents, CancellationToken cancellationToken)
    {
        var done = await WithinAsync(async (connection, transaction) =>
        {
            var deletion = new RunDeletion(connection, transaction);
            var plan = await deletion.PlanAsync(ids, withDependents, locked: true, cancellationToken);
            if (!plan.IsPossible || plan.Runs.Count == 0)
                return (plan, false);
            await deletion.DeleteAsync(plan, cancellationToken);
            await RecordAsync(connection, "delete", ids, $"runs deleted in all: {plan.Runs.Count}", cancellationToken);
            return (plan, true);
        }, cancellationToken);
        CrashPoint.Reach(CrashPoints.DeletionCommitted);
        return done;
    }

    /// <summary>
    /// Takes experiments out of the listings. Of each run the best checkpoint's weights stay (the newest's where none is best), beside all rows, pictures,
    /// reports and maps; other checkpoints and every optimizer state go after the grace time. Nothing changes where anything is refused: an experiment
    /// with a run that has not ended, or that such a run reads.
    /// </summary>
    /// <param name="dryRun">Only say what would go.</param>
    public Task<ArchivePlan> ArchiveAsync(IReadOnlyCollection<Guid> experiments, bool dryRun, CancellationToken cancellationToken) =>
        WithinAsync(async (connection, transaction) =>
        {
            var plan = await new ExperimentArchive(connection, transaction).ArchiveAsync(experiments, cancellationToken);
            await RecordAsync(connection, "archive", experiments, null, cancellationToken);
            return (plan, !dryRun && plan.Refusals.Count == 0);
        }, cancellationToken);

    /// <summary>Brings experiments back into the listings. What archiving has let go does not come back.</summary>
    public Task<ArchivePlan> UnarchiveAsync(IReadOnlyCollection<Guid> experiments, CancellationToken cancellationToken) =>
        WithinAsync(async (connection, transaction) =>
        {
            var plan = await new ExperimentArchive(connection, transaction).UnarchiveAsync(experiments, cancellationToken);
            await RecordAsync(connection, "unarchive", experiments, null, cancellationToken);
            return (plan, plan.Refusals.Count == 0);
        }, cancellationToken);

    /// <summary>In the ledger of the same transaction: what is rolled back was not done.</summary>
    private async Task RecordAsync(
        NpgsqlConnection connection, string action, IReadOnlyCollection<Guid> targets, string? detail, CancellationToken cancellationToken)
    {
        foreach (var target in targets)
            await AuditStore.RecordAsync(connection, actor ?? Actor.OfAccount(), action, target.ToString(), detail, cancellationToken);
    }

    private async Task<T> WithinAsync<T>(
        Func<NpgsqlConnection, NpgsqlTransaction, Task<(T Plan, bool Commits)>> act, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var (plan, commits) = await act(connection, transaction);
        if (!commits)
            return plan;
        await transaction.CommitAsync(cancellationToken);
        return plan;
    }
}
