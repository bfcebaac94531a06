using System.Globalization;
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

    /// <summary>Where clusters stand that cannot stand in their data folder.</summary>
    public const string SharedParent = "/var/lib/changedetection";

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode SearchByOthers = UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
    private static readonly TimeSpan s_probeLimit = TimeSpan.FromSeconds(20);

    public string DataDirectory => Path.Combine(Folder, Data);

    public string LogFile => Path.Combine(Folder, Log);

    public AccountShell Shell => new(Account, Folder);

    /// <summary>
    /// Chooses the home of a new cluster: in the data folder, or, where its account cannot reach that (below root's home, say), in
    /// <c>/var/lib/changedetection</c> under the system's id.
    /// </summary>
    public static async Task<ClusterHome> ChooseAsync(DataFolder folder, Guid system, CancellationToken cancellationToken)
    {
        if (SystemAccount.ForCluster() is not { } account)
            return new ClusterHome(folder.Postgres, null);
        if (!await CanEnterAsync(account, Path.GetDirectoryName(folder.Path) ?? "/", cancellationToken))
            return new ClusterHome(Path.Combine(SharedParent, $"{system}"), account);
        LetThrough(folder);
        return new ClusterHome(folder.Postgres, account);
    }

    /// <summary>
    /// The home of a cluster that was made before. Who runs its server is said by the owner of its files: a folder that was given to another account
    /// is that account's. What root was given back it lends out again.
    /// </summary>
    /// <exception cref="LocalPostgresException">Its account is neither ours nor one that we may act for.</exception>
    public static ClusterHome Of(ClusterRecord record, DataFolder folder)
    {
        var home = record.HomeIn(folder);
        var owner = (FileStatus.Of(Path.Combine(home, Data)) ?? FileStatus.Of(home))?.Owner;
        if (!Environment.IsPrivilegedProcess)
        {
            var isOurs = owner is { } user ? user == SystemAccount.EffectiveUser() : record.Account == Environment.UserName || !record.IsOutside;
            return isOurs ? new ClusterHome(home, null)
                : throw Foreign(owner is { } other ? SystemAccount.Find(other)?.Name ?? $"{other}" : record.Account);
        }
        // A number of another machine may be anybody's here: it counts where the record names its account, or where the whole folder is that account's.
        if (owner is > 0 and { } lent && SystemAccount.Find(lent) is { } account
            && (account.Name == record.Account || FileStatus.Of(folder.Path)?.Owner == lent))
            return new ClusterHome(home, account);
        var lender = (owner is null ? SystemAccount.Find(record.Account) : null) is { UserId: > 0 } former ? former : SystemAccount.ForCluster()!;
        if (owner is not null)
        {
            lender.OwnTree(home);
            if (!record.IsOutside)
                LetThrough(folder);
        }
        return new ClusterHome(home, lender);

        LocalPostgresException Foreign(string name) => new(
            $"The cluster of the data folder '{folder}' belongs to the account '{name}'{(record.IsOutside ? $" and stands outside it, in '{home}'" : "")}. " +
            "Run as that account or as root, or choose another folder. " + (record.IsOutside
                ? "To take the system along: 'changedetection backup --out FILE' as the account it ran as, and 'changedetection restore FILE' as this one."
                : $"To give it to this account, as root: chown -R {Environment.UserName} '{folder}'."));
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

    /// <summary>The account may pass through the data folder to its own subfolder, and see nothing on the way: all else in it is closed.</summary>
    private static void LetThrough(DataFolder folder) => File.SetUnixFileMode(folder.Path, OwnerOnly | SearchByOthers);

    private static async Task<bool> CanEnterAsync(SystemAccount account, string folder, CancellationToken cancellationToken)
    {
        // Asked of the system itself, as that account: modes alone would miss access lists and mounts.
        var result = await new AccountShell(account, "/").RunScriptAsync("cd -- \"$1\"", [folder], s_probeLimit, null, cancellationToken);
        return result.ExitCode == 0;
    }
}
