using ChangeDetection.Core.Workers;
using ChangeDetection.TestKit;
using Dapper;
using Npgsql;

namespace ChangeDetection.Resilience.Tests.Chaos;

/// <summary>What goes wrong: processes die, freeze and are asked to leave, connections break, the server crashes.</summary>
internal sealed class Faults(SystemUnderTest system, Random random, ITestOutputHelper output) : IAsyncDisposable
{
    private readonly Dictionary<string, int> _struck = [];
    private readonly HashSet<int> _frozen = [];
    private readonly List<RunningProgram> _successors = [];

    public string Summary => string.Join(", ", _struck.OrderBy(pair => pair.Key).Select(pair => $"{pair.Value} {pair.Key}"));

    public async Task StrikeAsync(CancellationToken over)
    {
        (string Name, Func<CancellationToken, Task> Strike)[] faults =
        [
            ("trainers killed", KillTrainerAsync),
            ("worker trees killed", KillWorkerAsync),
            ("workers terminated", TerminateWorkerAsync),
            ("worker trees frozen", FreezeWorkerAsync),
            ("sweeps of back ends", TerminateBackEndsAsync),
            ("server crashes", CrashServerAsync),
        ];
        try
        {
            while (!over.IsCancellationRequested)
            {
                await Task.Delay(TimeSpan.FromSeconds(2 + random.NextDouble() * 6), over);
                var (name, strike) = faults[random.Next(faults.Length)];
                output.WriteLine($"{TimeProvider.System.GetUtcNow():HH:mm:ss} {name}");
                _struck[name] = _struck.GetValueOrDefault(name) + 1;
                await strike(over);
            }
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested)
        {
            // The time is up.
        }
    }

    /// <summary>Thaws what is frozen, and starts a worker in case all were killed or asked to leave; the rest mends itself.</summary>
    public void MakeWhole()
    {
        Thaw();
        _successors.Add(system.StartWorker(["--slots", "cpu", "--data-dir", system.DataDir]));
    }

    /// <summary>Asks the workers that were started beside those of <c>up</c> to leave, and waits until they have.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var successor in _successors.Where(successor => !successor.HasExited))
            successor.Terminate();
        foreach (var successor in _successors)
        {
            var processes = RunningProgram.Descendants(successor.Pid);
            await successor.ExitAsync(TimeSpan.FromMinutes(1));
            await Eventually.TrueAsync(
                "no process of a worker to be left", () => Task.FromResult(!processes.Any(RunningProgram.IsAlive)), TimeSpan.FromSeconds(5));
            await successor.DisposeAsync();
        }
        _successors.Clear();
    }

    private void Thaw()
    {
        foreach (var pid in _frozen)
            RunningProgram.Thaw(pid);
        _frozen.Clear();
    }

    private async Task KillTrainerAsync(CancellationToken over)
    {
        if (Pick((await WorkersAsync()).SelectMany(worker => worker.Slots).Where(slot => slot.TrainerPid is not null).ToList()) is { TrainerPid: { } pid })
            RunningProgram.Kill(pid);
    }

    private async Task KillWorkerAsync(CancellationToken over)
    {
        if (Pick(await WorkersAsync()) is { } worker)
            RunningProgram.KillTree(worker.Pid);
    }

    /// <summary>One that is asked to leave stays away, so somebody starts another, as an operator would who moves a worker.</summary>
    private async Task TerminateWorkerAsync(CancellationToken over)
    {
        if (Pick(await WorkersAsync()) is not { } worker)
            return;
        RunningProgram.Terminate(worker.Pid);
        _successors.Add(system.StartWorker(["--slots", "cpu", "--data-dir", system.DataDir]));
    }

    private async Task FreezeWorkerAsync(CancellationToken over)
    {
        if (Pick(await WorkersAsync()) is not { } worker)
            return;
        int[] tree = [worker.Pid, .. RunningProgram.Descendants(worker.Pid)];
        foreach (var pid in tree)
        {
            RunningProgram.Freeze(pid);
            _frozen.Add(pid);
        }
        await Task.Delay(SystemUnderTest.Lease * (0.5 + random.NextDouble() * 2.5), over);
        Thaw();
    }

    private async Task TerminateBackEndsAsync(CancellationToken over) => await TryAsync(async () =>
    {
        await using var connection = await system.Database.OpenConnectionAsync(CancellationToken.None);
        await connection.ExecuteAsync("select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and datname = current_database()");
    });

    /// <summary>SIGQUIT is an immediate shutdown, SIGKILL not even that.</summary>
    private Task CrashServerAsync(CancellationToken over)
    {
        system.CrashPostgres(orderly: random.Next(2) == 0);
        return Task.CompletedTask;
    }

    /// <summary>Live workers, by the rows; none while the database is away.</summary>
    private async Task<IReadOnlyList<WorkerRecord>> WorkersAsync()
    {
        IReadOnlyList<WorkerRecord> workers = [];
        await TryAsync(async () => workers = [.. (await system.WorkersAsync()).Where(worker => RunningProgram.IsAlive(worker.Pid))]);
        return workers;
    }

    private static async Task TryAsync(Func<Task> action)
    {
        try
        {
            await action();
        }
        catch (NpgsqlException)
        {
            // The fault before this one still lasts.
        }
    }

    private T? Pick<T>(IReadOnlyList<T> among) where T : class => among.Count == 0 ? null : among[random.Next(among.Count)];
}
