using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.Runs;

namespace ChangeDetection.Core.Planning;

/// <summary>What a submitted config becomes: one experiment and its runs.</summary>
public sealed record ExperimentPlan(Experiment Experiment, IReadOnlyList<PlannedRun> Runs);

/// <summary>
/// Turns a config into runs: for each combination of its matrix and each seed one that trains, and one that evaluates its checkpoint and waits for
/// it.
/// </summary>
public static class ExperimentPlanner
{
    /// <param name="source">The document as submitted.</param>
    /// <param name="now">Part of the ids: runs of one experiment sort in the order in which they are meant to run.</param>
    public static ExperimentPlan Plan(ExperimentConfig config, string source, DateTimeOffset now)
    {
        var runs = new List<PlannedRun>();
        foreach (var one in ExperimentMatrix.Expand(config))
        {
            var name = ExperimentMatrix.RunName(one, config);
            var train = new PlannedRun(
                NextId(), name, RunKind.Train, ExperimentJson.Serialize(one), ExperimentDigest.Of(one),
                one.Resources.Device, one.Resources.Priority, WaitsFor: null);
            runs.Add(train);
            if (one.Evaluate is not null)
                runs.Add(train with { Id = NextId(), Name = $"{name} evaluation", Kind = RunKind.Evaluate, WaitsFor = train.Id });
        }
        var experiment = new Experiment
        {
            Id = Guid.CreateVersion7(now), Name = config.Name, Config = ExperimentJson.Serialize(config), Source = source, Digest = ExperimentDigest.Of(config),
        };
        return new ExperimentPlan(experiment, runs);

        Guid NextId() => Guid.CreateVersion7(now.AddMilliseconds(runs.Count));
    }
}
