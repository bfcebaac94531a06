using ChangeDetection.Core.Checkpoints;
using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.Planning;
using ChangeDetection.Core.Runs;
using ChangeDetection.Core.Storage;
using ChangeDetection.Scheduler.Cli.Connection;
using ChangeDetection.Scheduler.Cli.Errors;
using ChangeDetection.Scheduler.Cli.Output;

namespace ChangeDetection.Scheduler.Cli.Predictions;

/// <summary>A predict run from the command line's side: the system, the checkpoint, what is sent, the row, and the wait for its end.</summary>
internal sealed class PredictionRun : IAsyncDisposable
{
    /// <summary>So many of a batch's warnings stand in its row.</summary>
    private const int MostWarnings = 20;

    private readonly Terminal _terminal;
    private readonly PredictSettings _settings;
    private readonly SystemConnection _system;
    private readonly ChosenCheckpoint _chosen;

    private PredictionRun(Terminal terminal, PredictSettings settings, SystemConnection system, ChosenCheckpoint chosen, CheckpointManifest manifest)
    {
        (_terminal, _settings, _system, _chosen, Manifest) = (terminal, settings, system, chosen, manifest);
        Uploads = new RunUploads(system, Id);
    }

    public Guid Id { get; } = Guid.CreateVersion7();

    /// <summary>Of the checkpoint.</summary>
    public CheckpointManifest Manifest { get; }

    public RunUploads Uploads { get; }

    public IObjectStore Store => Uploads.Store;

    /// <exception cref="CommandException">The system is down, or the checkpoint is none.</exception>
    public static async Task<PredictionRun> BeginAsync(Terminal terminal, PredictSettings settings, CancellationToken cancellationToken)
    {
        var system = await SystemConnection.OpenAsync(terminal, settings.DataDir, "predict", cancellationToken);
        try
        {
            if (!system.IsUp)
                throw new CommandException("predict needs a system that is up: start 'changedetection up' in another terminal. Nothing was queued.");
            var chosen = await CheckpointArgument.ResolveAsync(system, settings.Checkpoint, CheckpointChoice.Best, cancellationToken);
            return new(terminal, settings, system, chosen, await chosen.ReadManifestAsync(system, cancellationToken));
        }
        catch
        {
            await system.DisposeAsync();
            throw;
        }
    }

    /// <summary>Queues the run and waits until it has succeeded.</summary>
    /// <param name="images">Adds what it is of to what was asked for; called when the checkpoint is where workers find it.</param>
    /// <param name="warnings">What was found odd.</param>
    /// <returns>Its files.</returns>
    /// <exception cref="CommandException">The run has failed or was cancelled.</exception>
    public async Task<IReadOnlyList<ArtifactRecord>> QueueAsync(
        Func<PredictionRequest, Task<PredictionRequest>> images, IReadOnlyList<string> warnings, CancellationToken cancellationToken)
    {
        var brought = await _chosen.BringAsync(Uploads, cancellationToken);
        var request = await images(new PredictionRequest
        {
            Checkpoint = (_chosen.Published ?? brought!).Reference,
            Threshold = _settings.Threshold,
            Probability = _settings.Probability.IsWanted,
            Polygons = _settings.Polygons.IsWanted,
            MinArea = _settings.MinArea?.ToString(),
            Wgs84 = _settings.Wgs84,
            Tile = _settings.Tile,
            Warnings = warnings.Count > 0 ? [.. warnings.Take(MostWarnings)] : null,
            Resources = new ResourcesConfig { Priority = _settings.Priority },
        });
        var plan = PredictionPlanner.Plan(Id, request, brought, TimeProvider.System.GetUtcNow());
        await new ExperimentStore(_system.Database, _system.Actor).AddAsync(plan.Experiment, plan.Runs, cancellationToken);
        _terminal.Say($"run {Id} is queued; its files stay on its page, also when this command is stopped");
        var ended = (await ProgressWatch.UntilEndedAsync(_terminal, _system, plan.Experiment.Id, cancellationToken)).Runs[0];
        return ended.State is RunState.Succeeded
            ? await new ArtifactStore(_system.Database).ListAsync(Id, cancellationToken)
            : throw new CommandException($"run {Id} {ended.State.Word()}: {ended.Reason}", ExitCode.Failed);
    }

    public async ValueTask DisposeAsync()
    {
        await Uploads.DisposeAsync();
        await _system.DisposeAsync();
    }
}
