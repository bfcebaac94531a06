using Microsoft.Extensions.Configuration;

namespace ChangeDetection.Core.Hosting;

/// <summary>
/// Which system a process belongs to: its data folder, its database and its object store. Every program reads them here, so that all of
/// them mean the same system by the same settings.
/// </summary>
/// <remarks>
/// There are three sources: the option <c>--data-dir</c>, the environment, and <c>appsettings.json</c> beside the program.
/// Rows refer to objects, so a database of one system and a store of another are of no use together, and are never combined:
/// <list type="number">
/// <item><c>--data-dir</c> names a whole local system, its database and its store. A database that is set elsewhere is not used.</item>
/// <item>Otherwise <c>CHANGEDETECTION_DATABASE</c> names the database, in the environment before <c>appsettings.json</c>.
/// There is no option for it: it may hold a password, and other accounts can read the arguments of a process. Where
/// <c>CHANGEDETECTION_DATABASE_FILE</c> stands instead, the text is that of the file (<see cref="SecretFile"/>).</item>
/// <item>Otherwise the local system is meant that lives in <c>CHANGEDETECTION_DATA_DIR</c>, or in the user's own data folder.</item>
/// <item>A local system that is up says itself where its database and store are.</item>
/// <item><c>CHANGEDETECTION_STORE</c> names the store of a database that was named, or of a local system that is not up yet; without it, that is
/// the folder <c>store</c> in the data folder. A source that names a database and a store means the two together: where its database is not used,
/// neither is its store.</item>
/// </list>
/// A blank setting is no setting.
/// </remarks>
/// <param name="Folder">The data folder, by name: nothing is looked at or created.</param>
/// <param name="Database">The connection string that was named; null where the local system on <paramref name="Folder"/> is meant.</param>
/// <param name="NamedStore">The root of the object store that was named; null where none was.</param>
public sealed record SystemSettings(DataFolder Folder, string? Database, Uri? NamedStore)
{
    /// <summary>The environment variable that names a database.</summary>
    public const string DatabaseVariable = Prefix + "DATABASE";

    /// <summary>The environment variable that names a file which holds the same text.</summary>
    public const string DatabaseFileVariable = Prefix + "DATABASE_FILE";

    /// <summary>The environment variable that names an object store.</summary>
    public const string StoreVariable = Prefix + "STORE";

    private const string Prefix = "CHANGEDETECTION_";
    private const string DatabaseKey = "Database";
    private const string DatabaseFileKey = "Database_File";
    private const string StoreKey = "Store";
    private const string DataDirKey = "Data_Dir";

    /// <summary>The store that was named, else the data folder's own.</summary>
    public Uri Store => NamedStore ?? Folder.StoreUri;

    /// <param name="dataDir">The option <c>--data-dir</c>; null when it was not given.</param>
    /// <exception cref="SettingsException">A setting has no value of its kind.</exception>
    /// <exception cref="DataFolderException">No folder is named, and the account has none of its own.</exception>
    public static SystemSettings Read(string? dataDir = null)
    {
        var file = new ConfigurationBuilder().AddJsonFile(Path.Combine(AppContext.BaseDirectory, "appsettings.json"), optional: true);
        try
        {
            return Read(dataDir, new ConfigurationBuilder().AddEnvironmentVariables(Prefix).Build(), file.Build());
        }
        catch (InvalidDataException error)
        {
            throw new SettingsException($"{error.Message} {error.InnerException?.Message} Correct the file, or take it away.", error);
        }
    }

    /// <param name="environment">The variables that begin with <c>CHANGEDETECTION_</c>, without that.</param>
    /// <param name="file">The content of <c>appsettings.json</c>.</param>
    internal static SystemSettings Read(string? dataDir, IConfiguration environment, IConfiguration file)
    {
        var folder = DataFolder.At(DataFolder.Resolve(Text(dataDir) ?? Text(environment[DataDirKey]) ?? Text(file[DataDirKey])));
        var database = Text(dataDir) is null ? DatabaseOf(environment) ?? DatabaseOf(file) : null;
        return new SystemSettings(folder, database, StoreOf(database, environment) ?? StoreOf(database, file));
    }

    /// <summary>The database and the store: those that were named, else those of the local system that is up on the folder.</summary>
    /// <exception cref="SettingsException">No database was named, and no system is up.</exception>
    public (string Database, Uri Store) Locate()
    {
        if (Database is not null)
            return (Database, Store);
        return DataFolder.Existing(Folder.Path) is { } folder && ConnectionFile.Read(folder) is { } running
            ? (running.Database, running.Store)
            : throw new SettingsException(
                $"No system is up on '{Folder}'. Start one with 'changedetection up --data-dir {Folder}', name another folder with --data-dir, "
                + $"or set {DatabaseVariable} and {StoreVariable} to those of a system elsewhere.");
    }

    /// <summary>The settings of a system that is to be started with a database of its own on the data folder.</summary>
    /// <exception cref="SettingsException">Another database was named: the system would not be found by the same settings afterwards.</exception>
    public SystemSettings WithOwnDatabase() => Database is null ? this : throw new SettingsException(
        $"'up' starts a system with a database of its own, and {DatabaseVariable} names another (or the file that {DatabaseFileVariable} names does). "
        + "Say which folder the system is to live in with --data-dir, or take the variable away. "
        + "On the database that it names, run 'changedetection serve', 'changedetection-worker' and 'changedetection-dashboard'.");

    /// <summary>Without the connection string, which may hold a password.</summary>
    public override string ToString() => $"{Folder}, {(Database is null ? "its own database" : "a database that was named")}, {Store}";

    /// <summary>The connection string that a source names, itself or by a file; null where it names none.</summary>
    private static string? DatabaseOf(IConfiguration source) => (Text(source[DatabaseKey]), Text(source[DatabaseFileKey])) switch
    {
        (not null, not null) => throw new SettingsException(
            $"{DatabaseVariable} and {DatabaseFileVariable} are both set, and one of them would go unread. Take one away."),
        (null, { } path) => SecretFile.Read(DatabaseFileVariable, path),
        (var text, null) => text,
    };

    /// <summary>The store that a source names for the database in use; null where it names none, or means another database by it.</summary>
    private static Uri? StoreOf(string? database, IConfiguration source)
    {
        if (Text(source[StoreKey]) is not { } text)
            return null;
        var namesOne = (Text(source[DatabaseKey]) ?? Text(source[DatabaseFileKey])) is not null;
        return namesOne && (database is null || DatabaseOf(source) != database) ? null
            : Uri.TryCreate(text, UriKind.Absolute, out var uri) ? uri
            : throw new SettingsException($"{StoreVariable} is '{text}', which is not an absolute URI. Write it like file:///data/store.");
    }

    private static string? Text(string? value) => string.IsNullOrWhiteSpace(value) ? null : value;
}
