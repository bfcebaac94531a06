using Microsoft.Win32.SafeHandles;

namespace ChangeDetection.Core.Storage;

/// <summary>
/// The unfinished puts of a store of files, in a folder that is there as long as there is one. Each is locked by its writer: one whose lock is free was
/// left behind by a process that was killed.
/// </summary>
internal sealed class TemporaryFiles(string root, TimeProvider time, IDisk disk)
{
    /// <summary>No key can name it: keys have no tilde.</summary>
    internal const string Folder = ".tmp~";

    /// <summary>A temporary file that nobody wrote to for so long belongs to a process that was killed.</summary>
    internal static readonly TimeSpan Lifetime = TimeSpan.FromHours(1);

    private const int CreateAttempts = 100;

    private int _swept;

    /// <summary>
    /// A new temporary file. Another put, which was the last, may have removed the folder between its opening and the file's creation: then it is
    /// made again.
    /// </summary>
    public SafeFileHandle Create(out StoreFolder folder, out string name)
    {
        for (var attempt = 1; ; attempt++)
        {
            StoreFolder? opened = null;
            try
            {
                opened = OpenOrCreate();
                var file = disk.Create(opened, out name);
                folder = opened;
                return file;
            }
            catch (DirectoryNotFoundException) when (attempt < CreateAttempts)
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

    /// <summary>Files that nobody has written to for so long and whose writer is gone, as far as the file system can tell.</summary>
    public IEnumerable<UnfinishedPut> List(TimeSpan idle)
    {
        using var folder = Open();
        foreach (var put in folder is null ? [] : Unfinished(folder, idle))
            yield return put;
    }

    /// <summary>Removes a file whose writer is gone, and the folder behind the last one.</summary>
    public void DeleteLeftBehind(UnfinishedPut put)
    {
        using (var folder = Open())
            folder?.DeleteLeftBehind(put.Name);
        DeleteEmptyFolder();
    }

    /// <summary>Removes the folder unless there are files in it: people who look at a data set or a store find objects alone.</summary>
    public void DeleteEmptyFolder()
    {
        try
        {
            using var parent = StoreFolder.OpenRoot(root);
            parent?.TryDeleteEmptyFolder(Folder);
        }
        catch (IOException)
        {
            // An empty folder more is no reason for a put to fail, and must not hide why one did.
        }
    }

    private StoreFolder OpenOrCreate()
    {
        using var parent = StoreFolder.OpenOrCreateRoot(root);
        var folder = parent.OpenOrCreate(Folder, durable: false);
        // A folder that is no system's store (a data set being packed) has nobody else who does it.
        if (Interlocked.Exchange(ref _swept, 1) == 0)
        {
            foreach (var put in Unfinished(folder, Lifetime).ToList())
                folder.DeleteLeftBehind(put.Name);
        }
        return folder;
    }

    private StoreFolder? Open()
    {
        using var parent = StoreFolder.OpenRoot(root);
        return parent?.Open(Folder);
    }

    private IEnumerable<UnfinishedPut> Unfinished(StoreFolder folder, TimeSpan idle)
    {
        var latest = time.GetUtcNow() - idle;
        return FilesOf(folder.Path).Select(Describe).OfType<UnfinishedPut>()
            .Where(put => put.IdleSince <= latest && folder.IsLeftBehind(put.Name));
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
}
