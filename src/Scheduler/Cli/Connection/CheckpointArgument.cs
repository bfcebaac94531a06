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


/// <summary>Reads <c>--checkpoint</c>.</summary>
internal static class CheckpointArgument
{
    /// <exception cref="CommandException">It names neither a run with a checkpoint nor a weights file whose network is known.</exception>
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
        var verified = await VerifyAsync(path, cancellationToken);
        var known = await KnownWeights.FindAsync(system, verified.WeightsSha256, cancellationToken);
        if (verified.Contents.Meaning is { } meaning)
            return OfItself(system, path, verified, meaning, known);
        var (manifest, json) = verified.Manifest is { } beside
            ? (beside, await System.IO.File.ReadAllBytesAsync(Path.Combine(Path.GetDirectoryName(path)!, CheckpointManifest.FileName), cancellationToken))
            : KnownWeights.Only(known) is { } same ? (same.Manifest, same.Json) : throw Untold(path, verified, known);
        if (manifest.Files.GetValueOrDefault(CheckpointManifest.WeightsFile)?.Sha256 != verified.WeightsSha256)
            throw new CommandException($"'{path}' is another file of its checkpoint. Name {CheckpointManifest.WeightsFile}.");
        return new ChosenCheckpoint(
            await ConfigAsync(system, manifest, cancellationToken), Published: null, new LocalCheckpoint(path, verified, manifest, json));
    }

    /// <summary>A file that is damaged, or of a format that is not read, is the command's to mend.</summary>
    private static async Task<VerifiedFile> VerifyAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            return await CheckpointFile.VerifyAsync(path, cancellationToken);
        }
        catch (CheckpointInvalidException exception)
        {
            throw new CommandException(exception.Message);
        }
    }

    /// <summary>
    /// By what the file says, whatever else has these weights. Where a run says the very same, the file came from it, or from an equal one: its name and step
    /// go into the report.
    /// </summary>
    private static ChosenCheckpoint OfItself(
        SystemConnection system, string path, VerifiedFile verified, WeightsMeaning meaning, IReadOnlyList<KnownWeights> known)
    {
        var (said, config) = (meaning.ToJson(), meaning.ToConfig(system.Store, path) with { Name = ExperimentName.Of(Path.GetFileNameWithoutExtension(path)) });
        return known.LastOrDefault(one => one.Config is not null && one.Meaning.ToJson() == said) is { Config: { } trained } origin
            ? new ChosenCheckpoint(trained, Published: null, new LocalCheckpoint(path, verified, origin.Manifest, origin.Json))
            : new ChosenCheckpoint(config, Published: null, LocalCheckpoint.Of(path, verified, meaning));
    }

    private static CommandException Untold(string path, VerifiedFile verified, IReadOnlyList<KnownWeights> known) => new(known.Count > 0
        ? $"'{path}': its weights are used in several ways here, and it does not say which one is meant: {KnownWeights.Told(known)}. Name one of the runs."
        : $"'{path}': which network these weights are of, and how images become its input, cannot be told: the file does not say, no " +
            $"{CheckpointManifest.FileName} lies beside it, and no checkpoint of this system has the weights' SHA-256 ({verified.WeightsSha256}). Name the " +
            $"run they come from, or make one of the file, saying how to normalise: changedetection checkpoint import '{path}' --model NAME --normalize HOW.");

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
