using ChangeDetection.Core.Configuration;
using ChangeDetection.Datasets.Shards;
using ChangeDetection.Datasets.Masks;

namespace ChangeDetection.Datasets.Indexing;

/// <summary>What to make of tars that another program wrote.</summary>
public sealed record IndexOptions
{
    /// <summary>Name of the data set; null takes the last segment of its address.</summary>
    public string? Name { get; init; }
    /// <summary>Which tars are which split; empty: a split's name is what a file's name begins with, before its number.</summary>
    public IReadOnlyList<ShardSplitRule> Splits { get; init; } = [];
    /// <summary>Which fields are before, after and mask.</summary>
    public FieldNames Fields { get; init; } = FieldNames.Packed;
    /// <summary>What the user says of the masks' values; the rest is found from the values themselves.</summary>
    public MaskOptions Masks { get; init; } = MaskOptions.None;
    /// <summary>Name and version of the indexing program, for the manifest.</summary>
    public required string Tool { get; init; }
}

/// <summary>How far indexing is, in bytes of tars.</summary>
public readonly record struct IndexProgress(string Shard, long Done, long Total);

/// <summary>A finished index.</summary>
/// <param name="Warnings">What was odd but can be used.</param>
public sealed record IndexReport(DatasetManifest Manifest, IReadOnlyList<string> Warnings);
