using ChangeDetection.Datasets.Masks;
using ChangeDetection.Datasets.Shards;
using ChangeDetection.Datasets.Splitting;
using ChangeDetection.Imaging.Pixels;

namespace ChangeDetection.Datasets.Packing;

/// <summary>How the images of samples are stored.</summary>
public enum PackEncoding
{
    /// <summary>PNG: 8 or 16 bit, one or three channels.</summary>
    Png,
    /// <summary>NumPy's <c>.npy</c>: any type and number of channels, not compressed.</summary>
    Raw,
}

/// <summary>What to make of a source.</summary>
public sealed record PackOptions
{
    /// <summary>Name of the data set; null takes the name of the source's folder.</summary>
    public string? Name { get; init; }
    /// <summary>Which pairs go where; empty leaves it to the layout.</summary>
    public IReadOnlyList<SplitRule> Splits { get; init; } = [];
    /// <summary>Shares and folds that pairs are divided among by hash; beside folds, <see cref="Splits"/> may say what the test split is. Null: none.</summary>
    public SplitShares? Shares { get; init; }
    public PackEncoding Encoding { get; init; } = PackEncoding.Png;
    /// <summary>Size of a shard in bytes; see <see cref="ShardWriter.TargetBytes"/>.</summary>
    public long ShardBytes { get; init; } = ShardWriter.DefaultTargetBytes;
    /// <summary>Tiles to cut every pair into; null packs pairs as they are.</summary>
    public Tiling? Tiling { get; init; }
    /// <summary>By split, the share of changed pixels below which a tile is left out; a split that is not named keeps all of its tiles.</summary>
    public IReadOnlyDictionary<string, double> MinChange { get; init; } = new Dictionary<string, double>();
    /// <summary>An image that is to be cut into tiles and takes more than this decoded is read by rows, where its format allows.</summary>
    internal long WholeBytes { get; init; } = ImageLimits.Default.MaxBytes;
    /// <summary>What an image that is decoded whole may take; the default is larger for images that are to be cut into tiles.</summary>
    internal ImageLimits Limits => Tiling is null ? ImageLimits.Default : new(MaxPixels: 1L << 30, MaxBytes: Array.MaxLength);
    /// <summary>What the user says of the masks' values; the rest is found from the layout or the values themselves.</summary>
    public MaskOptions Masks { get; init; } = MaskOptions.None;

    /// <summary>Which pixels of an image are none.</summary>
    public NoDataRule NoData { get; init; } = NoDataRule.Default;
    /// <summary>Name and version of the packing program, for the manifest.</summary>
    public required string Tool { get; init; }
}

/// <summary>How far packing is.</summary>
/// <param name="Phase"><c>checking</c>, then <c>packing</c>.</param>
/// <param name="Done">Samples done in this phase.</param>
/// <param name="Total">Samples of the phase.</param>
public readonly record struct PackProgress(string Phase, int Done, int Total);

/// <summary>A finished pack.</summary>
/// <param name="Unmatched">Paths of pairs that are in no split.</param>
/// <param name="Warnings">What was odd but could be packed.</param>
/// <param name="Counts">What each split got of the pairs that were divided by hash; empty where none were.</param>
public sealed record PackReport(
    DatasetManifest Manifest, IReadOnlyList<string> Unmatched, IReadOnlyList<string> Warnings, IReadOnlyList<SplitCount> Counts);
