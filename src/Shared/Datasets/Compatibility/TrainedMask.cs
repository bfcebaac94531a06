using ChangeDetection.Core.Checkpoints;
using ChangeDetection.Core.Configuration;
using ChangeDetection.Datasets.Shards;

namespace ChangeDetection.Datasets.Compatibility;

/// <summary>What a checkpoint keeps of a data set's mask rule.</summary>
public static class TrainedMask
{
    /// <param name="chosen"><c>dataset.mask.change</c> of the config.</param>
    /// <returns>Null where the data set says nothing of its source's masks.</returns>
    public static CheckpointMask? Of(DatasetManifest manifest, MaskRule? chosen)
    {
        var mask = new CheckpointMask
        {
            Unit = manifest.Mask?.Unit,
            Change = manifest.Mask?.Change ?? manifest.MaskChange,
            Ignore = manifest.Mask?.Ignore,
            Classes = manifest.Classes is { } classes ? [.. classes.Select(one => new CheckpointClass(one.Name, one.Values))] : null,
            Chosen = chosen?.ToString(),
        };
        return mask == new CheckpointMask() ? null : mask;
    }
}
