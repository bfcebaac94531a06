using ChangeDetection.Core.Database;
using ChangeDetection.Core.Database.LocalServer;
using ChangeDetection.Core.Hosting;
using ChangeDetection.Scheduler.Cli.Errors;
using ChangeDetection.Scheduler.Cli.Output;
using Npgsql;

namespace ChangeDetection.Scheduler.Cli.Options;

/// <summary>
/// The system a verb talks to: one given by <c>CHANGEDETECTION_DATABASE</c>, the local one that is up, or the database of a local one that is
/// down, started under the owner lock for as long as the verb runs.
/// </summary>
internal sealed class SystemConnection : IAsyncDisposable
{
    public const string DatabaseVariable = "CHANGEDETECTION_DATABASE";
    public const string StoreVariable = "CHANGEDETECTION_STORE";
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

    /// <summary>Whether a scheduler is there to do what is asked; false for a borrowed database.</summary>
    public bool IsUp => _borrowed is null;

    /// <param name="terminal">Told when a database is started.</param>
    /// <param name="dataDir">The option; outranks the environment.</param>
    /// <param name="verb">Told to others who want the folder meanwhile.</param>
    public static async Task<SystemConnection> OpenAsync(Terminal terminal, string? dataDir, string verb, CancellationToken cancellationToken)
    {
        if (dataDir is null && Environment.GetEnvironmentVariable(DatabaseVariable) is { Length: > 0 } connectionString)
            return new SystemConnection(DataSources.Create(connectionString, Application(verb)), RemoteStore());

        var path = DataFolder.Resolve(dataDir);
        var folder = DataFolder.Existing(path)
            ?? throw new CommandException($"No system has lived in '{path}' yet. Start one with 'changedetection up', or name its folder with --data-dir.");
        return await FindOrBorrowAsync(terminal, folder, verb, cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await Database.DisposeAsync();
        if (_borrowed is not null)
            await _borrowed.StopAsync();
        _lock?.Dispose();
    }

    /// <summary>A system that is only coming up, or a verb that has borrowed the database, is waited for.</summary>
    private static async Task<SystemConnection> FindOrBorrowAsync(Terminal terminal, DataFolder folder, string verb, CancellationToken cancellationToken)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (true)
        {
            if (ConnectionFile.Read(folder) is { } running)
                return new SystemConnection(DataSources.Create(running.Database, Application(verb)), running.Store);
            if (OwnerLock.TryTake(folder, verb, TimeProvider.System) is { } ownerLock)
                return await BorrowAsync(terminal, folder, ownerLock, verb, cancellationToken);
            if (TimeProvider.System.GetElapsedTime(start) > s_patience)
                throw new DataFolderInUseException(folder, OwnerLock.HolderOf(folder));
            await Task.Delay(s_poll, cancellationToken);
        }
    }

    private static async Task<SystemConnection> BorrowAsync(Terminal terminal, DataFolder folder, OwnerLock ownerLock, string verb, CancellationToken cancellationToken)
    {
        try
        {
            terminal.Say($"No system is up on '{folder}'; its database is started for this command.");
            var server = await LocalPostgres.StartAsync(folder, cancellationToken: cancellationToken);
            await Migrator.MigrateAsync(server.ConnectionString, cancellationToken);
            return new SystemConnection(DataSources.Create(server.ConnectionString, Application(verb)), DefaultStore(folder), ownerLock, server);
        }
        catch
        {
            ownerLock.Dispose();
            throw;
        }
    }

    /// <summary>The object store of a local system: the setting, else the folder's own.</summary>
    public static Uri DefaultStore(DataFolder folder) => ConfiguredStore() ?? folder.StoreUri;

    private static Uri RemoteStore() => DefaultStore(DataFolder.At(DataFolder.Resolve()));

    /// <summary>The store that the environment names; null when it names none.</summary>
    public static Uri? ConfiguredStore() => Environment.GetEnvironmentVariable(StoreVariable) is { Length: > 0 } text
        ? Uri.TryCreate(text, UriKind.Absolute, out var uri)
            ? uri
            : throw new CommandException($"{StoreVariable} is '{text}', which is not an absolute URI. Write it like file:///data/store.")
        : null;

    private static string Application(string verb) => $"changedetection {verb}";
}
