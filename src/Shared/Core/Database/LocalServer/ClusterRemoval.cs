using ChangeDetection.Core.Hosting;

namespace ChangeDetection.Core.Database.LocalServer;

/// <summary>Stops and deletes the cluster of a data folder that never became a system's.</summary>
internal static class ClusterRemoval
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(30);

    /// <summary>Does nothing where there is none.</summary>
    /// <exception cref="LocalPostgresException">It does not stop.</exception>
    public static async Task RunAsync(DataFolder folder, CancellationToken cancellationToken)
    {
        if (ClusterRecord.Read(folder) is not { } record || !Directory.Exists(record.HomeIn(folder)))
            return;
        var home = ClusterHome.Of(record, folder);
        if (home.Major() is { } major)
        {
            var postmaster = new Postmaster(PostgresBinaries.Find(major), home);
            if ((await postmaster.ProcessesAsync(cancellationToken)).Count > 0 && !await postmaster.StopAsync("immediate", s_limit, cancellationToken))
                throw new LocalPostgresException(
                    $"PostgreSQL in '{home.Folder}', left by a restore that was killed, does not stop. End its processes, then try again.");
        }
        Directory.Delete(home.Folder, recursive: true);
    }
}
