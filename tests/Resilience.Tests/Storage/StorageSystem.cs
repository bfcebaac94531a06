using ChangeDetection.Core.Hosting;
using ChangeDetection.Core.Runs;
using ChangeDetection.TestKit;

namespace ChangeDetection.Resilience.Tests.Storage;

/// <summary>
/// One system for all scenes about storage. A scene per crash point begins as soon as it is up, several beside each other: most of a scene is waiting,
/// for a lease to run out or a process to start. Tests wait for the scene they are about.
/// </summary>
public sealed class StorageSystem(PostgresServer postgres) : IAsyncLifetime
{
    private const int Lanes = 3;
    private const int HighestPriority = 9;

    /// <summary>Where not at the first time: when a checkpoint has been published, so that there is something to fall back on.</summary>
    private static readonly Dictionary<string, int> s_counts = new()
    {
        [CrashPoints.SampleReading] = 9,
        [CrashPoints.StepHalfDone] = 4,
        [CrashPoints.StepDone] = 3,
        [CrashPoints.CheckpointBeforePut] = 2,
        // Three objects to a checkpoint.
        [CrashPoints.PutWritten] = 4,
        [CrashPoints.PutBeforeRename] = 5,
        [CrashPoints.PutRenamed] = 6,
        [CrashPoints.CheckpointAfterWeights] = 2,
        [CrashPoints.CheckpointAfterManifest] = 2,
        [CrashPoints.CheckpointRowWritten] = 2,
        [CrashPoints.CheckpointPublished] = 2,
    };

    private readonly Dictionary<string, Task<Run>> _scenes = [];
    private readonly List<(Lane Lane, Task LastScene)> _lanes = [];

    public static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);

    public SystemUnderTest System { get; private set; } = null!;

    /// <summary>A run that nothing disturbed.</summary>
    public Task<Run> Undisturbed { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        System = await SystemUnderTest.ServeApartAsync(postgres);
        foreach (var number in Enumerable.Range(0, Lanes))
        {
            var lane = new Lane(System, HighestPriority - number);
            await lane.StartAsync();
            Task before = number == 0 ? Undisturbed = UndisturbedAsync(lane) : Task.CompletedTask;
            foreach (var point in CrashPoints.OfAttempts.Where((_, index) => index % Lanes == number))
                before = _scenes[point] = PlayAsync(lane, point, before);
            _lanes.Add((lane, before));
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_scenes.Values).ContinueWith(_ => { }, TaskScheduler.Default);
        foreach (var (lane, _) in _lanes)
            await lane.DisposeAsync();
        await System.DisposeAsync();
    }

    /// <summary>The run of a crash point's scene, after it succeeded.</summary>
    public Task<Run> SceneAsync(string point) => _scenes[point];

    /// <summary>A lane whose own scenes have been played.</summary>
    public async Task<Lane> FreeLaneAsync()
    {
        await Task.WhenAny(_lanes.Select(lane => lane.LastScene));
        return _lanes.First(lane => lane.LastScene.IsCompleted).Lane;
    }

    public Task<Run[]> AllScenesAsync() => Task.WhenAll(_scenes.Values.Append(Undisturbed));

    public async Task<IReadOnlyList<CheckpointRecord>> CheckpointsAsync(Guid run) =>
        await new CheckpointStore(System.Database).ListAsync(run, CancellationToken.None);

    public async Task<IReadOnlyList<RunEvent>> EventsAsync(Guid run) => await new EventStore(System.Database).ListAsync(run, CancellationToken.None);

    public async Task<IReadOnlyList<MetricPoint>> MetricsAsync(Guid run) => await new MetricStore(System.Database).ListAsync(run, null, CancellationToken.None);

    private async Task<Run> UndisturbedAsync(Lane lane) => await System.SucceededAsync(await lane.SubmitAsync("undisturbed"), Limit);

    private async Task<Run> PlayAsync(Lane lane, string point, Task before)
    {
        // How the scene before ended is told by its own test.
        await before.ContinueWith(_ => { }, TaskScheduler.Default);
        var (run, workerDied) = await lane.DieAtAsync(point, s_counts.GetValueOrDefault(point, 1));
        if (workerDied)
            await lane.StartAsync();
        return await System.SucceededAsync(run, Limit);
    }
}

[CollectionDefinition(Name)]
public sealed class StorageCollection : ICollectionFixture<StorageSystem>
{
    public const string Name = "storage";
}
