using ChangeDetection.Core.Configuration;
using ChangeDetection.Datasets.Shards;

namespace ChangeDetection.Worker.Data.Samples;

/// <summary>Where the fields that are decoded lie, and the range of the shard that covers them.</summary>
/// <param name="Valid">Null where the sample lacks no pixel.</param>
internal sealed record SampleFieldSet(ShardField Before, ShardField After, ShardField Mask, ShardField? Valid)
{
    public IReadOnlyList<ShardField> All => Valid is { } valid ? [Before, After, Mask, valid] : [Before, After, Mask];

    /// <summary>The first byte of the range.</summary>
    public long Offset => All.Min(one => one.Offset);

    public long Length => All.Max(one => one.Offset + one.Length) - Offset;

    /// <param name="mayLackPixels">Whether samples of the data set may have a field that says which pixels are there.</param>
    /// <exception cref="ShardCorruptException">The sample lacks a field.</exception>
    public static SampleFieldSet Of(ShardIndex index, int sample, bool mayLackPixels) => new(
        Find(index, sample, SampleFields.Before), Find(index, sample, SampleFields.After), Find(index, sample, SampleFields.Mask),
        mayLackPixels ? index.Find(sample, SampleFields.Valid) : null);

    private static ShardField Find(ShardIndex index, int sample, string role) => index.Find(sample, role)
        ?? throw new ShardCorruptException(index.Shard, $"holds a sample '{index.Key(sample)}' without a field for '{role}'",
            "Each sample needs before, after and mask: pack or index the data set again, or look at dataset.fields where the config has it.");
}
