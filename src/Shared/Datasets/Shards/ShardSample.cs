namespace ChangeDetection.Datasets.Shards;

/// <summary>A sample ready to be written: encoded fields by name (<c>before.png</c>), and how much of it changed.</summary>
public sealed record ShardSample
{
    /// <summary>Unique in its split; see <see cref="SampleKey"/>.</summary>
    public required string Key { get; init; }
    public required IReadOnlyDictionary<string, ReadOnlyMemory<byte>> Fields { get; init; }
    /// <summary>Changed pixels of the mask.</summary>
    public required long Changed { get; init; }
    /// <summary>Pixels of the mask that have a label: what the share of changed ones is of.</summary>
    public required long Pixels { get; init; }
}
