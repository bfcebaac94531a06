using ChangeDetection.Core.Hosting;

namespace ChangeDetection.Core.Database.LocalServer;

/// <summary>What shows that a system has lived in a data folder, where its own files no longer say so.</summary>
internal static class FolderEvidence
{
    /// <summary>Whether a cluster is there.</summary>
    public static bool OfCluster(DataFolder folder) => File.Exists(Path.Combine(folder.Postgres, ClusterHome.Data, "PG_VERSION"));

    /// <summary>What a system that was up leaves, in words; null where there is none of it.</summary>
    public static string? OfSystem(DataFolder folder) =>
        File.Exists(folder[ConnectionFile.Name]) ? ConnectionFile.Name
        : Holds(folder.Store) ? "objects in its store"
        : null;

    /// <summary>What processes of a system that was up have logged; null where there is nothing.</summary>
    public static string? OfLogs(DataFolder folder) => Holds(folder.Logs) ? "logs of its processes" : null;

    private static bool Holds(string folder) => Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any();
}
