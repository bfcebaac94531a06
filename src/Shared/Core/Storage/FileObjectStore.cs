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
    private const int PublishAttempts = 100;

    private readonly string _root;
    private readonly IDisk _disk;
    private readonly TemporaryFiles _temporaryFiles;

    /// <summary>Opens the store; the folder need not exist yet, the first put makes it.</summary>
    public FileObjectStore(string root, TimeProvider? time = null)
        : this(root, time ?? TimeProvider.System, new KernelDisk())
    {
    }

    internal FileObjectStore(string root, TimeProvider time, IDisk disk)
    {
        _root = Path.GetFullPath(root);
        _disk = disk;
        _temporaryFiles = new TemporaryFiles(_root, time, disk);
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
            using var handle = _temporaryFiles.Create(out temporaries, out temporary);
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
            _temporaryFiles.DeleteEmptyFolder();
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
        foreach (var put in _temporaryFiles.List(idle))
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return put;
        }
    }

    public Task DeleteUnfinishedAsync(UnfinishedPut put, CancellationToken cancellationToken)
    {
        _temporaryFiles.DeleteLeftBehind(put);
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
        var folder = StoreFolder.OpenOrCreateRoot(_root);
        foreach (var segment in segments.AsSpan()[..^1])
        {
            using var parent = folder;
            folder = parent.OpenOrCreate(segment);
        }
        return folder;
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
