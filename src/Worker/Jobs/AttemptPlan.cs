using System.Text.Json;
using ChangeDetection.Core.Checkpoints;
using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.Planning;
using ChangeDetection.Core.Runs;
using ChangeDetection.Core.Runs.Datasets;
using ChangeDetection.Worker.Protocol;
using ChangeDetection.Worker.Settings;
using ChangeDetection.Worker.Slots;

namespace ChangeDetection.Worker.Jobs;

/// <summary>Turns a claimed run into its trainer's assignment.</summary>
public sealed class AttemptPlan(
    RunStore runs, AttemptStore attempts, CheckpointStore checkpoints, StripStore strips, DatasetStore datasets, WorkerSettings settings)
{
    public async Task<TrainerAssignment> MakeAsync(Claim claim, Slot slot, CancellationToken cancellationToken)
    {
        var run = await runs.FindAsync(claim.Run, cancellationToken) ?? throw new InvalidOperationException($"Run {claim.Run} has no row.");
        var (config, _) = await runs.ConfigAsync(claim.Run, cancellationToken);
        var assignment = new TrainerAssignment
        {
            Run = claim.Run,
            Attempt = claim.Attempt,
            Kind = run.Kind,
            Store = settings.Store,
            Device = slot.TrainerDevice,
            PreviousNumerics = await PreviousNumericsAsync(run, cancellationToken),
        };
        return run.Kind is RunKind.Predict
            ? await PredictionAsync(assignment, PredictionRequest.FromJson(config), cancellationToken)
            : await ExperimentAsync(assignment, run, ExperimentJson.Deserialize(config), cancellationToken);
    }

    private async Task<TrainerAssignment> ExperimentAsync(
        TrainerAssignment assignment, Run run, ExperimentConfig experiment, CancellationToken cancellationToken) =>
        assignment with
        {
            Experiment = experiment,
            Checkpoints = await CheckpointsAsync(run, experiment, cancellationToken),
            Datasets = await datasets.OfRunAsync(run.Id, cancellationToken),
        };

    private async Task<TrainerAssignment> PredictionAsync(TrainerAssignment assignment, PredictionRequest request, CancellationToken cancellationToken) =>
        assignment with { Prediction = request, Checkpoints = [request.Checkpoint], Strips = await strips.ListAsync(assignment.Run, cancellationToken) };

    /// <summary>To resume from: the run's own, newest first. To read: the one of its source run, or the one it has brought along.</summary>
    private async Task<IReadOnlyList<CheckpointReference>> CheckpointsAsync(Run run, ExperimentConfig config, CancellationToken cancellationToken)
    {
        if (run.Kind is RunKind.Train or RunKind.Import)
            return (await checkpoints.ListAsync(run.Id, cancellationToken))
                .Select(checkpoint => checkpoint.Reference with { WeightsOnly = !checkpoint.Resumable }).ToList();
        var choice = config.Evaluate?.From ?? CheckpointChoice.Best;
        return await checkpoints.FindAsync(run.SourceRun ?? run.Id, choice, cancellationToken) is { } found ? [found.Reference] : [];
    }

    private async Task<Numerics?> PreviousNumericsAsync(Run run, CancellationToken cancellationToken)
    {
        var last = (await attempts.ListAsync(run.Id, cancellationToken)).LastOrDefault(attempt => attempt.Numerics is not null);
        return last?.Numerics is { } json ? JsonSerializer.Deserialize<Numerics>(json, ProtocolJson.Options) : null;
    }
}
