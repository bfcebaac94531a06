using System.Runtime.CompilerServices;
using ChangeDetection.Core.Database;
using ChangeDetection.Core.Database.LocalServer;
using ChangeDetection.Core.Health;
using ChangeDetection.Core.Hosting;

namespace ChangeDetection.Scheduler.Cli.Doctor;

/// <summary>
/// Every check, in the order in which they are of use: the system, the devices, the database, the store, the disks, the host. It starts nothing, and
/// makes no folder: what needs a system that is not up is not checked, and says so.
/// </summary>
/// <param name="Settings">Which system is meant.</param>
/// <param name="Folder">The folder of the local system that is meant; null where a database was named, or where none has ever lived there.</param>
/// <param name="Database">Null: no database can be asked.</param>
/// <param name="Store">Null: nobody said where objects are.</param>
internal sealed record Diagnosis(SystemSettings Settings, DataFolder? Folder, string? Database, Uri? Store)
{
    private const string Which = "system";
    private const string ServerPrograms = "postgresql";

    /// <exception cref="SettingsException">A setting has no value of its kind.</exception>
    public static Diagnosis Of(string? dataDir)
    {
        var settings = SystemSettings.Read(dataDir);
        if (settings.Database is { } named)
            return new Diagnosis(settings, null, named, settings.Store);
        if (DataFolder.Existing(settings.Folder.Path) is not { } folder)
            return new Diagnosis(settings, null, null, settings.NamedStore);
        return ConnectionFile.Read(folder) is { } running
            ? new Diagnosis(settings, folder, running.Database, running.Store)
            : new Diagnosis(settings, folder, null, settings.Store);
    }

    public async IAsyncEnumerable<HealthFinding> FindingsAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        yield return Meant();
        foreach (var finding in await WorkerDevices.AskAsync(cancellationToken))
            yield return finding;
        if (Settings.Database is null)
            yield return Server();
        foreach (var finding in await DatabaseAsync(cancellationToken))
            yield return finding;
        yield return await StoreAsync(cancellationToken);
        foreach (var finding in Disks())
            yield return finding;
        foreach (var finding in HostHealth.Check(needsSharedMemory: Settings.Database is null))
            yield return finding;
    }

    private HealthFinding Meant() => (Settings.Database, Folder, Database) switch
    {
        (not null, _, _) => HealthFinding.Good(Which, $"the database that {SystemSettings.DatabaseVariable} names"),
        (_, null, _) => HealthFinding.Skipped(
            Which, $"none has lived in '{Settings.Folder}' yet, and {SystemSettings.DatabaseVariable} names no database"),
        (_, _, null) => HealthFinding.Good(Which, $"the one in '{Folder}', which is down"),
        _ => HealthFinding.Good(Which, $"the one in '{Folder}', which is up"),
    };

    /// <summary>What <c>up</c> needs; a machine that only submits, or has its database elsewhere, does without.</summary>
    private static HealthFinding Server()
    {
        try
        {
            var found = PostgresBinaries.Find();
            return HealthFinding.Good(ServerPrograms, $"version {found.Major} in {found.Folder}");
        }
        catch (PostgresMissingException missing)
        {
            return HealthFinding.Warning(
                ServerPrograms, "no server programs", "'up' and 'demo' cannot start a database of their own.", missing.Message);
        }
    }

    private async Task<IReadOnlyList<HealthFinding>> DatabaseAsync(CancellationToken cancellationToken)
    {
        if (Database is null)
        {
            var why = Folder is null ? "there is no system" : $"the system is down; 'changedetection up --data-dir {Folder}' starts it";
            return [HealthFinding.Skipped(DatabaseHealth.Name, why), HealthFinding.Skipped(DatabaseHealth.ClockName, why)];
        }
        await using var database = DataSources.Create(Database, "changedetection doctor");
        return await DatabaseHealth.CheckAsync(database, TimeProvider.System, cancellationToken);
    }

    private async Task<HealthFinding> StoreAsync(CancellationToken cancellationToken)
    {
        if (Store is null)
            return HealthFinding.Skipped(StoreHealth.Name, $"there is no system, and {SystemSettings.StoreVariable} names no store");
        // The check would make it.
        return Store.IsFile && !Path.Exists(Store.LocalPath)
            ? HealthFinding.Warning(
                StoreHealth.Name, $"{Store}", "there is no such folder yet.",
                $"The first object makes it, on this machine's disk. Mount it before if it is to be shared; {SystemSettings.StoreVariable} names another.")
            : await StoreHealth.CheckAsync(Store, TimeProvider.System, cancellationToken);
    }

    private IEnumerable<HealthFinding> Disks()
    {
        if (Folder is not null)
            yield return DiskHealth.Check("data folder", Folder.Path, "Make room there, or move the system to a larger disk.");
        if (Database is not null || Folder is not null)
        {
            const string cache = "CHANGEDETECTION_CACHE__FOLDER";
            var folder = Environment.GetEnvironmentVariable(cache) is { Length: > 0 } named ? named : Settings.Folder.Cache;
            yield return DiskHealth.Check("shard cache", folder, $"Make room there, or name another folder by {cache}.");
        }
        yield return DiskHealth.Check("scratch folder", ScratchFolder.Path, $"Make room there, or name another folder by {ScratchFolder.Variable}.");
    }
}
