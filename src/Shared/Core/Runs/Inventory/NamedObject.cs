using ChangeDetection.Core.Checkpoints;
using ChangeDetection.Core.Storage;

namespace ChangeDetection.Core.Runs.Inventory;

/// <summary>An object that has to be in the store.</summary>
/// <param name="Bytes">Null where nothing says.</param>
/// <param name="Sha256">Null where nothing says.</param>
public sealed record NamedObject(NamedRow Row, ObjectKey Key, long? Bytes, string? Sha256)
{
    /// <summary>What a row names: of a checkpoint, which has several objects, by its manifest, verified against the row.</summary>
    /// <exception cref="CheckpointInvalidException">The manifest is gone or damaged.</exception>
    public static async Task<IReadOnlyList<NamedObject>> OfAsync(NamedRow row, IObjectStore store, CancellationToken cancellationToken)
    {
        if (row.Kind is not NamedKind.Checkpoint)
            return [new NamedObject(row, new ObjectKey(row.Key), row.Bytes, row.Sha256)];
        var (manifest, json) = await new PublishedCheckpoint(store, new CheckpointReference(row.Key, row.Sha256!, Epoch: 0, Step: 0))
            .ReadManifestAsync(cancellationToken);
        var prefix = new ObjectKey(row.Key);
        return
        [
            new NamedObject(row, prefix / CheckpointManifest.FileName, json.Length, row.Sha256),
            .. manifest.Files.Where(file => !row.WeightsOnly || file.Key != CheckpointManifest.OptimizerFile).OrderBy(file => file.Key, StringComparer.Ordinal)
                .Select(file => new NamedObject(row, prefix / file.Key, file.Value.Bytes, file.Value.Sha256)),
        ];
    }
}
