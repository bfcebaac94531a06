using ChangeDetection.Core.Hosting;

namespace ChangeDetection.Core.Database.LocalServer;

/// <summary>
/// Finds the cluster of a data folder, wherever the folder has come from, and begins one only where no system has lived: a database that is made anew
/// in place of one that is missing would show an empty system. A copy of a folder gets an id of its own, and never the original's cluster.
/// </summary>
internal static class ClusterSearch
{
    /// <returns>The folder's record, and the home of its cluster, which may have yet to be made.</returns>
    /// <exception cref="SystemIdentityException">The cluster is missing, belongs to another folder, or was copied while it was in use.</exception>
    /// <exception cref="LocalPostgresException">It is another account's, or its password is gone.</exception>
    public static async Task<(ClusterRecord Record, ClusterHome Home)> FindAsync(DataFolder folder, CancellationToken cancellationToken)
    {
        var file = SystemFile.Read(folder);
        if (ClusterRecord.Read(folder) is not { } record)
            return await BeginAsync(folder, file, cancellationToken);
        var home = ClusterHome.Of(record, folder);
        if (home.Major() is null)
        {
            RequireNeverMade(folder, file, record, home);
            return (record, home);
        }
        return record.IsOutside ? FindOutside(folder, file, record, home) : FindInside(folder, file, record, home);
    }

    private static async Task<(ClusterRecord, ClusterHome)> BeginAsync(DataFolder folder, SystemFile? file, CancellationToken cancellationToken)
    {
        // Before anything is written: a machine without PostgreSQL keeps no trace of the attempt.
        _ = PostgresBinaries.Find();
        if (FolderEvidence.OfCluster(folder))
        {
            throw new LocalPostgresException(
                $"'{folder.Postgres}' holds a cluster, but '{folder.Cluster}', which holds its password, is gone. Put that file back, or move the " +
                "cluster away to begin with an empty one.");
        }
        if ((file is null or { State: FolderState.Beginning } ? FolderEvidence.OfSystem(folder) : SystemFile.Name) is { } evidence)
            throw Missing(folder, evidence, $"'{folder.Cluster}', which says where its database is, is gone");
        file ??= new SystemFile(Guid.NewGuid(), FolderState.Beginning, FolderPlace.Of(folder));
        var home = await ClusterHome.ChooseAsync(folder, file.Id, cancellationToken);
        file.Write(folder);
        var place = home.Folder == folder.Postgres ? Path.GetFileName(folder.Postgres) : home.Folder;
        var record = new ClusterRecord(place, home.Account?.Name ?? Environment.UserName, FreePort.ToKeep(), ClusterRecord.NewPassword());
        record.Write(folder);
        return (record, home);
    }

    /// <summary>A start that was killed while it made the cluster has left a record without one, and nothing else.</summary>
    private static void RequireNeverMade(DataFolder folder, SystemFile? file, ClusterRecord record, ClusterHome home)
    {
        var evidence = file is { State: not FolderState.Beginning } ? SystemFile.Name
            : FolderEvidence.OfSystem(folder) ?? (file is null ? FolderEvidence.OfLogs(folder) : null);
        if (evidence is not null)
            throw Missing(folder, evidence, $"its database is not in '{home.Folder}'", record.IsOutside);
        if (file is null)
            new SystemFile(Guid.NewGuid(), FolderState.Beginning, FolderPlace.Of(folder)).Write(folder);
    }

    private static (ClusterRecord, ClusterHome) FindInside(DataFolder folder, SystemFile? file, ClusterRecord record, ClusterHome home)
    {
        var origin = file?.OriginOf(folder) ?? OriginOf(record, home);
        if (origin is not FolderOrigin.Itself && !ClusterCondition.WasShutDown(home))
        {
            throw new SystemIdentityException(
                $"'{folder}' was copied from '{file?.Place?.Path ?? record.FormerFolder}' while the system there was up, or after it had crashed: " +
                "the files of its database are not of one moment. Stop the original (Ctrl-C) and copy it again, or take a copy that may be made " +
                "at any time: 'changedetection backup --out FILE' there, 'changedetection restore FILE' here. If nothing ran while it was copied " +
                "(the machine had crashed), " +
                (file is null ? $"write \"cluster\": \"postgres\" into '{folder.Cluster}'" : $"delete '{folder[SystemFile.Name]}'") + ": " +
                "the database then recovers as after any crash.");
        }
        var found = record with { Home = Path.GetFileName(folder.Postgres) };
        // A copy keeps out of the original's way: on its port every process of the original would take it for its own.
        if (origin is FolderOrigin.Copied)
            found = found with { Port = FreePort.ToKeep() };
        if (found != record)
            found.Write(folder);
        if (file is not null)
        {
            var here = file.At(FolderPlace.Of(folder));
            if (origin is FolderOrigin.Copied)
                here = here with { Id = Guid.NewGuid(), State = FolderState.Copied };
            if (here != file)
                here.Write(folder);
        }
        return (found, home);
    }

    /// <summary>What a record of the old format tells: where the cluster stood.</summary>
    private static FolderOrigin OriginOf(ClusterRecord record, ClusterHome home) =>
        record.FormerFolder is null || FileStatus.Of(record.Home) is { } there && there == FileStatus.Of(home.Folder) ? FolderOrigin.Itself
        : Directory.Exists(Path.Combine(record.Home, ClusterHome.Data)) ? FolderOrigin.Copied
        : FolderOrigin.Moved;

    private static (ClusterRecord, ClusterHome) FindOutside(DataFolder folder, SystemFile? file, ClusterRecord record, ClusterHome home)
    {
        var here = FolderPlace.Of(folder);
        if (file?.OriginOf(folder) is FolderOrigin.Copied)
            throw WithoutCluster(folder, file.Place!.Path, home);
        // The cluster itself remembers whose it is: of two folders that both have come from elsewhere, neither sees the other.
        if (ClusterOwner.Read(home) is { } owner && !owner.IsSame(here) && owner.Path != here.Path && ClusterOwner.IsUsedFrom(owner, home))
            throw WithoutCluster(folder, owner.Path, home);
        if (file is not null && file.Place != here)
            file.At(here).Write(folder);
        return (record, home);
    }

    private static SystemIdentityException WithoutCluster(DataFolder folder, string original, ClusterHome home) => new(
        $"'{folder}' is a copy of '{original}' without its database, which stands outside the folder, in '{home.Folder}', and stays the " +
        $"original's. Take the system along with its database: 'changedetection backup --out FILE --data-dir {original}', then 'changedetection " +
        "restore FILE' into an empty folder. If the original is no longer wanted, delete it: then this folder takes its place.");

    private static SystemIdentityException Missing(DataFolder folder, string evidence, string what, bool outside = false) => new(
        $"A system has lived in '{folder}' ({evidence}), and {what}. Nothing was made in its place. " +
        (outside
            ? "The folder was copied without its database, which stands outside it on the machine that it came from: take it along with " +
                "'changedetection backup --out FILE' there and 'changedetection restore FILE' here. "
            : "Put back what is missing, or bring back a backup into an empty folder: 'changedetection restore FILE'. ") +
        "To begin with an empty system, choose another folder: --data-dir DIR.");
}
