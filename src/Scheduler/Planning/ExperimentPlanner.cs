using ChangeDetection.Configuration;
using ChangeDetection.Runs;

namespace ChangeDetection.Scheduler.Planning;

/// <summary>What a submitted config becomes: one experiment and its runs.</summary>
public sealed record ExperimentPlan(Experiment Experiment, IReadOnlyList<PlannedRun> Runs);

/// <summary>Turns a config into runs: one that trains, and one that evaluates its checkpoint and waits for it.</summary>
public static class ExperimentPlanner
{
    /// <param name="source">The document as submitted.</param>
    /// <param name="now">Part of the ids: runs of one experiment sort in the order in which they are meant to run.</param>
    public static ExperimentPlan Plan(ExperimentConfig config, string source, DateTimeOffset now)
    {
        var json = ExperimentJson.Serialize(config);
        var digest = ExperimentDigest.Of(config);
        var train = new PlannedRun(
            Guid.CreateVersion7(now), config.Name, RunKind.Train, json, digest, config.Resources.Device, config.Resources.Priority, WaitsFor: null);
        var runs = new List<PlannedRun> { train };
        if (config.Evaluate is not null)
            runs.Add(train with { Id = Guid.CreateVersion7(now.AddMilliseconds(runs.Count)), Name = $"{config.Name} evaluation", Kind = RunKind.Evaluate, WaitsFor = train.Id });
        var experiment = new Experiment { Id = Guid.CreateVersion7(now), Name = config.Name, Config = json, Source = source, Digest = digest };
        return new ExperimentPlan(experiment, runs);
    }
}
