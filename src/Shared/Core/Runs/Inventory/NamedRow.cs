namespace ChangeDetection.Core.Runs.Inventory;

/// <summary>What kind of object a row names.</summary>
public enum NamedKind
{
    /// <summary>A checkpoint's objects, which its manifest lists.</summary>
    Checkpoint,
    /// <summary>A picture, a report, an output.</summary>
    Artifact,
    /// <summary>A part of a prediction that has not ended.</summary>
    Strip,
    /// <summary>A file that a run was queued with and has still to read.</summary>
    Input,
}

/// <summary>A row's reference to the store.</summary>
/// <param name="Key">Of the object; of a checkpoint the prefix of its objects.</param>
/// <param name="Bytes">Of a checkpoint about those of all its objects; null where the row does not say.</param>
/// <param name="Sha256">Of the object, of a checkpoint that of its manifest; null where the row does not say.</param>
/// <param name="WeightsOnly">Of a checkpoint: its optimizer's state is no longer kept.</param>
public sealed record NamedRow(NamedKind Kind, Guid Run, string Key, long? Bytes, string? Sha256, bool WeightsOnly = false);
