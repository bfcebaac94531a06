using System.Runtime.CompilerServices;
using ChangeDetection.Core.Checkpoints;
using ChangeDetection.Core.Hosting;
using ChangeDetection.Core.Identity;
using ChangeDetection.Core.Runs;
using ChangeDetection.Core.Runs.Inventory;
using ChangeDetection.Core.Runs.Retention;
using ChangeDetection.Core.Storage;
using Npgsql;

namespace ChangeDetection.Scheduler.Daemon;

/// <summary>
/// Deletes what nobody refers to, once its grace time has ended and nobody can be reading it. Objects first, then the row that tells of them: killed
/// in between, the next collection finds the row and finishes. Two collections at once do no harm.
/// </summary>
public sealed class GarbageCollector(NpgsqlDataSource database, IObjectStore store, TimeSpan grace)
{
    /// <summary>What is looked up in one statement, and all of a store's listing that is held in memory.</summary>
    private const int ChunkSize = 500;

    private readonly RetiredCheckpoints _retired = new(database);
    private readonly OptimizerStates _optimizers = new(database);
    private readonly OrphanStore _orphans = new(database);

    /// <summary>What there is, or with <paramref name="delete"/> what became of it.</summary>
    /// <exception cref="IOException">The store cannot be listed.</exception>
    /// <exception cref="SystemIdentityException">The store is not this system's, and nothing in it is looked at.</exception>
    public async IAsyncEnumerable<UnreferencedObject> LookAsync(bool delete, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await SystemIdentity.RequireOwnAsync(database, store, cancellationToken);
        if (delete)
            await _optimizers.ReleaseAsync(cancellationToken);
        foreach (var checkpoint in await _retired.ListAsync(grace, cancellationToken))
            yield return await DealWithAsync(Describe(checkpoint), delete, () => CollectAsync(checkpoint, cancellationToken));
        foreach (var optimizer in await _optimizers.ListAsync(grace, cancellationToken))
            yield return await DealWithAsync(Describe(optimizer), delete, () => CollectAsync(optimizer, cancellationToken));

        var began = await _orphans.NowAsync(cancellationToken);
        await foreach (var parts in PartsAsync(cancellationToken).Chunk(ChunkSize).WithCancellation(cancellationToken))
        {
            foreach (var orphan in delete ? await _orphans.NoteAsync(parts, grace, cancellationToken)
                : await _orphans.FindAsync(parts, grace, cancellationToken))
                yield return await DealWithAsync(Describe(orphan), delete, () => CollectAsync(orphan, cancellationToken));
        }
        if (delete)
            await _orphans.ForgetUnseenAsync(began, cancellationToken);

        await foreach (var put in store.ListUnfinishedAsync(grace, cancellationToken))
            yield return await DealWithAsync(Describe(put), delete, async () =>
            {
                await store.DeleteUnfinishedAsync(put, cancellationToken);
                return true;
            });
    }

    /// <param name="collect">False where it is referred to again.</param>
    private async Task<UnreferencedObject> DealWithAsync(UnreferencedObject leftover, bool delete, Func<Task<bool>> collect)
    {
        if (!delete || leftover.Fate is not LeftoverFate.Due)
            return leftover;
        try
        {
            // What was retired since a backup began is named by its rows.
            await using var turn = await DeletionTurn.TryTakeAsync(database, CancellationToken.None);
            if (turn is null)
                return leftover with { Fate = LeftoverFate.Held, Why = $"{leftover.Why}; a backup is being made" };
            return leftover with { Fate = await collect() ? LeftoverFate.Collected : LeftoverFate.Waits };
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // It costs space and nothing else.
            return leftover with { Fate = LeftoverFate.Failed, Problem = exception.Message };
        }
    }

    private async Task<bool> CollectAsync(RetiredCheckpoint checkpoint, CancellationToken cancellationToken)
    {
        await DeleteAsync(checkpoint.Prefix, cancellationToken);
        await _retired.RemoveAsync(checkpoint, cancellationToken);
        return true;
    }

    private async Task<bool> CollectAsync(UnneededOptimizer optimizer, CancellationToken cancellationToken)
    {
        var key = new ObjectKey(optimizer.Prefix) / CheckpointManifest.OptimizerFile;
        if (optimizer.Bytes is null)
            await _optimizers.MeasuredAsync(optimizer, await store.LengthAsync(key, cancellationToken) ?? 0, cancellationToken);
        await DeleteAsync(key.Value, cancellationToken);
        await _optimizers.RemoveAsync(optimizer, cancellationToken);
        return true;
    }

    private async Task<bool> CollectAsync(Orphan orphan, CancellationToken cancellationToken)
    {
        if (!await _orphans.DetachAsync(orphan, cancellationToken))
            return false;
        await DeleteAsync(orphan.Prefix, cancellationToken);
        await _orphans.RemoveAsync(orphan.Prefix, cancellationToken);
        return true;
    }

    private async Task DeleteAsync(string prefix, CancellationToken cancellationToken)
    {
        await foreach (var stored in store.ListAsync(prefix, cancellationToken))
        {
            if (stored.Key.Value == prefix || stored.Key.Value.StartsWith(prefix + "/", StringComparison.Ordinal))
                await store.DeleteAsync(stored.Key, cancellationToken);
        }
        CrashPoint.Reach(CrashPoints.ObjectsCollected);
    }

    /// <summary>What attempts have stored: the objects of a checkpoint as one, since they stand next to each other in the order of keys.</summary>
    private async IAsyncEnumerable<StoredPart> PartsAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        StoredPart? part = null;
        await foreach (var stored in store.ListAsync(RunObject.Root, cancellationToken))
        {
            if (RunObject.Parse(stored.Key) is not { } found)
                continue;
            var more = 0L;
            if (part is not null && part.Object == found)
                more = part.Bytes;
            else if (part is not null)
                yield return part;
            part = new StoredPart(found, stored.Length + more);
        }
        if (part is not null)
            yield return part;
    }

    private static UnreferencedObject Describe(RetiredCheckpoint checkpoint) => new(
        LeftoverKind.Retired, checkpoint.Prefix, checkpoint.Bytes,
        checkpoint.HeldBy is { } reader ? $"no longer kept, and run {reader} may be reading it" : "no longer kept by keep_best or keep_last, or archived",
        checkpoint.HeldBy is not null ? LeftoverFate.Held : checkpoint.Due ? LeftoverFate.Due : LeftoverFate.Waits,
        checkpoint.DueAt, checkpoint.HeldBy);

    private static UnreferencedObject Describe(UnneededOptimizer optimizer) => new(
        LeftoverKind.Optimizer, $"{optimizer.Prefix}/{CheckpointManifest.OptimizerFile}", optimizer.Bytes ?? 0,
        optimizer.HeldBy is { } run ? $"no longer kept, and run {run} may be going on from it" : "its run has ended, and keep_optimizer does not keep it",
        optimizer.HeldBy is not null ? LeftoverFate.Held : optimizer.Due ? LeftoverFate.Due : LeftoverFate.Waits,
        optimizer.DueAt, optimizer.HeldBy);

    private static UnreferencedObject Describe(Orphan orphan) => new(
        LeftoverKind.Orphaned, orphan.Prefix, orphan.Bytes, orphan.Deleted ? "its run was deleted"
            : orphan.Attempt == 0 ? "the run that was to read it has ended, or was never queued"
            : $"attempt {orphan.Attempt} ended before it was published",
        orphan.Due ? LeftoverFate.Due : LeftoverFate.Waits, orphan.DueAt);

    private static UnreferencedObject Describe(UnfinishedPut put) => new(
        LeftoverKind.Unfinished, put.Name, put.Bytes,
        $"its writer was killed; idle since {UtcTime.Text(put.IdleSince.UtcDateTime)}", LeftoverFate.Due);
}
