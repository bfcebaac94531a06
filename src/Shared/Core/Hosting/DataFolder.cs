namespace ChangeDetection.Core.Hosting;

/// <summary>
/// The folder that holds everything of one local system: its PostgreSQL cluster, the object store, logs, and the files by which the
/// verbs of the command line find it. Only its owner can read it.
/// </summary>
public sealed class DataFolder
{
    /// <summary>The environment variable that names the folder when no argument does.</summary>
    public const string Variable = "CHANGEDETECTION_DATA_DIR";

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private DataFolder(string path) => Path = path;

    /// <summary>The absolute path.</summary>
    public string Path { get; }

    /// <summary>The home of the private PostgreSQL cluster, where the cluster can live in this folder at all.</summary>
    public string Postgres => this["postgres"];

    /// <summary>The file that says where the private cluster is and how it is reached: there since a system first lived here.</summary>
    public string Cluster => this["postgres.json"];

    /// <summary>The default object store.</summary>
    public string Store => this["store"];

    /// <summary>The same as a URI; written with its scheme, so that it stays one when it is read back from a file.</summary>
    public Uri StoreUri => new(new Uri(Store + "/").AbsoluteUri);

    /// <summary>Copies of shards from stores that are not on this machine.</summary>
    public string Cache => this["cache"];

    /// <summary>The log files of the processes that <c>up</c> starts.</summary>
    public string Logs => this["logs"];

    /// <summary>A path below the folder; nothing is created.</summary>
    public string this[string name] => System.IO.Path.Combine(Path, name);

    /// <summary>
    /// Which folder is meant: the one that a setting names (<see cref="SystemSettings"/>), else the user's own
    /// (<c>$XDG_DATA_HOME/changedetection</c>, normally <c>~/.local/share/changedetection</c>).
    /// </summary>
    /// <exception cref="DataFolderException">None is named, and the account has no home.</exception>
    public static string Resolve(string? named)
    {
        if (named is not null)
            return System.IO.Path.GetFullPath(named);
        var user = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify);
        return user is ""
            ? throw new DataFolderException($"This account has no home folder. Say where the data folder is: --data-dir DIR, or set {Variable}.")
            : System.IO.Path.Combine(user, "changedetection");
    }

    /// <summary>Opens the folder for use, creating it and its subfolders, closed to everybody else.</summary>
    /// <exception cref="DataFolderException">It cannot be created or belongs to somebody else.</exception>
    public static DataFolder Open(string path)
    {
        var folder = At(path);
        try
        {
            CreateClosed(folder.Path);
            CreateClosed(folder.Store);
            CreateClosed(folder.Logs);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new DataFolderException(
                $"The data folder '{folder.Path}' cannot be used: {error.Message} Choose one that this account may write to: --data-dir DIR, or " +
                    $"{Variable}.", error);
        }
        return folder;
    }

    /// <summary>The folder by name alone: nothing is looked at, nothing is created.</summary>
    public static DataFolder At(string path) => new(System.IO.Path.GetFullPath(path));

    /// <summary>The folder if a system has ever lived in it; null where a reading verb would only create an empty one.</summary>
    public static DataFolder? Existing(string path) =>
        At(path) is var folder && (File.Exists(folder.Cluster) || File.Exists(folder[SystemFile.Name])) ? folder : null;

    public override string ToString() => Path;

    private static void CreateClosed(string path)
    {
        if (!Directory.Exists(path))
        {
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path) ?? path);
            Directory.CreateDirectory(path, OwnerOnly);
        }
        // Search permission is left as it stands: the PostgreSQL account may need it to reach its own subfolder (see ClusterHome).
        const UnixFileMode searchByOthers = UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
        var mode = File.GetUnixFileMode(path);
        if ((mode & ~searchByOthers) != OwnerOnly)
            File.SetUnixFileMode(path, OwnerOnly | (mode & searchByOthers));
    }
}

/// <summary>The data folder cannot be used; the message says why and what to do.</summary>
public sealed class DataFolderException(string message, Exception? inner = null) : IOException(message, inner);
