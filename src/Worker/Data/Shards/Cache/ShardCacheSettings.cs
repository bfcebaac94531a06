using System.Globalization;

namespace ChangeDetection.Worker.Data.Shards.Cache;

/// <summary>
/// The shard cache of a machine: one folder, shared by all its trainers. A worker reads the settings (<c>CHANGEDETECTION_CACHE__…</c>) and hands them
/// on in its trainers' environment.
/// </summary>
/// <param name="Folder">Absolute; made when the first shard is fetched.</param>
/// <param name="Bytes">What all copies together may take.</param>
/// <param name="OfAllStores">Also of data sets at <c>file:</c>, for folders that lie on a network.</param>
public sealed record ShardCacheSettings(string Folder, long Bytes, bool OfAllStores)
{
    /// <summary>Begins the names of the environment variables.</summary>
    public const string Prefix = "CHANGEDETECTION_CACHE__";
    public const string MegabytesKey = "SHARDS_MB";
    public const string FolderKey = "FOLDER";
    public const string StoresKey = "STORES";

    public const int DefaultMegabytes = 16_384;
    private const int MostMegabytes = 1 << 30;
    private const string Remote = "remote";
    private const string All = "all";

    /// <summary>Reads the settings by their keys, one at a time.</summary>
    /// <param name="read">The text of a key; null or empty for the default.</param>
    /// <returns>Null where the cache is off.</returns>
    /// <exception cref="FormatException">A setting is out of its range.</exception>
    public static ShardCacheSettings? Read(Func<string, string?> read, string defaultFolder)
    {
        var megabytes = read(MegabytesKey) is not { Length: > 0 } text ? DefaultMegabytes
            : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= MostMegabytes ? number
            : throw new FormatException(string.Create(CultureInfo.InvariantCulture,
                $"{Prefix}{MegabytesKey} is '{text}', which is no whole number from 0 to {MostMegabytes}. Leave it out for {DefaultMegabytes}; 0 " +
                    $"switches the shard cache off."));
        var stores = read(StoresKey) is { Length: > 0 } word ? word : Remote;
        if (stores is not (Remote or All))
            throw new FormatException(
                $"{Prefix}{StoresKey} is '{stores}', which is neither {Remote} (data sets that are not at file:) nor {All}. Leave it out for " +
                $"{Remote}.");
        var folder = read(FolderKey) is { Length: > 0 } path ? path : defaultFolder;
        return megabytes == 0 ? null : new ShardCacheSettings(Path.GetFullPath(folder), (long)megabytes << 20, stores == All);
    }

    /// <summary>Those that a worker handed to this process; null where none did, or the cache is off.</summary>
    public static ShardCacheSettings? OfThisProcess() =>
        Environment.GetEnvironmentVariable(Prefix + FolderKey) is { Length: > 0 } folder
            ? Read(key => Environment.GetEnvironmentVariable(Prefix + key), folder) : null;

    /// <summary>Hands settings, or that there is no cache, to a child process.</summary>
    public static void Write(ShardCacheSettings? settings, IDictionary<string, string?> environment)
    {
        environment[Prefix + FolderKey] = settings?.Folder;
        environment[Prefix + MegabytesKey] = settings is null ? "0" : (settings.Bytes >> 20).ToString(CultureInfo.InvariantCulture);
        environment[Prefix + StoresKey] = settings is { OfAllStores: true } ? All : Remote;
    }
}
