using System.Security.Cryptography;
using ChangeDetection.Checkpoints;
using ChangeDetection.Configuration;
using ChangeDetection.Runs;
using ChangeDetection.Storage;

namespace ChangeDetection.Scheduler.Commands.Predict;

/// <summary>What <c>--checkpoint</c> names: a published checkpoint, and the options of its network that it does not hold itself.</summary>
internal sealed record PredictionWeights(CheckpointReference Checkpoint, Guid? Run, ModelConfig Model, string? Warning = null)
{
    /// <param name="run">The predict run that is to be queued: a file's weights become its own.</param>
    /// <exception cref="CommandException">It names neither a run with a checkpoint nor a checkpoint file.</exception>
    /// <exception cref="CheckpointInvalidException">The file is damaged, or has no manifest.</exception>
    public static async Task<PredictionWeights> FindAsync(SystemConnection system, IObjectStore store, Guid run, string named, CancellationToken cancellationToken) =>
        File.Exists(named) ? await OfFileAsync(system, store, run, named, cancellationToken)
        : Guid.TryParse(named, out var id) ? await OfRunAsync(system, id, cancellationToken)
        : throw new CommandException($"--checkpoint: '{named}' is neither a file nor the id of a run. 'changedetection list' shows runs.");

    private static async Task<PredictionWeights> OfRunAsync(SystemConnection system, Guid id, CancellationToken cancellationToken)
    {
        if (await new RunStore(system.Database).FindAsync(id, cancellationToken) is null)
            throw new CommandException($"--checkpoint: there is no run {id}. 'changedetection list' shows what there is.");
        var found = await new CheckpointStore(system.Database).FindAsync(id, CheckpointChoice.Best, cancellationToken)
            ?? throw new CommandException($"--checkpoint: run {id} has no checkpoint yet. 'changedetection checkpoint list {id}' shows them.", ExitCode.Failed);
        return new PredictionWeights(found.Reference, id, await ModelAsync(system, id, cancellationToken) ?? new ModelConfig());
    }

    private static async Task<PredictionWeights> OfFileAsync(SystemConnection system, IObjectStore store, Guid run, string path, CancellationToken cancellationToken)
    {
        var verified = await CheckpointFile.VerifyAsync(path, cancellationToken);
        var manifest = verified.Manifest ?? throw new CheckpointInvalidException(path,
            $"there is no {CheckpointManifest.FileName} beside it that names it, so neither its network nor its normalization is known. Name the run it is of, or import it by 'changedetection checkpoint import'.");
        // Under the names that checkpoints have in the store.
        manifest = manifest with
        {
            Files = new SortedDictionary<string, CheckpointFileEntry>(StringComparer.Ordinal) { [CheckpointManifest.WeightsFile] = new(verified.Bytes, verified.Sha256) },
        };
        var prefix = RunObject.GivenCheckpoint(run);
        var json = manifest.ToJson();
        await store.PutAsync(prefix / CheckpointManifest.WeightsFile, async (stream, token) =>
        {
            await using var file = File.OpenRead(path);
            await file.CopyToAsync(stream, token);
        }, cancellationToken);
        await store.PutAsync(prefix / CheckpointManifest.FileName, (stream, token) => stream.WriteAsync(json, token).AsTask(), cancellationToken);
        var reference = new CheckpointReference(prefix.Value, Convert.ToHexStringLower(SHA256.HashData(json)), manifest.Epoch, manifest.Step);
        var model = await ModelAsync(system, manifest.Run, cancellationToken);
        return new PredictionWeights(reference, null, model ?? new ModelConfig(), model is null && manifest.Model.Name == ModelNames.SiameseFcnn
            ? $"{path} does not say whether its {ModelNames.SiameseFcnn} has an activation, and run {manifest.Run}, which it is of, is not known here: none is taken."
            : null);
    }

    /// <summary>The options of a run's network; null where the run is not known, or is none with a config of an experiment.</summary>
    private static async Task<ModelConfig?> ModelAsync(SystemConnection system, Guid run, CancellationToken cancellationToken)
    {
        var runs = new RunStore(system.Database);
        if (await runs.FindAsync(run, cancellationToken) is not { Kind: RunKind.Train })
            return null;
        return ExperimentJson.Deserialize((await runs.ConfigAsync(run, cancellationToken)).Config).Model with { Init = "default" };
    }
}
