using ChangeDetection.Core.Checkpoints;
using ChangeDetection.Core.Storage;
using ChangeDetection.Weights.Tensors;
using ChangeDetection.Worker.Models;

namespace ChangeDetection.Worker.Checkpoints;

/// <summary>A checkpoint whose every byte has been checked, and its manifest.</summary>
public sealed record VerifiedCheckpoint(CheckpointManifest Manifest, CheckpointContents Contents);

/// <summary>
/// Reads checkpoints and verifies everything — the manifest's hash, the files' hashes and lengths, names, types and shapes, whether values are finite —
/// before anything is returned. Networks are only looked at here, never written.
/// </summary>
public sealed class CheckpointReader(IObjectStore store)
{
    /// <summary>A whole training state, to go on from.</summary>
    /// <exception cref="CheckpointInvalidException">The checkpoint is damaged or incomplete.</exception>
    /// <exception cref="CheckpointMismatchException">It is of another config or network.</exception>
    public async Task<VerifiedCheckpoint> ReadAsync(
        CheckpointReference reference, CheckpointLayout layout, CheckpointOwner owner, CancellationToken cancellationToken)
    {
        var manifest = await ReadManifestAsync(reference, cancellationToken);
        if (manifest.ConfigDigest != owner.ConfigDigest)
        {
            throw new CheckpointMismatchException(
                $"Checkpoint {reference.Prefix} was trained under another config (digest {manifest.ConfigDigest}, this run's is {owner.ConfigDigest}). " +
                "A run goes on under the config it began with: submit the changed one as an experiment of its own, with model.init naming the " +
                    "weights to start from.");
        }
        if (manifest.DatasetSha256 is { } trained && owner.DatasetSha256 is { } now && trained != now)
        {
            throw new CheckpointMismatchException(
                $"Checkpoint {reference.Prefix} was trained on another data set (dataset.json with SHA-256 {trained}, now it is {now}): it was " +
                    "replaced since the run began. " +
                "Put the old one back, or submit the experiment again to train on the new one.");
        }
        RequireModel(reference, manifest, owner.Model);
        var weights = await ReadTensorsAsync(reference, manifest, CheckpointManifest.WeightsFile, layout.Weights, cancellationToken);
        var optimizer = await ReadTensorsAsync(reference, manifest, CheckpointManifest.OptimizerFile, layout.Optimizer, cancellationToken);
        return new VerifiedCheckpoint(manifest, Contents(manifest, weights, optimizer));
    }

    /// <summary>The weights alone, to compute with.</summary>
    /// <exception cref="CheckpointInvalidException">The checkpoint is damaged or incomplete.</exception>
    /// <exception cref="CheckpointMismatchException">It is of another network.</exception>
    public async Task<VerifiedCheckpoint> ReadWeightsAsync(
        CheckpointReference reference, ChangeNetwork network, CheckpointModel model, CancellationToken cancellationToken)
    {
        var manifest = await ReadManifestAsync(reference, cancellationToken);
        RequireModel(reference, manifest, model);
        var weights = await ReadTensorsAsync(reference, manifest, CheckpointManifest.WeightsFile, Tensors.Layouts(network.state_dict()), cancellationToken);
        return new VerifiedCheckpoint(manifest, Contents(manifest, weights, []));
    }

    /// <summary>Checks that tensors are exactly those of a layout, and finite.</summary>
    /// <exception cref="CheckpointInvalidException">They are not.</exception>
    internal static void RequireLayout(
        IReadOnlyDictionary<string, TensorData> tensors, IReadOnlyDictionary<string, string> layouts, string subject)
    {
        if (layouts.Keys.FirstOrDefault(name => !tensors.ContainsKey(name)) is { } missing)
            throw new CheckpointInvalidException(subject, $"tensor '{missing}' is missing.");
        foreach (var tensor in tensors.Values)
        {
            if (!layouts.TryGetValue(tensor.Name, out var layout))
                throw new CheckpointInvalidException(subject, $"tensor '{tensor.Name}' does not belong to the network.");
            if (tensor.Layout != layout)
                throw new CheckpointInvalidException(subject, $"tensor '{tensor.Name}' is {tensor.Layout}, but the network's is {layout}.");
            if (TensorValues.FirstNotFinite(tensor) is { } index)
                throw new CheckpointInvalidException(subject, $"tensor '{tensor.Name}' is not finite at value {index}.");
        }
    }

    private static CheckpointContents Contents(
        CheckpointManifest manifest, IReadOnlyList<TensorData> weights, IReadOnlyList<TensorData> optimizer) => new()
    {
        Epoch = manifest.Epoch,
        Step = manifest.Step,
        Position = manifest.Position,
        State = manifest.State,
        Weights = weights,
        Optimizer = optimizer,
    };

    private static void RequireModel(CheckpointReference reference, CheckpointManifest manifest, CheckpointModel model)
    {
        if (manifest.Model != model)
            throw new CheckpointMismatchException(
                $"Checkpoint {reference.Prefix} is of {Describe(manifest.Model)}; the config asks for {Describe(model)}.");
    }

    private static string Describe(CheckpointModel model)
    {
        var activation = model.Activation is { } name ? $", activation {name}" : "";
        var towers = model.SharedTowers ? ", shared towers" : "";
        var classes = model.Classes is { } count ? $", {count} classes" : "";
        return $"{model.Name} with {model.Channels} channels{activation}{towers}{classes}";
    }

    /// <summary>The manifest alone, to learn of what network the checkpoint is.</summary>
    /// <exception cref="CheckpointInvalidException">It is damaged or not there.</exception>
    public async Task<CheckpointManifest> ReadManifestAsync(CheckpointReference reference, CancellationToken cancellationToken) =>
        (await new PublishedCheckpoint(store, reference).ReadManifestAsync(cancellationToken)).Manifest;

    private async Task<IReadOnlyList<TensorData>> ReadTensorsAsync(
        CheckpointReference reference, CheckpointManifest manifest, string file, IReadOnlyDictionary<string, string> layouts,
        CancellationToken cancellationToken)
    {
        var entry = manifest.Files.GetValueOrDefault(file) ?? throw new CheckpointInvalidException(reference.Prefix, $"its manifest names no '{file}'.");
        return await new PublishedCheckpoint(store, reference).ReadAsync<IReadOnlyList<TensorData>>(file, entry.Sha256, async published =>
        {
            var (key, subject) = (published.Key, published.Key.Value);
            // Before memory is taken for it.
            var length = await store.LengthAsync(key, cancellationToken) ?? throw new ObjectNotFoundException(store.Root, key);
            if (length != entry.Bytes)
                throw new CheckpointInvalidException(subject, $"it is {length} bytes long, but its manifest says {entry.Bytes}.");
            await using var stream = await VerifyingStream.OpenAsync(store, published, cancellationToken);
            var tensors = await Safetensors.ReadAsync(stream, length, subject, cancellationToken);
            await stream.RequireEndAsync(cancellationToken);
            RequireLayout(tensors, layouts, subject);
            return [.. tensors.Values];
        });
    }
}
