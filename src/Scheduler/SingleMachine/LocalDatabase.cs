using ChangeDetection.Core.Backups;
using ChangeDetection.Core.Database;
using ChangeDetection.Core.Database.LocalServer;
using ChangeDetection.Core.Hosting;
using ChangeDetection.Core.Identity;
using ChangeDetection.Core.Storage;
using Npgsql;

namespace ChangeDetection.Scheduler.SingleMachine;

/// <summary>
/// Opens the database of a data folder: its cluster is brought up, its schema to this program's version, and folder, database and store are held
/// against each other. The caller holds the folder's <see cref="OwnerLock"/>.
/// </summary>
internal static class LocalDatabase
{
    /// <param name="store">The folder's own, or the one that was named.</param>
    /// <param name="moved">The user says that nobody uses the folder that this one came from.</param>
    /// <param name="say">Takes a line for people: that the store does not answer.</param>
    /// <exception cref="SystemIdentityException">They are not of one system; what was started is stopped again.</exception>
    /// <exception cref="LocalPostgresException">The cluster cannot be started.</exception>
    /// <exception cref="MigrationException">The schema cannot be brought to this version.</exception>
    public static async Task<LocalPostgres> OpenAsync(
        DataFolder folder, Uri store, bool moved, Action<string> say, CancellationToken cancellationToken)
    {
        // Before any store is opened: what a process knows of another folder's moves must not lead it from this one's store to that one's.
        FormerFolders.Use(folder);
        await RequireOwnStoreAsync(folder, store, moved, cancellationToken);
        var server = await LocalPostgres.StartAsync(folder, cancellationToken: cancellationToken);
        try
        {
            await SchemaUpgrade.RunAsync(folder, server.ConnectionString, say, cancellationToken);
            await using var database = DataSources.Create(server.ConnectionString, "changedetection identity");
            await SettleAsync(folder, database, store, say, cancellationToken);
            FormerFolders.Use(folder);
            return server;
        }
        catch
        {
            await server.StopAsync(CancellationToken.None);
            throw;
        }
    }

    /// <summary>
    /// Before anything is started. A store outside the folder does not come along with it: two folders that both name it would collect each other's
    /// objects.
    /// </summary>
    private static async Task RequireOwnStoreAsync(DataFolder folder, Uri store, bool moved, CancellationToken cancellationToken)
    {
        var file = SystemFile.Read(folder);
        if (file is null or { State: FolderState.Beginning } && !File.Exists(folder.Cluster)
            && await StoreMarker.ReadAsync(ObjectStores.Open(store), cancellationToken) is { } marker && marker != file?.Id)
        {
            throw new SystemIdentityException(
                $"The store {store} belongs to the system {marker}, and '{folder}' holds no database of it. Nothing was made. Put the database " +
                "back, bring back a backup ('changedetection restore'), or begin a new system with an empty store: CHANGEDETECTION_STORE, or " +
                "another folder.");
        }
        if (file?.Place is not { } place || file.OriginOf(folder) is not (var origin and not FolderOrigin.Itself))
            return;
        // Below two folders one disk may be mounted.
        var isShared = origin is FolderOrigin.Copied && FileStatus.Of(folder.Store) is { } own && own == FileStatus.Of(DataFolder.At(place.Path).Store);
        if (IsInside(folder, store) && !isShared)
            return;
        switch (origin)
        {
            case FolderOrigin.Copied:
                throw new SystemIdentityException(
                    $"'{folder}' is a copy of '{place.Path}', which is still there, and both would use the store {store}, which stands outside " +
                    "them. Nothing was started. For a second system restore a backup: 'changedetection backup --out FILE' there, " +
                    "'changedetection restore FILE' here. If the original is no longer wanted, delete it.");
            case FolderOrigin.Moved when !moved:
                throw new SystemIdentityException(
                    $"'{folder}' has come from '{place.Path}'{(place.Machine is null ? "" : " (on this or another machine)")}, and its store " +
                    $"{store} stands outside it, so a copy that is left there would use it as well. Nothing was started. If nobody uses the " +
                    "folder that this one came from, say so once: 'changedetection up --moved'. For a second system restore a backup: " +
                    "'changedetection restore FILE'.");
        }
    }

    private static async Task SettleAsync(DataFolder folder, NpgsqlDataSource database, Uri store, Action<string> say, CancellationToken cancellationToken)
    {
        var file = SystemFile.Read(folder);
        if (file is { State: not FolderState.Settled })
        {
            await SystemIdentity.RenewAsync(database, file.Id, cancellationToken);
            if (file.State is FolderState.Copied && IsInside(folder, store))
                await StoreMarker.ReplaceAsync(ObjectStores.Open(store), file.Id, cancellationToken);
        }
        var identity = await SystemIdentity.ReadAsync(database, cancellationToken);
        if (file is not null && file.Id != identity.Id)
        {
            throw new SystemIdentityException(
                $"'{folder}' is the folder of the system {file.Id}, and the database in it belongs to the system {identity.Id}: parts of two " +
                $"folders were mixed. Put back the folder 'postgres' and the files '{Path.GetFileName(folder.Cluster)}' and '{SystemFile.Name}' " +
                "that belong together.");
        }
        if (file is { State: FolderState.Settled })
        {
            await StoreOwnership.ClaimAsync(database, store, say, cancellationToken);
            return;
        }
        // What is not settled stays so until the store was seen.
        await SystemIdentity.ClaimAsync(database, ObjectStores.Open(store), cancellationToken);
        (file is null ? new SystemFile(identity.Id, FolderState.Settled, FolderPlace.Of(folder)) : file with { State = FolderState.Settled }).Write(folder);
    }

    /// <summary>Whether the store stands in the folder and goes where the folder goes: one behind a link stays where it is.</summary>
    private static bool IsInside(DataFolder folder, Uri store) =>
        store.IsFile && Path.GetFullPath(store.LocalPath).StartsWith(folder.Path + "/", StringComparison.Ordinal)
        && new DirectoryInfo(store.LocalPath.TrimEnd('/')).LinkTarget is null;
}
