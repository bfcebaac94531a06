using ChangeDetection.Core.Checkpoints;
using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.Runs;
using ChangeDetection.Core.Storage;
using ChangeDetection.Scheduler.Cli.Errors;
using ChangeDetection.Weights.Tensors;

namespace ChangeDetection.Scheduler.Cli.Connection;

/// <summary>What <c>--checkpoint F_OR_RUN</c> names.</summary>
/// <param name="Config">The config its network was trained under, as far as that is known.</param>
/// <param name="Published">The run's; null for a file.</param>
/// <param name="File">The weights; null for a run's.</param>
internal sealed record ChosenCheckpoint(ExperimentConfig Config, CheckpointRecord? Published, LocalCheckpoint? File)
{
    /// <summary>The run that has published it; null for a file.</summary>
    public Guid? Run => Published?.RunId;

    /// <summary>What the network was trained on, and how.</summary>
    /// <exception cref="CheckpointInvalidException">The run's checkpoint is damaged or gone.</exception>
    public async Task<CheckpointManifest> ReadManifestAsync(SystemConnection system, CancellationToken cancellationToken) => File?.Manifest
        ?? (await new PublishedCheckpoint(ObjectStores.Open(system.Store), Published!.Reference, "Take another checkpoint.").ReadManifestAsync(
            cancellationToken)).Manifest;

    /// <summary>Puts a file into the store, for the run that is to read it; nothing for a run's own.</summary>
    /// <returns>The row to be of a file; null for a run's own.</returns>
    public async Task<CheckpointRecord?> BringAsync(RunUploads uploads, CancellationToken cancellationToken) =>
        File is null ? null : await CheckpointUpload.PutAsync(uploads, File, cancellationToken);
}

/// <summary>A weights file of ours on this machine, and the manifest that vouches for it.</summary>
internal sealed record LocalCheckpoint(string Path, CheckpointManifest Manifest, byte[] ManifestJson);

/// <summary>Reads <c>--checkpoint</c>.</summary>
internal static class CheckpointArgument
{
    /// <exception cref="CommandException">It names neither a run with a checkpoint nor a weights file whose network is known.</exception>
    /// <exception cref="CheckpointInvalidException">The file is damaged.</exception>
    public static Task<ChosenCheckpoint> ResolveAsync(SystemConnection system, string text, CheckpointChoice choice, CancellationToken cancellationToken) =>
        Guid.TryParse(text, out var id) && !System.IO.File.Exists(text)
            ? OfRunAsync(system, id, choice, cancellationToken)
            : OfFileAsync(system, Path.GetFullPath(text), cancellationToken);

    private static async Task<ChosenCheckpoint> OfRunAsync(SystemConnection system, Guid id, CheckpointChoice choice, CancellationToken cancellationToken)
    {
        var runs = new RunStore(system.Database);
        var run = await runs.FindAsync(id, cancellationToken) ?? await OnlyRunOfAsync(runs, id, cancellationToken);
        // An evaluation's checkpoint is the one it read.
        var source = run is { Kind: RunKind.Evaluate, SourceRun: { } read } ? read : run.Id;
        var published = await new CheckpointStore(system.Database).FindAsync(source, choice, cancellationToken)
            ?? throw new CommandException(
                $"Run {source} has published no checkpoint{(run.State is RunState.Running or RunState.Queued ? " yet" : "")}. 'changedetection " +
                $"checkpoint list {source}' shows what it has.", ExitCode.Failed);
        return new ChosenCheckpoint(await ConfigAsync(runs, source, cancellationToken), published, File: null);
    }

    private static async Task<Run> OnlyRunOfAsync(RunStore runs, Guid experiment, CancellationToken cancellationToken) =>
        (await runs.ListAsync(new RunFilter(Experiment: experiment), cancellationToken)).Where(run => run.Kind is not RunKind.Evaluate).ToList() switch
        {
            [var only] => only,
            [] => throw new CommandException($"There is no run {experiment}. 'changedetection list' shows what there is; a weights file is named by its path."),
            var several =>
                throw new CommandException(
                $"Experiment {experiment} has {several.Count} runs with checkpoints of their own. Name one: " +
                $"{string.Join(", ", several.Take(5).Select(run => run.Id))}{(several.Count > 5 ? ", …" : "")}."),
        };

    private static async Task<ChosenCheckpoint> OfFileAsync(SystemConnection system, string path, CancellationToken cancellationToken)
    {
        if (!System.IO.File.Exists(path))
            throw new CommandException($"There is no file '{path}'. --checkpoint takes a weights file or the id of a run; 'changedetection list' shows those.");
        var verified = await CheckpointFile.VerifyAsync(path, cancellationToken);
        var (manifest, json) = verified.Manifest is { } beside
            ? (beside, await System.IO.File.ReadAllBytesAsync(Path.Combine(Path.GetDirectoryName(path)!, CheckpointManifest.FileName), cancellationToken))
            : await ManifestOfAsync(system, verified.Sha256, cancellationToken)
                ?? throw new CommandException(
                    $"'{path}': which network these weights are of cannot be told: no {CheckpointManifest.FileName} lies beside them, and no " +
                    $"checkpoint of this system has their SHA-256 ({verified.Sha256}). Name the run they come from.");
        if (manifest.Files.GetValueOrDefault(CheckpointManifest.WeightsFile)?.Sha256 != verified.Sha256)
            throw new CommandException($"'{path}' is another file of its checkpoint. Name {CheckpointManifest.WeightsFile}.");
        return new ChosenCheckpoint(await ConfigAsync(system, manifest, cancellationToken), Published: null, new LocalCheckpoint(path, manifest, json));
    }

    /// <summary>The manifest of a checkpoint of this system with these weights; null when it has none, or no longer.</summary>
    private static async Task<(CheckpointManifest, byte[])?> ManifestOfAsync(SystemConnection system, string sha256, CancellationToken cancellationToken) =>
        await new CheckpointStore(system.Database).FindByWeightsAsync(sha256, cancellationToken) is { } known
            ? await new PublishedCheckpoint(ObjectStores.Open(system.Store), known.Reference, "Take another checkpoint.").ReadManifestAsync(cancellationToken)
            : null;

    /// <summary>The config of the manifest's run where this system knows it; else defaults around the manifest's network and normalisation.</summary>
    private static async Task<ExperimentConfig> ConfigAsync(SystemConnection system, CheckpointManifest manifest, CancellationToken cancellationToken)
    {
        var runs = new RunStore(system.Database);
        if (await runs.FindAsync(manifest.Run, cancellationToken) is not null
            && await ConfigAsync(runs, manifest.Run, cancellationToken) is var known && CheckpointModel.Of(known.Model) == manifest.Model)
            return known;
        return new ExperimentConfig
        {
            Name = manifest.Model.Name,
            Dataset = new DatasetConfig { Uri = system.Store },
            Model = manifest.Model.ToConfig(),
            Normalize = manifest.Normalization.ToConfig() ?? throw new CommandException(
                $"The checkpoint's normalization '{manifest.Normalization.Kind}' is not one that this version knows, or lacks its figures. Use the version " +
                "that wrote it."),
        };
    }

    private static async Task<ExperimentConfig> ConfigAsync(RunStore runs, Guid run, CancellationToken cancellationToken) =>
        ExperimentJson.Deserialize((await runs.ConfigAsync(run, cancellationToken)).Config);
}
