using ChangeDetection.Core.Database;
using ChangeDetection.Core.Database.LocalServer;
using ChangeDetection.Core.Hosting;
using ChangeDetection.Core.Identity;
using ChangeDetection.Core.People;
using ChangeDetection.Scheduler.Cli.Output;
using ChangeDetection.Scheduler.SingleMachine;
using Npgsql;

namespace ChangeDetection.Scheduler.Cli.Connection;

/// <summary>
/// The system a verb talks to (<see cref="SystemSettings"/>): one whose database is named, the local one that is up, or the database of a local one
/// that is down, started under the owner lock for as long as the verb runs.
/// </summary>
internal sealed class SystemConnection : IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_poll = TimeSpan.FromMilliseconds(200);

    private readonly OwnerLock? _lock;
    private readonly LocalPostgres? _borrowed;

    private SystemConnection(NpgsqlDataSource database, Uri store, OwnerLock? ownerLock = null, LocalPostgres? borrowed = null)
    {
        Database = database;
        Store = store;
        _lock = ownerLock;
        _borrowed = borrowed;
    }

    public NpgsqlDataSource Database { get; }
    public Uri Store { get; }

    /// <summary>How to connect once more, with the password; for programs that do it by themselves.</summary>
    public string ConnectionString { get; private init; } = "";

    /// <summary>Who uses it: the user of the token that was presented, else the account, unverified.</summary>
    public Actor Actor { get; private set; } = Actor.OfAccount();

    /// <summary>Whether a scheduler is there to do what is asked; false for a borrowed database.</summary>
    public bool IsUp => _borrowed is null;

    /// <param name="terminal">Told when a database is started.</param>
    /// <param name="dataDir">The option; outranks the environment.</param>
    /// <param name="verb">Told to others who want the folder meanwhile.</param>
    /// <exception cref="SettingsException">The token that was presented is none of this system.</exception>
    public static async Task<SystemConnection> OpenAsync(Terminal terminal, string? dataDir, string verb, CancellationToken cancellationToken)
    {
        var system = await ConnectAsync(terminal, dataDir, verb, cancellationToken);
        try
        {
            if (await PresentedToken.ActorAsync(system.Database, cancellationToken) is { } known)
                system.Actor = known;
            return system;
        }
        catch
        {
            await system.DisposeAsync();
            throw;
        }
    }

    private static async Task<SystemConnection> ConnectAsync(Terminal terminal, string? dataDir, string verb, CancellationToken cancellationToken)
    {
        var settings = SystemSettings.Read(dataDir);
        if (settings.Database is { } database)
        {
            await SessionCheck.RequireAsync(database, cancellationToken);
            var named = await ServableAsync(
                new SystemConnection(DataSources.Create(database, Application(verb)), settings.Store) { ConnectionString = database }, cancellationToken);
            if (settings.NamedStore is not null)
                await StoreOwnership.RequireNotForeignAsync(named.Database, settings.Store, cancellationToken);
            return named;
        }
        if (DataFolder.Existing(settings.Folder.Path) is null)
        {
            throw new SettingsException(
                $"No system has lived in '{settings.Folder}' yet. Start one with 'changedetection up', or name its folder with --data-dir.");
        }
        return await FindOrBorrowAsync(terminal, settings, verb, cancellationToken);
    }

    /// <summary>The system that is up, or whose database is named; null where there is none. Starts nothing.</summary>
    public static SystemConnection? Find(string? dataDir, string verb)
    {
        var settings = SystemSettings.Read(dataDir);
        if (settings.Database is { } database)
            return new SystemConnection(DataSources.Create(database, Application(verb)), settings.Store);
        return DataFolder.Existing(settings.Folder.Path) is { } folder && ConnectionFile.Read(folder) is { } running
            ? new SystemConnection(DataSources.Create(running.Database, Application(verb)), running.Store)
            : null;
    }

    public async ValueTask DisposeAsync()
    {
        await Database.DisposeAsync();
        if (_borrowed is not null)
            await _borrowed.StopAsync();
        _lock?.Dispose();
    }

    /// <summary>A system that is only coming up, or a verb that has borrowed the database, is waited for.</summary>
    private static async Task<SystemConnection> FindOrBorrowAsync(Terminal terminal, SystemSettings settings, string verb, CancellationToken cancellationToken)
    {
        var folder = settings.Folder;
        var start = TimeProvider.System.GetTimestamp();
        while (true)
        {
            if (ConnectionFile.Read(folder) is { } running)
            {
                FormerFolders.Use(folder);
                return await ServableAsync(
                    new SystemConnection(DataSources.Create(running.Database, Application(verb)), running.Store) { ConnectionString = running.Database },
                    cancellationToken);
            }
            if (OwnerLock.TryTake(folder, verb, TimeProvider.System) is { } ownerLock)
                return await BorrowAsync(terminal, settings, ownerLock, verb, cancellationToken);
            if (TimeProvider.System.GetElapsedTime(start) > s_patience)
                throw new DataFolderInUseException(folder, OwnerLock.HolderOf(folder));
            await Task.Delay(s_poll, cancellationToken);
        }
    }

    private static async Task<SystemConnection> BorrowAsync(
        Terminal terminal, SystemSettings settings, OwnerLock ownerLock, string verb, CancellationToken cancellationToken)
    {
        try
        {
            terminal.Say($"No system is up on '{settings.Folder}'; its database is started for this command.");
            var server = await LocalDatabase.OpenAsync(settings.Folder, settings.Store, moved: false, terminal.Say, cancellationToken);
            return new SystemConnection(DataSources.Create(server.ConnectionString, Application(verb)), settings.Store, ownerLock, server)
            {
                ConnectionString = server.ConnectionString,
            };
        }
        catch
        {
            ownerLock.Dispose();
            throw;
        }
    }

    /// <summary>The connection, once it is known that this program can work with what it leads to.</summary>
    private static async Task<SystemConnection> ServableAsync(SystemConnection system, CancellationToken cancellationToken)
    {
        try
        {
            await Migrator.RequireServableAsync(system.Database, cancellationToken);
            return system;
        }
        catch
        {
            await system.DisposeAsync();
            throw;
        }
    }

    private static string Application(string verb) => $"changedetection {verb}";
}
