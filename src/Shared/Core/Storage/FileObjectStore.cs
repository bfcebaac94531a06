using System.Runtime.CompilerServices;
using ChangeDetection.Core.Hosting;
using Microsoft.Win32.SafeHandles;

namespace ChangeDetection.Core.Storage;

/// <summary>
/// Objects as files below a folder. A put writes a temporary file on the same file system, flushes it, renames it without replacing,
/// and flushes the folder: whoever is killed in between leaves an object that is whole or not there. Symbolic links below the root are never followed.
/// </summary>
public sealed class FileObjectStore : IObjectStore
{
    /// <summary>Holds unfinished puts, and is there as long as there is one. No key can name it: keys have no tilde.</summary>
    internal const string TemporaryFolder = ".tmp~";

    /// <summary>A temporary file that nobody wrote to for so long belongs to a process that was killed.</summary>
    internal static readonly TimeSpan TemporaryLifetime = TimeSpan.FromHours(1);

    private const int PublishAttempts = 100;

    private readonly string _root;
    private readonly TimeProvider _time;
    private readonly IDisk _disk;
    private int _swept;

    /// <summary>Opens the store; the folder need not exist yet, the first put makes it.</summary>
    public FileObjectStore(string root, TimeProvider? time = null)
        : this(root, time ?? TimeProvider.System, new KernelDisk())
    {
    }

    internal FileObjectStore(string root, TimeProvider time, IDisk disk)
    {
        _root = Path.GetFullPath(root);
        _time = time;
        _disk = disk;
        Root = new UriBuilder { Scheme = Uri.UriSchemeFile, Host = "", Path = Uri.EscapeDataString(_root).Replace("%2F", "/", StringComparison.Ordinal) }.Uri;
    }

    public Uri Root { get; }

    public Task<long?> LengthAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var folder = OpenFolder(key, out var name);
        return Task.FromResult(folder?.Length(name));
    }

    public Task<Stream> OpenReadAsync(ObjectKey key, long offset, long? length, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(length ?? 0);
        cancellationToken.ThrowIfCancellationRequested();
        using var folder = OpenFolder(key, out var name);
        var handle = folder?.OpenFile(name) ?? throw new ObjectNotFoundException(Root, key);
        var file = new FileStream(handle, FileAccess.Read, bufferSize: 0) { Position = offset };
        return Task.FromResult<Stream>(new RangeStream(file, length ?? long.MaxValue));
    }

    public async Task PutAsync(ObjectKey key, Func<Stream, CancellationToken, Task> write, CancellationToken cancellationToken)
    {
        if (await LengthAsync(key, cancellationToken) is not null)
            throw new ObjectExistsException(Root, key);
        StoreFolder? temporaries = null;
        string? temporary = null;
        try
        {
            // Open until it has its name: the lock goes with it, and whoever finds a temporary file without one takes it for left behind.
            using var handle = CreateTemporary(out temporaries, out temporary);
            await WriteDurablyAsync(handle, write, cancellationToken);
            CrashPoint.Reach(CrashPoints.PutBeforeRename);
            Publish(temporaries, temporary, key);
        }
        catch (IOException exception) when (StorageErrors.IsOfFileSystem(exception))
        {
            throw StorageErrors.Of(exception.HResult, "write", Path.Combine(_root, key.Value), exception);
        }
        finally
        {
            using (temporaries)
            {
                if (temporary is not null)
                    temporaries?.Delete(temporary);
            }
            DeleteTemporaries();
        }
    }

    public async IAsyncEnumerable<StoredObject> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask;
        foreach (var item in FileListing.Below(_root, prefix))
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return item;
        }
    }

    public Task DeleteAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using (var folder = OpenFolder(key, out var name))
            folder?.Delete(name);
        DeleteEmptyFolders(key);
        return Task.CompletedTask;
    }

    public async IAsyncEnumerable<UnfinishedPut> ListUnfinishedAsync(TimeSpan idle, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask;
        using var temporaries = OpenExistingTemporaries();
        foreach (var put in temporaries is null ? [] : Unfinished(temporaries, idle))
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return put;
        }
    }

    public Task DeleteUnfinishedAsync(UnfinishedPut put, CancellationToken cancellationToken)
    {
        using (var temporaries = OpenExistingTemporaries())
            temporaries?.DeleteLeftBehind(put.Name);
        DeleteTemporaries();
        return Task.CompletedTask;
    }

    private async Task WriteDurablyAsync(SafeFileHandle handle, Func<Stream, CancellationToken, Task> write, CancellationToken cancellationToken)
    {
        await using var stream = _disk.OpenWrite(handle);
        await write(stream, cancellationToken);
        await stream.FlushAsync(cancellationToken);
        CrashPoint.Reach(CrashPoints.PutWritten);
        _disk.Flush(handle);
    }

    private void Publish(StoreFolder temporaries, string temporary, ObjectKey key)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                using var folder = OpenOrCreateFolder(key, out var name);
                if (!_disk.TryPublish(temporaries, temporary, folder, name))
                    throw new ObjectExistsException(Root, key);
                CrashPoint.Reach(CrashPoints.PutRenamed);
                SyncOrTakeBack(folder, name);
                return;
            }
            catch (DirectoryNotFoundException) when (attempt < PublishAttempts)
            {
                // A delete removed the folder, just emptied, between its opening and the rename: make it again.
            }
        }
    }

    /// <summary>An object whose name is not durable was not put.</summary>
    private void SyncOrTakeBack(StoreFolder folder, string name)
    {
        try
        {
            _disk.Flush(folder);
        }
        catch (IOException)
        {
            folder.Delete(name);
            throw;
        }
    }

    /// <summary>
    /// A new temporary file. Another put, which was the last, may have removed the folder between its opening and the file's creation: then it is
    /// made again.
    /// </summary>
    private SafeFileHandle CreateTemporary(out StoreFolder folder, out string name)
    {
        for (var attempt = 1; ; attempt++)
        {
            StoreFolder? opened = null;
            try
            {
                opened = OpenTemporaries();
                var file = _disk.Create(opened, out name);
                folder = opened;
                return file;
            }
            catch (DirectoryNotFoundException) when (attempt < PublishAttempts)
            {
                opened?.Dispose();
            }
            catch
            {
                opened?.Dispose();
                throw;
            }
        }
    }

    /// <summary>Removes the folder of temporary files unless there are some: people who look at a data set or a store find objects alone.</summary>
    private void DeleteTemporaries()
    {
        try
        {
            using var root = StoreFolder.OpenRoot(_root);
            root?.TryDeleteEmptyFolder(TemporaryFolder);
        }
        catch (IOException)
        {
            // An empty folder more is no reason for a put to fail, and must not hide why one did.
        }
    }

    private StoreFolder OpenTemporaries()
    {
        using var root = OpenOrCreateRoot();
        var temporaries = root.OpenOrCreate(TemporaryFolder, durable: false);
        // A folder that is no system's store (a data set being packed) has nobody else who does it.
        if (Interlocked.Exchange(ref _swept, 1) == 0)
        {
            foreach (var put in Unfinished(temporaries, TemporaryLifetime).ToList())
                temporaries.DeleteLeftBehind(put.Name);
        }
        return temporaries;
    }

    private StoreFolder? OpenExistingTemporaries()
    {
        using var root = StoreFolder.OpenRoot(_root);
        return root?.Open(TemporaryFolder);
    }

    /// <summary>Temporary files that nobody has written to for so long and whose writer is gone, as far as the file system can tell.</summary>
    private IEnumerable<UnfinishedPut> Unfinished(StoreFolder temporaries, TimeSpan idle)
    {
        var latest = _time.GetUtcNow() - idle;
        return FilesOf(temporaries.Path).Select(Describe).OfType<UnfinishedPut>()
            .Where(put => put.IdleSince <= latest && temporaries.IsLeftBehind(put.Name));
    }

    /// <summary>None where the folder has been removed since it was opened.</summary>
    private static FileInfo[] FilesOf(string folder)
    {
        try
        {
            return new DirectoryInfo(folder).GetFiles();
        }
        catch (DirectoryNotFoundException)
        {
            return [];
        }
    }

    /// <summary>Null for a put that ended since its folder was read.</summary>
    private static UnfinishedPut? Describe(FileInfo file)
    {
        try
        {
            return new UnfinishedPut(file.Name, file.Length, file.LastWriteTimeUtc);
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    private StoreFolder? OpenFolder(ObjectKey key, out string name)
    {
        var segments = key.Value.Split('/');
        name = segments[^1];
        var folder = StoreFolder.OpenRoot(_root);
        foreach (var segment in segments.AsSpan()[..^1])
        {
            using var parent = folder;
            folder = parent?.Open(segment);
        }
        return folder;
    }

    private StoreFolder OpenOrCreateFolder(ObjectKey key, out string name)
    {
        var segments = key.Value.Split('/');
        name = segments[^1];
        var folder = OpenOrCreateRoot();
        foreach (var segment in segments.AsSpan()[..^1])
        {
            using var parent = folder;
            folder = parent.OpenOrCreate(segment);
        }
        return folder;
    }

    private StoreFolder OpenOrCreateRoot()
    {
        if (StoreFolder.OpenRoot(_root) is { } root)
            return root;
        DurableFile.CreateFolder(_root);
        return StoreFolder.OpenRoot(_root) ?? throw StorageErrors.Of(StorageErrors.NoEntry, "open", _root);
    }

    private void DeleteEmptyFolders(ObjectKey key)
    {
        for (var path = key.Value; path.LastIndexOf('/') is > 0 and var end;)
        {
            path = path[..end];
            using var parent = OpenFolder(new ObjectKey(path), out var name);
            if (parent?.TryDeleteEmptyFolder(name) != true)
                return;
        }
    }
}
