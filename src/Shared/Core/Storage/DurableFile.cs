using System.Text;

namespace ChangeDetection.Core.Storage;

/// <summary>
/// Replaces a small file (an address file, a state file) in one step: after a crash at any point it holds the old bytes or the new ones,
/// and once a call has returned, the new ones for good.
/// </summary>
public static class DurableFile
{
    /// <param name="mode">Permissions of the new file; null: by the process's umask. They hold from the first byte on.</param>
    /// <exception cref="IOException">The disk is full, or the folder may not be written; the old file stands.</exception>
    public static async Task WriteAsync(
        string path, Func<Stream, CancellationToken, Task> write, UnixFileMode? mode, CancellationToken cancellationToken)
    {
        path = Path.GetFullPath(path);
        var temporary = $"{path}.{Guid.NewGuid():N}.tmp~";
        try
        {
            await using (var stream = new FileStream(temporary, Options(mode)))
            {
                await write(stream, cancellationToken);
                await stream.FlushAsync(cancellationToken);
                stream.Flush(flushToDisk: true);
            }
            File.Move(temporary, path, overwrite: true);
        }
        catch (UnauthorizedAccessException exception)
        {
            throw StorageErrors.Of(StorageErrors.AccessDenied, "write", path, exception);
        }
        catch (IOException exception) when (StorageErrors.IsOfFileSystem(exception))
        {
            throw StorageErrors.Of(exception.HResult, "write", path, exception);
        }
        finally
        {
            if (File.Exists(temporary))
                File.Delete(temporary);
        }
        SyncFolder(Path.GetDirectoryName(path)!);
    }

    /// <summary>Replaces the file with these bytes.</summary>
    public static Task WriteAsync(string path, ReadOnlyMemory<byte> bytes, UnixFileMode? mode = null, CancellationToken cancellationToken = default)
        => WriteAsync(path, async (stream, token) => await stream.WriteAsync(bytes, token), mode, cancellationToken);

    /// <summary>Replaces the file with this text, in UTF-8 without a mark.</summary>
    public static Task WriteTextAsync(string path, string text, UnixFileMode? mode = null, CancellationToken cancellationToken = default)
        => WriteAsync(path, Encoding.UTF8.GetBytes(text), mode, cancellationToken);

    /// <summary>Gives a file, all of which is on the disk, its name, for good.</summary>
    /// <exception cref="IOException">The name is taken, and is not to be replaced.</exception>
    internal static void Publish(string temporary, string path, bool overwrite)
    {
        File.Move(temporary, path, overwrite);
        SyncFolder(Path.GetDirectoryName(path)!);
    }

    /// <summary>Creates a folder and its missing parents, each name durable in its parent.</summary>
    internal static void CreateFolder(string path)
    {
        if (Directory.Exists(path))
            return;
        var parent = Path.GetDirectoryName(path)!;
        CreateFolder(parent);
        try
        {
            Directory.CreateDirectory(path);
        }
        catch (UnauthorizedAccessException exception)
        {
            throw StorageErrors.Of(StorageErrors.AccessDenied, "create", path, exception);
        }
        SyncFolder(parent);
    }

    private static void SyncFolder(string path)
    {
        using var folder = StoreFolder.OpenRoot(path) ?? throw StorageErrors.Of(StorageErrors.NoEntry, "flush", path);
        folder.Sync();
    }

    private static FileStreamOptions Options(UnixFileMode? mode)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None };
        if (mode is not null && !OperatingSystem.IsWindows())
            options.UnixCreateMode = mode;
        return options;
    }
}
