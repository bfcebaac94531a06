using ChangeDetection.Core.Database.LocalServer;
using ChangeDetection.Core.Hosting;
using ChangeDetection.Core.Storage;

namespace ChangeDetection.Core.Backups;

/// <summary>
/// Makes a system of a backup: in a data folder that does not exist yet, or in a database and a store that were named. It has an identity of its own, so that
/// it can stand beside the one that the backup was made of; or it takes that one's place, which then must not be started again.
/// </summary>
public static class BackupRestore
{
    private const string Unfinished = ".restoring";
    private const string Inner = "system";
    private const UnixFileMode OwnerAndPassage =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>
    /// Into a data folder. It is built beside that, in <c>FOLDER.restoring</c>, and gets its name when it is complete: a restore that was killed has left
    /// nothing that is taken for a system, and the next one begins anew.
    /// </summary>
    /// <param name="store">Null: the folder's own.</param>
    /// <param name="replace">Whether it takes the identity of the system that the backup is of.</param>
    /// <exception cref="BackupException">The backup is damaged, or something is in the folder.</exception>
    /// <exception cref="DataFolderInUseException">Another restore into this folder is at work.</exception>
    public static async Task<RestoredSystem> ToFolderAsync(
        string path, DataFolder folder, Uri? store, bool replace, Action<long, long>? progress, CancellationToken cancellationToken)
    {
        RequireFree(folder);
        var building = DataFolder.At(folder.Path + Unfinished);
        Directory.CreateDirectory(building.Path);
        // The account of its database passes through it.
        File.SetUnixFileMode(building.Path, OwnerAndPassage);
        RestoredSystem restored;
        using (await OwnerLock.TakeAsync(building, "restore", TimeSpan.Zero, TimeProvider.System, cancellationToken))
        {
            var inner = DataFolder.At(building[Inner]);
            await ClusterRemoval.RunAsync(inner, cancellationToken);
            if (Directory.Exists(inner.Path))
                Directory.Delete(inner.Path, recursive: true);
            try
            {
                restored = await FillAsync(path, folder, DataFolder.Open(inner.Path), store, replace, progress, cancellationToken);
                CrashPoint.Reach(CrashPoints.RestoreBeforeRename);
                RequireFree(folder);
                if (Directory.Exists(folder.Path))
                    Directory.Delete(folder.Path);
                Directory.Move(inner.Path, folder.Path);
            }
            catch
            {
                await ClusterRemoval.RunAsync(inner, CancellationToken.None);
                Directory.Delete(building.Path, recursive: true);
                throw;
            }
            Directory.Delete(building.Path, recursive: true);
        }
        return restored;
    }

    /// <summary>Into a database that does not have our schema, and a store that holds nothing.</summary>
    /// <inheritdoc cref="ToFolderAsync"/>
    public static Task<RestoredSystem> ToDatabaseAsync(
        string path, string connectionString, Uri store, bool replace, Action<long, long>? progress, CancellationToken cancellationToken) =>
        SystemRestore.RunAsync(
            path, new RestoreRequest(connectionString, ObjectStores.Open(store), store, replace ? null : Guid.NewGuid(), ScratchFolder.Path),
            progress, cancellationToken);

    private static async Task<RestoredSystem> FillAsync(
        string path, DataFolder folder, DataFolder inner, Uri? store, bool replace, Action<long, long>? progress, CancellationToken cancellationToken)
    {
        // Before the store is filled: a cluster is begun only where nothing shows that a system has lived.
        var server = await LocalPostgres.StartAsync(inner, cancellationToken: cancellationToken);
        try
        {
            var own = SystemFile.Read(inner) ?? throw new BackupException($"'{inner}' has no {SystemFile.Name}, although its database was just made.");
            var request = new RestoreRequest(
                server.ConnectionString, store is null ? new FileObjectStore(inner.Store) : ObjectStores.Open(store), store ?? folder.StoreUri,
                replace ? null : own.Id, inner.Path);
            var restored = await SystemRestore.RunAsync(path, request, progress, cancellationToken);
            // The folder keeps its inode when it gets its name.
            (own with { Id = restored.System, State = FolderState.Settled, Place = FolderPlace.Of(inner) with { Path = folder.Path } }).Write(inner);
            return restored;
        }
        finally
        {
            await server.StopAsync(CancellationToken.None);
        }
    }

    private static void RequireFree(DataFolder folder)
    {
        if (File.Exists(folder.Path) || (Directory.Exists(folder.Path) && Directory.EnumerateFileSystemEntries(folder.Path).Any()))
            throw new BackupException(
                $"'{folder}' is not empty, and nothing is restored over what is there. Name a folder that does not exist yet with --data-dir, or move " +
                "that one away.", isRequest: true);
    }
}
