using ChangeDetection.Core.Configuration;
using ChangeDetection.Datasets.Shards;

namespace ChangeDetection.Worker.Data.Samples;

/// <summary>Where the fields that are decoded lie, and the range of the shard that covers them.</summary>
/// <param name="Valid">Null where the sample lacks no pixel.</param>
/// <param name="Origin">Says where the sample was cut from; null where there is none among the others, as <c>dataset pack</c> lays it.</param>
internal sealed record SampleFieldSet(ShardField Before, ShardField After, ShardField Mask, ShardField? Valid, ShardField? Origin)
{
    public IReadOnlyList<ShardField> All => [.. Images, .. Origin is { } origin ? [origin] : Array.Empty<ShardField>()];

    /// <summary>The first byte of the range.</summary>
    public long Offset => Images.Min(one => one.Offset);

    public long Length => Images.Max(one => one.Offset + one.Length) - Offset;

    private IReadOnlyList<ShardField> Images => Valid is { } valid ? [Before, After, Mask, valid] : [Before, After, Mask];

    /// <param name="mayLackPixels">Whether samples of the data set may have a field that says which pixels are there.</param>
    /// <exception cref="ShardCorruptException">The sample lacks a field.</exception>
    public static SampleFieldSet Of(ShardIndex index, int sample, bool mayLackPixels)
    {
        var set = new SampleFieldSet(
            Find(index, sample, SampleFields.Before), Find(index, sample, SampleFields.After), Find(index, sample, SampleFields.Mask),
            mayLackPixels ? index.Find(sample, SampleFields.Valid) : null, Origin: null);
        return index.Find(sample, SampleFields.Json) is { Name: SampleFields.Json, Length: <= SampleOrigin.MaxBytes } json && set.Covers(json)
            ? set with { Origin = json }
            : set;
    }

    /// <summary>Nothing is read for the sake of another field: the range stays that of the images.</summary>
    private bool Covers(ShardField field) => field.Offset >= Offset && field.Offset + field.Length <= Offset + Length;

    private static ShardField Find(ShardIndex index, int sample, string role) => index.Find(sample, role)
        ?? throw new ShardCorruptException(index.Shard, $"holds a sample '{index.Key(sample)}' without a field for '{role}'",
            "Each sample needs before, after and mask: pack or index the data set again, or look at dataset.fields where the config has it.");
}
