using System.Globalization;
using ChangeDetection.Core.Hashing;
using ChangeDetection.Core.Hosting;

namespace ChangeDetection.Core.Database.LocalServer;

/// <summary>The folder of one cluster and its log, owned by the account that runs the server.</summary>
/// <param name="Folder">An absolute path.</param>
/// <param name="Account">Null: we run the server ourselves.</param>
internal sealed record ClusterHome(string Folder, SystemAccount? Account)
{
    /// <summary>Relative to <see cref="Folder"/>, as every command sees it: <c>pg_ctl</c> puts the path into a line of shell.</summary>
    public const string Data = "data";

    /// <summary>What the server says, relative to <see cref="Folder"/>.</summary>
    public const string Log = "postgres.log";

    private const string SharedParent = "/var/lib/changedetection";
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode SearchByOthers = UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
    private static readonly TimeSpan s_probeLimit = TimeSpan.FromSeconds(20);

    public string DataDirectory => Path.Combine(Folder, Data);

    public string LogFile => Path.Combine(Folder, Log);

    public AccountShell Shell => new(Account, Folder);

    /// <summary>
    /// Chooses the home of a new cluster: in the data folder, or, where its account cannot reach that
    /// (below root's home, say), in <c>/var/lib/changedetection</c> under a digest of the data folder's path.
    /// </summary>
    public static async Task<ClusterHome> ChooseAsync(DataFolder folder, CancellationToken cancellationToken)
    {
        if (SystemAccount.ForCluster() is not { } account)
            return new ClusterHome(folder.Postgres, null);
        if (!await CanEnterAsync(account, Path.GetDirectoryName(folder.Path) ?? "/", cancellationToken))
            return new ClusterHome(FreeSharedFolder(folder), account);
        // The account may pass through the data folder to its own subfolder, and see nothing on the way: all else in it is closed.
        File.SetUnixFileMode(folder.Path, OwnerOnly | SearchByOthers);
        return new ClusterHome(folder.Postgres, account);
    }

    /// <summary>The home of a cluster that was made before.</summary>
    /// <exception cref="LocalPostgresException">Its account is neither ours nor one that we may act for.</exception>
    public static ClusterHome Of(ClusterRecord record, DataFolder folder)
    {
        if (record.Account == Environment.UserName)
            return new ClusterHome(record.Home, null);
        return Environment.IsPrivilegedProcess && SystemAccount.Find(record.Account) is { } account
            ? new ClusterHome(record.Home, account)
            : throw new LocalPostgresException(
                $"The cluster of the data folder '{folder}' belongs to the account '{record.Account}'. Run as that account or as root, or choose " +
                    "another folder.");
    }

    /// <summary>Creates the folder, closed to all but its account.</summary>
    public void Create()
    {
        if (Account is not null && Path.GetDirectoryName(Folder) == SharedParent)
        {
            Directory.CreateDirectory(SharedParent);
            File.SetUnixFileMode(SharedParent, OwnerOnly | SearchByOthers);
        }
        Directory.CreateDirectory(Folder, OwnerOnly);
        Account?.Own(Folder);
    }

    /// <summary>The major version of the server that made the cluster; null while there is none.</summary>
    public int? Major()
    {
        var file = Path.Combine(DataDirectory, "PG_VERSION");
        return File.Exists(file) && int.TryParse(File.ReadAllText(file), CultureInfo.InvariantCulture, out var major) ? major : null;
    }

    private static async Task<bool> CanEnterAsync(SystemAccount account, string folder, CancellationToken cancellationToken)
    {
        // Asked of the system itself, as that account: modes alone would miss access lists and mounts.
        var result = await new AccountShell(account, "/").RunScriptAsync("cd -- \"$1\"", [folder], s_probeLimit, null, cancellationToken);
        return result.ExitCode == 0;
    }

    /// <summary>A number is added where a data folder of the same path, deleted since, has left its cluster: that is not ours to reuse or delete.</summary>
    private static string FreeSharedFolder(DataFolder folder)
    {
        var digest = Sha256Hex.Of(folder.Path)[..16];
        var path = Path.Combine(SharedParent, digest);
        for (var number = 2; Directory.Exists(path); number++)
            path = Path.Combine(SharedParent, $"{digest}-{number}");
        return path;
    }
}
