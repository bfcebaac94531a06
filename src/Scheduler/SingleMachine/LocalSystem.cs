using ChangeDetection.Scheduler.Daemon;
using ChangeDetection.Core.Database.LocalServer;
using ChangeDetection.Core.Hosting;
using ChangeDetection.Core.Hosting.Supervision;
using ChangeDetection.Core.People;
using ChangeDetection.Core.Storage;
using ChangeDetection.Core.Workers;

namespace ChangeDetection.Scheduler.SingleMachine;

/// <summary>What <c>up</c> brings up.</summary>
/// <param name="System">The folder it lives in, and its store.</param>
/// <param name="Workers">How many worker processes.</param>
/// <param name="Port">The dashboard's; null: the next free one.</param>
/// <param name="Slots">Passed on to each worker; null: what each finds.</param>
/// <param name="Moved">The folder has come from elsewhere, and nobody uses the one that it came from.</param>
public sealed record LocalSystemOptions(SystemSettings System, int Workers, int? Port, string? Slots, bool Moved = false);

/// <summary>
/// A whole system on one data folder: private PostgreSQL, the scheduler in this process, dashboard and workers as children that are started
/// again when they die. It is taken down in the order of who needs whom: trainers with their workers, dashboard, scheduler, PostgreSQL.
/// </summary>
public sealed class LocalSystem : IAsyncDisposable
{
    private const int WorkersStop = 0;
    private const int DashboardStops = 1;
    private static readonly TimeSpan s_lockPatience = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_dashboardPatience = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_workerGrace = TimeSpan.FromSeconds(150);
    private static readonly TimeSpan s_dashboardGrace = TimeSpan.FromSeconds(10);

    private readonly Stack<Func<Task>> _takeDown = new();
    /// <summary>The same for every dashboard that is started while this system is up: who is signed in stays so.</summary>
    private readonly string _token = AccessToken.Create();

    private LocalSystem(DataFolder folder, Uri store) => (Folder, Store) = (folder, store);

    public DataFolder Folder { get; }
    public Uri Store { get; }
    public string Database { get; private set; } = "";
    /// <summary>The dashboard's address, and whether the start-up token opens it.</summary>
    private (Uri Address, bool TakesToken) Announced { get; set; } = (new("http://127.0.0.1/"), false);

    private string? Token => Announced.TakesToken ? _token : null;

    /// <summary>The address of a page of the dashboard that signs its reader in.</summary>
    /// <param name="path">Without a leading slash.</param>
    public Uri DashboardPage(string path = "") => DashboardAddress.Signed(Announced.Address, Token, path);

    /// <param name="verb">Told to others who want the folder.</param>
    /// <param name="say">Takes lines for people: what is up, what died.</param>
    /// <exception cref="DataFolderInUseException">A system is up on the folder already.</exception>
    /// <exception cref="PostgresMissingException">No server is installed; nothing was written.</exception>
    /// <exception cref="SettingsException">The port is taken.</exception>
    /// <exception cref="SystemIdentityException">Folder, database and store are not of one system.</exception>
    /// <exception cref="LocalSystemException">A process did not come up.</exception>
    public static async Task<LocalSystem> StartAsync(LocalSystemOptions options, string verb, Action<string> say, CancellationToken cancellationToken)
    {
        if (options.Port is { } port && !FreePort.IsFree(port))
            throw new SettingsException($"Port {port} is taken. Name another with --port, or leave it out to get the next free one.");
        // Before anything is written: a machine without PostgreSQL keeps no trace of the attempt.
        _ = PostgresBinaries.Find();
        var system = new LocalSystem(DataFolder.Open(options.System.Folder.Path), options.System.Store);
        try
        {
            await system.BringUpAsync(options, verb, Unfailing(say), cancellationToken);
            return system;
        }
        catch
        {
            await system.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        while (_takeDown.TryPop(out var step))
            await step();
    }

    private async Task BringUpAsync(LocalSystemOptions options, string verb, Action<string> say, CancellationToken cancellationToken)
    {
        var owner = await OwnerLock.TakeAsync(Folder, verb, s_lockPatience, TimeProvider.System, cancellationToken);
        _takeDown.Push(() => Done(owner.Dispose));

        var postgres = await LocalDatabase.OpenAsync(Folder, Store, options.Moved, say, cancellationToken);
        _takeDown.Push(() => postgres.StopAsync());
        var keeper = PostgresKeeper.Start(postgres, say, TimeProvider.System);
        _takeDown.Push(async () => await keeper.DisposeAsync());
        Database = postgres.ConnectionString;
        say($"postgresql: 127.0.0.1:{postgres.Port}");

        var scheduler = await SchedulerKeeper.StartAsync(
            token => SchedulerHost.StartAsync(Database, Store, token), say, TimeProvider.System, cancellationToken);
        _takeDown.Push(async () => await scheduler.DisposeAsync());
        say($"scheduler:  process {Environment.ProcessId}");

        var address = new TaskCompletionSource<(Uri, bool)>(TaskCreationOptions.RunContinuationsAsynchronously);
        var children = Children(options, address).ToList();
        var supervisor = await Supervisor.StartAsync(children, say, TimeProvider.System);
        _takeDown.Push(async () => await supervisor.DisposeAsync());
        var recall = WorkerRecall.Start(Database, supervisor, TimeProvider.System);
        _takeDown.Push(async () => await recall.DisposeAsync());
        Announced = await DashboardAddressAsync(address.Task, cancellationToken);
        say($"dashboard:  {DashboardPage()}");
        foreach (var child in children.Where(child => child.StopOrder == WorkersStop))
            say($"{child.Command.Name}:   process {supervisor.PidOf(child.Command.Name)}");

        new ConnectionFile(Database, Store, Announced.Address, Environment.ProcessId, Token).Write(Folder);
        _takeDown.Push(() => Done(() => ConnectionFile.Delete(Folder)));
        say($"logs:       {Folder.Logs}");
    }

    private IEnumerable<SupervisedChild> Children(LocalSystemOptions options, TaskCompletionSource<(Uri, bool)> address)
    {
        string[] port = options.Port is { } given ? ["--port", $"{given}"] : [];
        var dashboard = Command(Executables.Dashboard, "dashboard", [.. port]);
        yield return new SupervisedChild(
            dashboard with
            {
                OnLine = line => Announce(line, address),
                Environment = new Dictionary<string, string?>(dashboard.Environment) { [DashboardAddress.TokenVariable] = _token },
            },
            DashboardStops, s_dashboardGrace);

        string[] slots = options.Slots is { } devices ? ["--slots", devices] : [];
        for (var number = 1; number <= options.Workers; number++)
            yield return new SupervisedChild(Command(Executables.Worker, $"worker-{number}", slots), WorkersStop, s_workerGrace) { MayLeave = true };
    }

    private ChildCommand Command(string program, string name, string[] arguments)
    {
        var command = Executables.Locate(program).Command(name, arguments);
        return command with
        {
            LogFile = Path.Combine(Folder.Logs, $"{name}.log"),
            Environment = new Dictionary<string, string?>(command.Environment)
            {
                // By the environment, which only this account can read, never by arguments.
                [SystemSettings.DatabaseVariable] = Database,
                [SystemSettings.StoreVariable] = Store.AbsoluteUri,
                [DataFolder.Variable] = Folder.Path,
                [FormerFolders.Variable] = FormerFolders.Text(Folder),
                [SupervisedWorkers.NameVariable] = name,
                // One person's own machine, with the dashboard on loopback: nobody submits a config who could not read there himself.
                [StorageSettings.PrivateAddressesVariable] = $"{StorageSettings.OfEnvironment(privateAddresses: true).AllowPrivateAddresses}",
            },
        };
    }

    private static void Announce(string line, TaskCompletionSource<(Uri, bool)> address)
    {
        if (DashboardAddress.Read(line) is { } announced)
            address.TrySetResult(announced);
    }

    private async Task<(Uri Address, bool TakesToken)> DashboardAddressAsync(Task<(Uri, bool)> address, CancellationToken cancellationToken)
    {
        try
        {
            return await address.WaitAsync(s_dashboardPatience, cancellationToken);
        }
        catch (TimeoutException)
        {
            throw new LocalSystemException(
                $"The dashboard did not come up within {s_dashboardPatience.TotalSeconds:0} s. Its log: {Path.Combine(Folder.Logs, "dashboard.log")}");
        }
    }

    /// <summary>A log on a disk that is full, or a pipe whose reader is gone, costs lines, and never the system.</summary>
    private static Action<string> Unfailing(Action<string> say) => line =>
    {
        try
        {
            say(line);
        }
        catch (IOException)
        {
            // There is nowhere to say it.
        }
    };

    private static Task Done(Action action)
    {
        action();
        return Task.CompletedTask;
    }
}

/// <summary>A local system did not come up; the message says where to look.</summary>
public sealed class LocalSystemException(string message) : Exception(message);
