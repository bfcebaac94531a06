using System.Globalization;
using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.Hosting;
using ChangeDetection.Core.Queue;
using ChangeDetection.Core.Runs;
using ChangeDetection.TestKit;

namespace ChangeDetection.Resilience.Tests.Storage;

/// <summary>
/// A worker with a queue of its own, so that scenes play side by side without meeting, and a folder by which a scene arms a crash point in it and in its
/// trainers. When it dies it is started again, as <c>up</c> or a service manager would.
/// </summary>
/// <param name="environment">Of the worker; names the store where it is not the system's own.</param>
public sealed class Lane(SystemUnderTest system, int priority, IReadOnlyDictionary<string, string?>? environment = null) : IAsyncDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(2);

    private readonly TemporaryFolder _armed = new();
    private RunningProgram? _worker;

    public async ValueTask DisposeAsync()
    {
        if (_worker is not null)
            await _worker.DisposeAsync();
        _armed.Dispose();
    }

    /// <summary>Starts the worker, the first time or after it died.</summary>
    public async Task StartAsync()
    {
        if (_worker is not null)
            await _worker.DisposeAsync();
        var variables = new Dictionary<string, string?>(environment ?? new Dictionary<string, string?>()) { [CrashPoint.Variable] = _armed.Path };
        _worker = system.StartWorker(["--slots", "cpu", "--queues", QueueNames.For(priority, DeviceClass.Any)], variables);
    }

    /// <summary>Submits a run that this lane's worker alone takes.</summary>
    public async Task<Guid> SubmitAsync(string name, Func<ExperimentConfig, ExperimentConfig>? change = null)
    {
        var config = TinyRun.Config(system, name) with { Resources = new ResourcesConfig { Threads = 1, Priority = priority } };
        config = change?.Invoke(config) ?? config;
        var (json, digest) = (ExperimentJson.Serialize(config), ExperimentDigest.Of(config));
        var run = new PlannedRun(Guid.CreateVersion7(), name, RunKind.Train, json, digest, DeviceClass.Any, priority, WaitsFor: null);
        var experiment = new Experiment { Id = Guid.CreateVersion7(), Name = name, Config = json, Source = name, Digest = digest };
        await new ExperimentStore(system.Database).AddAsync(experiment, [run], CancellationToken.None);
        return run.Id;
    }

    /// <summary>
    /// Submits a run and waits until a process has died at the crash point. When that is the worker, nobody takes the run up again until
    /// <see cref="StartAsync"/>.
    /// </summary>
    /// <param name="count">At which time that the place is reached.</param>
    /// <returns>The run, and whether the worker itself died.</returns>
    public async Task<(Guid Run, bool WorkerDied)> DieAtAsync(string point, int count)
    {
        var file = Path.Combine(_armed.Path, point);
        // What an earlier scene died of.
        foreach (var taken in Taken(file))
            File.Delete(taken);
        await File.WriteAllTextAsync(file, count.ToString(CultureInfo.InvariantCulture));
        var run = await SubmitAsync(point);
        var by = await Eventually.GetAsync($"a process to die at {point}", () => Task.FromResult(Taken(file).FirstOrDefault()), s_limit);
        if (Path.GetExtension(by) != $".{_worker!.Pid}")
            return (run, false);
        await _worker.ExitAsync(s_limit);
        return (run, true);
    }

    /// <summary>Whoever dies at a crash point takes its file along, under a name that ends with his process id.</summary>
    private IEnumerable<string> Taken(string file) => Directory.GetFiles(_armed.Path).Where(name => name.StartsWith($"{file}.", StringComparison.Ordinal));
}
