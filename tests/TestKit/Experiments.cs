using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.Runs;

namespace ChangeDetection.TestKit;

/// <summary>Submitted runs for tests, through the real stores.</summary>
public static class Experiments
{
    public static ExperimentConfig Config(string name = "test") => new()
    {
        Name = name,
        Dataset = new DatasetConfig { Uri = new Uri("file:///nowhere/") },
    };

    /// <summary>Submits an experiment of runs that train, all claimable, and returns their ids in order.</summary>
    public static Task<IReadOnlyList<Guid>> SubmitAsync(
        TestDatabase database, int runs = 1, int priority = 5, DeviceClass device = DeviceClass.Any, int errors = 0) =>
        SubmitAsync(database, [.. Enumerable.Range(0, runs).Select(_ => Planned(priority, device, errors, waitsFor: null))]);

    /// <summary>Submits a run that trains and one that waits for it.</summary>
    public static async Task<(Guid Parent, Guid Child)> SubmitPairAsync(TestDatabase database)
    {
        var parent = Planned(5, DeviceClass.Any, 0, waitsFor: null);
        var child = Planned(5, DeviceClass.Any, 0, waitsFor: parent.Id) with { Kind = RunKind.Evaluate };
        await SubmitAsync(database, [parent, child]);
        return (parent.Id, child.Id);
    }

    /// <summary>Submits a run that trains, with an id that was known before.</summary>
    public static Task AddAsync(TestDatabase database, Guid run) => SubmitAsync(database, [Planned(5, DeviceClass.Any, 0, waitsFor: null) with { Id = run }]);

    private static async Task<IReadOnlyList<Guid>> SubmitAsync(TestDatabase database, IReadOnlyList<PlannedRun> runs)
    {
        var experiment = new Experiment
        {
            Id = Guid.CreateVersion7(),
            Name = "test",
            Config = runs[0].ConfigJson,
            Source = "name: test",
            Digest = runs[0].Digest,
        };
        await new ExperimentStore(database.DataSource).AddAsync(experiment, runs, CancellationToken.None);
        return [.. runs.Select(run => run.Id)];
    }

    private static PlannedRun Planned(int priority, DeviceClass device, int errors, Guid? waitsFor)
    {
        var config = Config() with { Retries = new RetriesConfig { Errors = errors } };
        return new PlannedRun(
            Guid.CreateVersion7(), "run", RunKind.Train, ExperimentJson.Serialize(config), ExperimentDigest.Of(config), device, priority, waitsFor);
    }
}
