using ChangeDetection.Core.Hosting;
using ChangeDetection.Core.Identity;
using ChangeDetection.Core.Runs;
using ChangeDetection.Core.Storage;

namespace ChangeDetection.Core.Backups;

/// <summary>
/// Takes a backup's objects into a store that holds nothing yet, and its dump into a stream. What a restore that was killed has put there is put there anew;
/// what a store still has that outlived its database is compared, and stays.
/// </summary>
/// <param name="require">Throws where the backup does not fit, before anything is written.</param>
/// <param name="replaces">Whether the store may be the system's own, which outlived its database.</param>
internal sealed class StoreFilling(IObjectStore store, Stream dump, Action<BackupHeader> require, bool replaces) : IBackupTarget
{
    private enum Origin { Empty, Unfinished, Survived }

    private Origin _origin = Origin.Empty;
    private ObjectKey? _mark;

    public async Task BeginAsync(BackupHeader header, CancellationToken cancellationToken)
    {
        require(header);
        var mark = new ObjectKey($"restoring-{header.Id}.json");
        var first = await store.ListAsync("", cancellationToken).FirstOrDefaultAsync(cancellationToken);
        if (first is null)
        {
            await store.PutAsync(mark, (stream, token) => stream.WriteAsync(header.ToJson(), token).AsTask(), cancellationToken);
            _mark = mark;
            return;
        }
        var owner = await StoreMarker.ReadAsync(store, cancellationToken);
        // A restore that got through has made the store a system's, even where it was killed before it took its own mark away.
        if (owner is null && await store.LengthAsync(mark, cancellationToken) is not null)
        {
            (_origin, _mark) = (Origin.Unfinished, mark);
            return;
        }
        if (!replaces || owner != header.System)
            throw new BackupException(
                $"The store {store.Root} is not empty ('{first.Key}' is in it), and a backup is restored into one of its own. Name another with " +
                $"{SystemSettings.StoreVariable}. Where it is this system's own, which outlived its database: --replace.", isRequest: true);
        _origin = Origin.Survived;
    }

    public Task TakeDumpAsync(Stream content, CancellationToken cancellationToken) => content.CopyToAsync(dump, cancellationToken);

    public async Task TakeObjectAsync(ObjectKey key, long bytes, Stream content, CancellationToken cancellationToken)
    {
        if (_origin is Origin.Unfinished)
            await store.DeleteAsync(key, cancellationToken);
        if (_origin is Origin.Survived && await store.LengthAsync(key, cancellationToken) is { } there)
        {
            if (there == bytes && await IsSameAsync(key, content, cancellationToken))
                return;
            throw new BackupException($"The store {store.Root} holds '{key}' with other bytes than the backup does. Nothing was overwritten.");
        }
        await store.PutAsync(key, (target, token) => content.CopyToAsync(target, token), cancellationToken);
    }

    /// <summary>The last attempts whose objects are in the store, of each run that has any.</summary>
    public async Task<IReadOnlyDictionary<Guid, int>> AttemptsAsync(CancellationToken cancellationToken)
    {
        var attempts = new Dictionary<Guid, int>();
        if (_origin is not Origin.Survived)
            return attempts;
        await foreach (var stored in store.ListAsync(RunObject.Root, cancellationToken))
        {
            if (RunObject.Parse(stored.Key) is { } found && found.Attempt > attempts.GetValueOrDefault(found.Run))
                attempts[found.Run] = found.Attempt;
        }
        return attempts;
    }

    /// <summary>The store is a system's from now on, and no longer one that is being filled.</summary>
    public Task EndAsync(CancellationToken cancellationToken) => _mark is { } mark ? store.DeleteAsync(mark, cancellationToken) : Task.CompletedTask;

    /// <summary>Takes back what was put there, after a restore that failed; a store that has outlived its database keeps what is its own.</summary>
    public async Task TakeBackAsync(CancellationToken cancellationToken)
    {
        if (_mark is not { } mark)
            return;
        await foreach (var stored in store.ListAsync("", cancellationToken))
        {
            if (stored.Key != mark)
                await store.DeleteAsync(stored.Key, cancellationToken);
        }
        await store.DeleteAsync(mark, cancellationToken);
    }

    private async Task<bool> IsSameAsync(ObjectKey key, Stream content, CancellationToken cancellationToken)
    {
        const int chunk = 128 * 1024;
        await using var there = await store.OpenReadAsync(key, 0, null, cancellationToken);
        var (mine, theirs) = (new byte[chunk], new byte[chunk]);
        while (true)
        {
            var read = await content.ReadAtLeastAsync(mine, chunk, throwOnEndOfStream: false, cancellationToken);
            var other = await there.ReadAtLeastAsync(theirs, chunk, throwOnEndOfStream: false, cancellationToken);
            if (!mine.AsSpan(0, read).SequenceEqual(theirs.AsSpan(0, other)))
                return false;
            if (read == 0)
                return true;
        }
    }
}
