using System.Text.Json;
using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.Database;
using ChangeDetection.Core.Hosting;
using ChangeDetection.Core.Planning;
using ChangeDetection.Core.Runs;
using ChangeDetection.Core.Storage;
using ChangeDetection.Core.Workers;
using ChangeDetection.Datasets.Layouts;
using ChangeDetection.Datasets.Packing;
using ChangeDetection.Datasets.Synthesis;
using Npgsql;

namespace ChangeDetection.TestKit;

/// <summary>
/// A whole system of real processes on a data folder of the test's own: <c>changedetection up</c>, and what the test adds; or its parts apart, on a
/// database that the test can take away. What a test submits is planned as the command line plans it; where runs stand is read from the rows, as any
/// client could.
/// </summary>
public sealed class SystemUnderTest : IAsyncDisposable
{
    /// <summary>
    /// Short, so that a test need not wait for half a minute to see a death noticed; and long enough for a renewal on a machine whose processors are all
    /// taken: with 5 s, and thirty threads for two processors, workers lost runs that no test had taken from them.
    /// </summary>
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(10);

    /// <summary>What the processes of a system are told of it.</summary>
    public static readonly IReadOnlyDictionary<string, string?> ShortLease = new Dictionary<string, string?>
    {
        ["CHANGEDETECTION_LEASE__DURATION"] = $"{Lease}",
        ["CHANGEDETECTION_CHECKPOINT_GRACE"] = "00:00:30",
    };

    private static readonly TimeSpan s_upLimit = TimeSpan.FromMinutes(2);

    private readonly TemporaryFolder _folder = new();
    private readonly List<RunningProgram> _parts = [];
    private readonly IReadOnlyDictionary<string, string?> _settings;
    private PostgresWatchdog? _watchdog;
    private TestDatabase? _database;
    private bool _ownsPostgres;

    private SystemUnderTest(IReadOnlyDictionary<string, string?> settings)
    {
        Held = new HeldRuns(_folder["held"]);
        _settings = new Dictionary<string, string?>(settings) { [HoldPoint.Variable] = Held.Folder };
    }

    public string DataDir => _folder["data"];

    /// <summary>Where its small data set lies.</summary>
    public string Dataset => _folder["dataset"];

    public RunningProgram? Up { get; private set; }

    /// <summary>The server of a system whose parts are apart; null below <c>up</c>, which owns its own.</summary>
    public PostgresServer? Postgres { get; private set; }

    public NpgsqlDataSource Database { get; private set; } = null!;
    public string ConnectionString { get; private set; } = "";
    public Uri Store { get; private set; } = null!;
    public RunStore Runs => new(Database);

    /// <summary>Runs that wait for the test at a step.</summary>
    public HeldRuns Held { get; }

    /// <param name="settings">Environment of every process; <see cref="ShortLease"/> when not given.</param>
    public static Task<SystemUnderTest> StartAsync(int workers, string? slots = "cpu", IReadOnlyDictionary<string, string?>? settings = null) =>
        StartAsync(settings ?? ShortLease, async system =>
    {
        system._watchdog = PostgresWatchdog.Start(DataFolder.Open(system.DataDir));
        await system.PackSmallDatasetAsync();
        await system.StartUpAsync(workers, slots);
    });

    /// <summary>A system that is made of a backup; its data set is the original's, where that lies.</summary>
    public static Task<SystemUnderTest> RestoreAsync(string backup, int workers) => StartAsync(ShortLease, async system =>
    {
        (await CommandRun.OfAsync(["restore", backup, "--data-dir", system.DataDir])).Succeeded();
        system._watchdog = PostgresWatchdog.Start(DataFolder.At(system.DataDir));
        await system.StartUpAsync(workers);
    });

    /// <summary>
    /// A data set and a database, and nothing that runs: the test starts <c>serve</c> and workers as processes apart, and they find both by the environment
    /// alone.
    /// </summary>
    /// <param name="server">Where the database is made; a server of the system's own when not given.</param>
    public static Task<SystemUnderTest> PrepareApartAsync(PostgresServer? server = null) => StartAsync(ShortLease, async system =>
    {
        system._ownsPostgres = server is null;
        system.Postgres = server ?? new PostgresServer();
        var packing = system.PackSmallDatasetAsync();
        system._database = await system.Postgres.CreateDatabaseAsync();
        (system.ConnectionString, system.Store) = (system._database.ConnectionString, DataFolder.Open(system.DataDir).StoreUri);
        system.Database = DataSources.Create(system.ConnectionString, "tests");
        await packing;
    });

    /// <summary>A system whose parts are apart, with a scheduler, and without a worker yet.</summary>
    public static async Task<SystemUnderTest> ServeApartAsync(PostgresServer server)
    {
        var system = await PrepareApartAsync(server);
        try
        {
            await system.StartServe().LineAsync("scheduler: ready", s_upLimit);
            return system;
        }
        catch
        {
            await system.DisposeAsync();
            throw;
        }
    }

    private static async Task<SystemUnderTest> StartAsync(IReadOnlyDictionary<string, string?> settings, Func<SystemUnderTest, Task> bringUp)
    {
        var system = new SystemUnderTest(settings);
        try
        {
            await bringUp(system);
            return system;
        }
        catch
        {
            await system.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts <c>up</c>, the first time or after it was killed.</summary>
    public async Task StartUpAsync(int workers, string? slots = "cpu")
    {
        if (Database is not null)
            await Database.DisposeAsync();
        string[] given = slots is null ? [] : ["--slots", slots];
        Up = RunningProgram.Start(Executables.Scheduler, ["up", "--data-dir", DataDir, "--workers", $"{workers}", .. given], _settings);
        await Up.LineAsync("Ready.", s_upLimit);
        var connection = ConnectionFile.Read(DataFolder.At(DataDir))!;
        (ConnectionString, Store) = (connection.Database, connection.Store);
        Database = DataSources.Create(ConnectionString, "tests");
    }

    /// <summary>A worker beside those of <c>up</c>, or one of the parts apart, as somebody would start it by hand.</summary>
    public RunningProgram StartWorker(IEnumerable<string> arguments, IReadOnlyDictionary<string, string?>? environment = null) =>
        StartPart(Executables.Worker, arguments, environment);

    /// <summary>The scheduler of a system whose parts are apart.</summary>
    public RunningProgram StartServe(IReadOnlyDictionary<string, string?>? environment = null) => StartPart(Executables.Scheduler, ["serve"], environment);

    /// <summary>The database of a system whose parts are apart.</summary>
    public TestDatabase Apart => _database ?? throw new InvalidOperationException("`up` owns its database itself.");

    /// <summary>The test's own connections, and the parts that it starts from now on, take another address of the same database.</summary>
    public async Task ReachByAsync(string connectionString)
    {
        await Database.DisposeAsync();
        ConnectionString = connectionString;
        Database = DataSources.Create(connectionString, "tests");
    }

    /// <summary>Ends the session of everybody who is connected to the database of a system whose parts are apart.</summary>
    public Task TerminateBackEndsAsync() => _database!.TerminateBackEndsAsync();

    /// <summary>Runs a verb against this system.</summary>
    public Task<CommandRun> CliAsync(params string[] arguments) =>
        _database is null ? CommandRun.OfAsync([.. arguments, "--data-dir", DataDir]) : CommandRun.OfAsync(arguments, Surroundings(null));

    /// <summary>
    /// Submits a small experiment, as <c>submit</c> does, and returns its runs in order: one that trains, and the evaluation unless it was switched
    /// off.
    /// </summary>
    /// <param name="epochs">Of as many steps each as asked for; a step takes some 50 ms on an idle core.</param>
    /// <param name="crop">Of 64 at most; twice as much makes a step four times as long.</param>
    public async Task<IReadOnlyList<Guid>> SubmitAsync(
        string name, int epochs, int seed = 1, bool evaluate = false, int steps = 10, int priority = 5, int crop = 32)
    {
        var text = SmallExperiment.Config(name, epochs, $"seed: {seed}", evaluate, steps, priority, crop);
        var plan = ExperimentPlanner.Plan(ExperimentConfigReader.Read(text, $"{name}.yaml", _folder.Path), text, TimeProvider.System.GetUtcNow());
        await Outage.RetryAsync(token => new ExperimentStore(Database).AddAsync(plan.Experiment, plan.Runs, token), CancellationToken.None);
        return [.. plan.Runs.Select(run => run.Id)];
    }

    /// <summary>The same by the command line itself: whose id is printed has its row.</summary>
    /// <param name="seeds">How many, beginning with the first.</param>
    /// <exception cref="InvalidOperationException">It refused.</exception>
    public async Task<IReadOnlyList<Guid>> SubmitByCliAsync(string name, int epochs, int seed = 1, bool evaluate = false, int seeds = 1)
    {
        var text = SmallExperiment.Config(name, epochs, $"seed: {seed}\nseeds: {seeds}", evaluate, steps: 10, priority: 5, crop: 32);
        var file = _folder.Write($"{name}.yaml", text);
        using var document = JsonDocument.Parse((await CliAsync("submit", file, "--json")).Succeeded());
        return [.. document.RootElement.GetProperty("runs").EnumerateArray().Select(run => run.GetProperty("id").GetGuid())];
    }

    /// <summary>The run as it stands. A test that takes the database away rides that out like any other client.</summary>
    public async Task<Run> FindAsync(Guid run) =>
        await Outage.RetryAsync(token => Runs.FindAsync(run, token), CancellationToken.None) ?? throw new InvalidOperationException($"no run {run}");

    /// <summary>Waits until a run satisfies a condition, and returns it as it then was.</summary>
    public Task<Run> UntilAsync(Guid run, string what, Func<Run, bool> condition, TimeSpan deadline) =>
        Eventually.GetAsync($"run {run} to {what}", async () => await FindAsync(run) is var found && condition(found) ? found : null, deadline);

    /// <summary>
    /// Waits until a run has made these steps; fails at once when it has ended instead. Who then acts on it holds it there (<see cref="Held"/>).
    /// </summary>
    public Task<Run> AtStepAsync(Guid run, long step, TimeSpan deadline) => UntilAsync(run, $"reach step {step}", found => found.State.IsTerminal()
        ? throw new InvalidOperationException($"Run {run} was {found.State} before anybody saw it at step {step}: {found.Reason}")
        : found.State is RunState.Running && found.Step >= step, deadline);

    /// <summary>Waits for the end of a run; fails with its reason and log unless it succeeded.</summary>
    public async Task<Run> SucceededAsync(Guid run, TimeSpan deadline)
    {
        var ended = await UntilAsync(run, "end", found => found.State.IsTerminal(), deadline);
        if (ended.State is RunState.Succeeded)
            return ended;
        var log = await new LogStore(Database).ListAsync(run, 0, 1000, CancellationToken.None);
        throw new InvalidOperationException($"Run {run} {ended.State}: {ended.Reason}\n{string.Join('\n', log.Select(line => line.Text))}");
    }

    /// <summary>SHA-256 of the last checkpoint's weights.</summary>
    public async Task<string> FinalWeightsAsync(Guid run) =>
        (await new CheckpointStore(Database).ListAsync(run, CancellationToken.None))[0].WeightsSha256;

    /// <summary>What a run came to.</summary>
    public async Task<RunResult> ResultAsync(Guid run) =>
        new(await FinalWeightsAsync(run), await new MetricStore(Database).ListAsync(run, null, CancellationToken.None));

    public Task<IReadOnlyList<WorkerRecord>> WorkersAsync() => new WorkerStore(Database).ListAsync(all: false, CancellationToken.None);

    /// <summary>Ends the private PostgreSQL as a crash would: by SIGQUIT, which tells its back ends, or by SIGKILL, which tells nobody.</summary>
    public void CrashPostgres(bool orderly)
    {
        using var cluster = JsonDocument.Parse(File.ReadAllText(DataFolder.At(DataDir).Cluster));
        var file = Path.Combine(DataDir, cluster.RootElement.GetProperty("cluster").GetString()!, "data", "postmaster.pid");
        if (!File.Exists(file) || !int.TryParse(File.ReadLines(file).First(), out var pid))
            return;
        if (orderly)
            RunningProgram.Quit(pid);
        else
            RunningProgram.Kill(pid);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var part in _parts)
            await part.DisposeAsync();
        if (Database is not null)
            await Database.DisposeAsync();
        if (Up is { HasExited: false })
        {
            Up.Terminate();
            await Up.ExitAsync(TimeSpan.FromMinutes(1));
        }
        if (Up is not null)
            await Up.DisposeAsync();
        // The cluster may live outside the data folder, and may have outlived an `up` that was killed.
        if (_watchdog is not null)
            await _watchdog.DisposeAsync();
        if (_database is not null)
            await _database.DisposeAsync();
        if (_ownsPostgres)
            await Postgres!.DisposeAsync();
        _folder.Dispose();
    }

    private RunningProgram StartPart(string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string?>? environment)
    {
        var part = RunningProgram.Start(program, arguments, Surroundings(environment));
        _parts.Add(part);
        return part;
    }

    /// <summary>What a part is told by its environment; what the test says last wins.</summary>
    private Dictionary<string, string?> Surroundings(IReadOnlyDictionary<string, string?>? environment)
    {
        var all = new Dictionary<string, string?>(_settings);
        if (_database is not null)
            (all["CHANGEDETECTION_DATABASE"], all["CHANGEDETECTION_STORE"], all[DataFolder.Variable]) = (ConnectionString, Store.AbsoluteUri, DataDir);
        foreach (var (name, value) in environment ?? new Dictionary<string, string?>())
            all[name] = value;
        return all;
    }

    private async Task PackSmallDatasetAsync()
    {
        await SyntheticDataset.WriteAsync(_folder["scenes"], pairs: 24, seed: 3, size: 64, progress: null, CancellationToken.None);
        await new DatasetPacker(DatasetLayouts.Find("sysu", null), new PackOptions { Tool = "tests" })
            .PackAsync(_folder["scenes"], new FileObjectStore(Dataset), progress: null, CancellationToken.None);
    }
}

/// <summary>What a run came to: the SHA-256 of its last weights, and everything it measured.</summary>
public sealed record RunResult(string Weights, IReadOnlyList<MetricPoint> Metrics);
