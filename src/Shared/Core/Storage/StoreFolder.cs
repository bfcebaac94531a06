using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace ChangeDetection.Core.Storage;

/// <summary>
/// An open folder. Names are resolved relative to the handle, one segment at a time and never through a symbolic link,
/// so a link planted below the root, even between a check and its use, leads nowhere.
/// </summary>
internal sealed class StoreFolder : IDisposable
{
    private const int OpenFlags = Posix.Folder | Posix.CloseOnExec;
    private const uint FolderMode = 0x1FF; // 0777, less the umask
    private const uint FileMode = 0x1B6; // 0666, less the umask

    private readonly SafeFileHandle _handle;

    private StoreFolder(int descriptor, string path) => (_handle, Path) = (new SafeFileHandle(descriptor, ownsHandle: true), path);

    /// <summary>For messages.</summary>
    internal string Path { get; }

    /// <summary>Opens a folder by its path, which may run through links (the root is trusted); null when there is none.</summary>
    internal static StoreFolder? OpenRoot(string path)
    {
        var descriptor = Posix.OpenAt(Posix.CurrentFolder, path, OpenFlags, 0);
        if (descriptor >= 0)
            return new StoreFolder(descriptor, path);
        return Marshal.GetLastPInvokeError() == StorageErrors.NoEntry ? null : throw StorageErrors.Last("open", path);
    }

    /// <summary>Opens a folder by its path, made when there is none.</summary>
    internal static StoreFolder OpenOrCreateRoot(string path)
    {
        if (OpenRoot(path) is { } root)
            return root;
        DurableFile.CreateFolder(path);
        return OpenRoot(path) ?? throw StorageErrors.Of(StorageErrors.NoEntry, "open", path);
    }

    /// <summary>A folder in this one; null when there is none, or an object has the name.</summary>
    /// <exception cref="IOException">The name is a symbolic link, or may not be read.</exception>
    internal StoreFolder? Open(string name)
    {
        var descriptor = Posix.OpenAt(_handle, name, OpenFlags | Posix.NoFollow, 0);
        if (descriptor >= 0)
            return new StoreFolder(descriptor, Below(name));
        var error = Marshal.GetLastPInvokeError();
        ThrowIfLink(name);
        return error is StorageErrors.NoEntry or StorageErrors.NotAFolder ? null : throw StorageErrors.Of(error, "open", Below(name));
    }

    /// <summary>A folder in this one, made when there is none.</summary>
    /// <param name="durable">Whether a new one is still there after a crash.</param>
    /// <exception cref="DirectoryNotFoundException">This folder, or that one, has been removed since it was opened.</exception>
    internal StoreFolder OpenOrCreate(string name, bool durable = true)
    {
        if (Open(name) is { } existing)
            return existing;
        if (Posix.MakeFolderAt(_handle, name, FolderMode) == 0)
        {
            if (durable)
                Sync();
        }
        else if (Marshal.GetLastPInvokeError() is not StorageErrors.Exists and var error)
            throw error == StorageErrors.NoEntry ? Removed() : StorageErrors.Of(error, "create", Below(name));
        return Open(name) ?? throw (Length(name) is null ? Removed() : StorageErrors.Of(StorageErrors.NotAFolder, "create", Below(name)));
    }

    /// <summary>Opens a file for reading; null when there is none.</summary>
    internal SafeFileHandle? OpenFile(string name)
    {
        if (Length(name) is null)
            return null;
        // A pipe put in the file's place since the line above must not block.
        var descriptor = Posix.OpenAt(_handle, name, Posix.NoFollow | Posix.NonBlocking | Posix.CloseOnExec, 0);
        if (descriptor >= 0)
            return new SafeFileHandle(descriptor, ownsHandle: true);
        return Marshal.GetLastPInvokeError() == StorageErrors.NoEntry ? null : throw StorageErrors.Last("read", Below(name));
    }

    /// <summary>Creates a file under a new name, for writing, and locks it: the kernel lets go of the lock when the writer dies.</summary>
    /// <exception cref="DirectoryNotFoundException">This folder has been removed since it was opened.</exception>
    internal SafeFileHandle CreateTemporary(out string name)
    {
        while (true)
        {
            name = Guid.NewGuid().ToString("N");
            var descriptor = Posix.OpenAt(_handle, name, Posix.WriteOnly | Posix.CreateExclusive | Posix.NoFollow | Posix.CloseOnExec, FileMode);
            if (descriptor < 0)
                throw Marshal.GetLastPInvokeError() == StorageErrors.NoEntry ? Removed() : StorageErrors.Last("write", Below(name));
            var file = new SafeFileHandle(descriptor, ownsHandle: true);
            if (TryLock(file) && Length(name) is not null)
                return file;
            // Between its creation and its lock somebody took it for left behind.
            file.Dispose();
            Delete(name);
        }
    }

    /// <summary>Whether the process that created a temporary file is gone. True where the file system has no locks to tell by.</summary>
    internal bool IsLeftBehind(string temporary)
    {
        using var file = OpenFile(temporary);
        return file is not null && TryLock(file);
    }

    /// <summary>Removes a temporary file whose writer is gone. One that is being written stays: its writer has the lock, or finds that it lost it.</summary>
    internal void DeleteLeftBehind(string temporary)
    {
        using var file = OpenFile(temporary);
        if (file is not null && TryLock(file))
            Delete(temporary);
    }

    /// <summary>False when another holds the lock. A file system that knows no locks lets everybody have it.</summary>
    private static bool TryLock(SafeFileHandle file) =>
        Posix.Lock(file, Posix.LockExclusive | Posix.LockAtOnce) == 0 || Marshal.GetLastPInvokeError() != StorageErrors.WouldBlock;

    /// <summary>Bytes of a regular file; null when there is none.</summary>
    internal long? Length(string name)
    {
        if (Posix.StatAt(_handle, name, Posix.StatNoFollow, Posix.Stat.KindAndSize, out var stat) == 0)
            return stat.IsFile ? stat.Size : stat.IsLink ? throw Link(name) : null;
        return Marshal.GetLastPInvokeError() == StorageErrors.NoEntry ? null : throw StorageErrors.Last("read", Below(name));
    }

    /// <summary>Gives a file of this folder its name in another, in one step, and only if that name is free.</summary>
    /// <returns>False when the name is taken.</returns>
    /// <exception cref="DirectoryNotFoundException">The target folder has been removed since it was opened.</exception>
    internal bool TryPublish(string temporary, StoreFolder target, string name)
    {
        if (Posix.RenameAt2(_handle, temporary, target._handle, name, Posix.RenameNoReplace) == 0)
            return true;
        var error = Marshal.GetLastPInvokeError();
        if (error is StorageErrors.Invalid or StorageErrors.NoSuchCall)
        {
            // NFS and some others cannot rename without replacing; a hard link is create-only everywhere.
            if (Posix.LinkAt(_handle, temporary, target._handle, name, 0) == 0)
            {
                Delete(temporary);
                return true;
            }
            error = Marshal.GetLastPInvokeError();
        }
        return error switch
        {
            StorageErrors.Exists => false,
            StorageErrors.NoEntry =>
                throw (Length(temporary) is null ? new IOException($"'{Below(temporary)}' was removed while it was written.") : target.Removed()),
            _ => throw StorageErrors.Of(error, "write", target.Below(name)),
        };
    }

    /// <summary>Removes a file; one that is not there is no error.</summary>
    internal void Delete(string name)
    {
        if (Posix.UnlinkAt(_handle, name, 0) != 0 && Marshal.GetLastPInvokeError() != StorageErrors.NoEntry)
            throw StorageErrors.Last("delete", Below(name));
    }

    /// <summary>Removes a folder in this one if it is empty.</summary>
    internal bool TryDeleteEmptyFolder(string name) => Posix.UnlinkAt(_handle, name, Posix.RemoveFolder) == 0;

    /// <summary>Makes the names in this folder durable.</summary>
    internal void Sync()
    {
        // Some network file systems have nothing to flush for a folder, and say so.
        if (Posix.Sync(_handle) != 0 && Marshal.GetLastPInvokeError() is not (StorageErrors.Invalid or StorageErrors.NotSupported))
            throw StorageErrors.Last("flush", Path);
    }

    public void Dispose() => _handle.Dispose();

    private string Below(string name) => System.IO.Path.Combine(Path, name);

    private DirectoryNotFoundException Removed() => new($"'{Path}' was removed while it was written to.");

    private void ThrowIfLink(string name)
    {
        if (Posix.StatAt(_handle, name, Posix.StatNoFollow, Posix.Stat.KindAndSize, out var stat) == 0 && stat.IsLink)
            throw Link(name);
    }

    private IOException Link(string name)
        => new($"'{Below(name)}' is a symbolic link, and the store follows none below its root. Put the file itself there, or mount (bind) its folder.");
}
