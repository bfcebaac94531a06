using ChangeDetection.Core.Hashing;
using ChangeDetection.Core.Storage;

namespace ChangeDetection.Worker.Data.Shards.Cache;

/// <summary>
/// Copies of shards on the local disk, shared by the trainers of a machine. A copy is named by the SHA-256 of what it holds, so data sets never
/// collide and a rewritten one is never served stale; it appears whole or not at all, and a process that is killed leaves a temporary file that the next
/// fetch removes. No copy is trusted because it exists: its length is checked here, and every field read from it where it is read.
/// </summary>
public sealed class ShardCache
{
    internal const string LockFolder = ".locks~";
    internal const string TemporaryFolder = ".tmp~";

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    /// <summary>Longer than a shard takes on a slow line; a process that holds it up so long is frozen.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);

    private readonly string _folder;
    private readonly FileObjectStore _files;
    private readonly CacheEviction _room;
    private readonly TimeProvider _time;

    private ShardCache(ShardCacheSettings settings, TimeProvider time)
    {
        (_folder, _time) = (settings.Folder, time);
        _files = new FileObjectStore(settings.Folder, time);
        _room = new CacheEviction(settings.Folder, settings.Bytes, _files, time);
    }

    /// <summary>Fills the stream with the content, or throws <see cref="SourceException"/>.</summary>
    internal delegate Task Fetch(Stream destination, CancellationToken cancellationToken);

    /// <exception cref="IOException">The folder cannot be made or written to.</exception>
    /// <exception cref="UnauthorizedAccessException">Neither.</exception>
    public static ShardCache Open(ShardCacheSettings settings, TimeProvider time)
    {
        Directory.CreateDirectory(settings.Folder, OwnerOnly);
        Directory.CreateDirectory(Path.Combine(settings.Folder, LockFolder), OwnerOnly);
        // Made to see that it can be, and gone when it is closed.
        File.Create(Path.Combine(settings.Folder, LockFolder, Guid.NewGuid().ToString("N")), 1, FileOptions.DeleteOnClose).Dispose();
        return new ShardCache(settings, time);
    }

    /// <summary>
    /// Opens the copy of a shard, fetching it when there is none. Of several that want one shard, in this process or another, one fetches it and the
    /// others wait.
    /// </summary>
    /// <exception cref="NoRoomException">There is no room for it now; nothing of it stays.</exception>
    /// <exception cref="IOException">The disk refused; nothing of it stays.</exception>
    /// <exception cref="SourceException">The fetch failed.</exception>
    internal async Task<(CachedCopy Copy, bool Fetched)> TakeAsync(CachedContent content, Fetch fetch, CancellationToken cancellationToken)
    {
        if (await FindAsync(content, cancellationToken) is { } there)
            return (there, false);
        using var turn = await TurnAsync(content, cancellationToken);
        return await FindAsync(content, cancellationToken) is { } copy ? (copy, false) : (await FetchAsync(content, fetch, cancellationToken), true);
    }

    /// <summary>Opens another copy in the place of a damaged one: the one that another reader fetched since, if that is sound, else a fresh one.</summary>
    /// <inheritdoc cref="TakeAsync"/>
    internal async Task<CachedCopy> ReplaceAsync(
        CachedContent content, Func<CachedCopy, Task<bool>> isSound, Fetch fetch, CancellationToken cancellationToken)
    {
        using var turn = await TurnAsync(content, cancellationToken);
        if (await FindAsync(content, cancellationToken) is { } copy)
        {
            if (await isSound(copy))
                return copy;
            copy.Dispose();
            File.Delete(PathOf(content.Sha256));
        }
        return await FetchAsync(content, fetch, cancellationToken);
    }

    /// <summary>
    /// A small object (an index), verified as it is read; from the cache where that has it whole, else fetched, and kept if that is possible.
    /// </summary>
    internal async Task<byte[]> SmallAsync(string sha256, Func<CancellationToken, Task<byte[]>> fetch, CancellationToken cancellationToken)
    {
        if (await ReadSmallAsync(sha256, cancellationToken) is { } cached)
            return cached;
        var bytes = await fetch(cancellationToken);
        try
        {
            await _files.PutAsync(new ObjectKey(sha256), async (file, token) =>
            {
                await _room.TakeAsync(file, bytes.Length, token);
                await file.WriteAsync(bytes, token);
            }, cancellationToken);
        }
        catch (Exception exception) when (exception is NoRoomException or IOException)
        {
            // Another process put it there first, or it will be fetched again; trouble of the cache is reported with the shard beside it.
        }
        return bytes;
    }

    internal string PathOf(string sha256) => Path.Combine(_folder, sha256);

    private async Task<byte[]?> ReadSmallAsync(string sha256, CancellationToken cancellationToken)
    {
        using var copy = await CachedCopy.OpenAsync(PathOf(sha256), _time, cancellationToken);
        if (copy is null)
            return null;
        var bytes = new byte[copy.Length];
        if (await copy.ReadAsync(0, bytes, cancellationToken) == bytes.Length && Sha256Hex.Of(bytes) == sha256)
        {
            copy.Touch(_time);
            return bytes;
        }
        File.Delete(copy.Path);
        return null;
    }

    /// <summary>Null when there is no copy, or none of the right length; such a one is removed.</summary>
    private async Task<CachedCopy?> FindAsync(CachedContent content, CancellationToken cancellationToken)
    {
        var path = PathOf(content.Sha256);
        if (await CachedCopy.OpenAsync(path, _time, cancellationToken) is not { } copy)
            return null;
        if (copy.Length == content.Bytes)
        {
            copy.Touch(_time);
            return copy;
        }
        copy.Dispose();
        File.Delete(path);
        return null;
    }

    private async Task<CachedCopy> FetchAsync(CachedContent content, Fetch fetch, CancellationToken cancellationToken)
    {
        IDisposable? held = null;
        try
        {
            await _files.PutAsync(new ObjectKey(content.Sha256), async (file, token) =>
            {
                await _room.TakeAsync(file, content.Bytes, token);
                await fetch(file, token);
                if (file is FileStream stream)
                    stream.Flush(flushToDisk: true);
                // From its name to its first reader nothing else keeps it from being evicted.
                held = await _room.HoldAsync(token);
            }, cancellationToken);
            return await FindAsync(content, cancellationToken) ?? throw new NoRoomException("a shard is gone as soon as it was fetched");
        }
        finally
        {
            held?.Dispose();
        }
    }

    /// <summary>The turn to fetch this content: one of 256, so that different shards hardly ever wait for each other.</summary>
    private async Task<IDisposable> TurnAsync(CachedContent content, CancellationToken cancellationToken) =>
        await CacheLock.TakeAsync(Path.Combine(_folder, LockFolder, content.Sha256[..2]), s_patience, _time, cancellationToken)
            ?? throw new NoRoomException($"another process has been fetching a shard for {s_patience.TotalMinutes:0} minutes");
}
