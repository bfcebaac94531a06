using ChangeDetection.Core.Hashing;
using ChangeDetection.Core.Runs;

namespace ChangeDetection.Core.Planning;

/// <summary>Turns a prediction into a run; like every run it belongs to an experiment, which is its own.</summary>
public static class PredictionPlanner
{
    private const int LongestName = 80;

    /// <param name="run">The run's id, under which its images may have been stored already.</param>
    /// <param name="brought">The checkpoint that it brings along; null where a run of the system has it.</param>
    public static ExperimentPlan Plan(Guid run, PredictionRequest request, CheckpointRecord? brought, DateTimeOffset now)
    {
        var json = request.ToJson();
        var digest = Sha256Hex.Of(json);
        var name = request.Batch is { } batch ? $"predict {batch.Name}" : $"predict {request.Before!.Name} {request.After!.Name}";
        name = name.Length > LongestName ? name[..LongestName] : name;
        var planned = new PlannedRun(
            run, name, RunKind.Predict, json, digest, request.Resources.Device, request.Resources.Priority, WaitsFor: null) { Brings = brought };
        return new ExperimentPlan(new Experiment { Id = Guid.CreateVersion7(now), Name = name, Config = json, Source = json, Digest = digest }, [planned]);
    }
}
