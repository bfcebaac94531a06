using System.Text.Json.Serialization;
using ChangeDetection.Core.Configuration;

namespace ChangeDetection.Datasets.Shards;

/// <summary>What <c>dataset.json</c> says: written last by <c>dataset pack</c>, so a data set without it is not finished.</summary>
public sealed record DatasetManifest
{
    public const string FileName = "dataset.json";
    /// <summary>The first format: masks know no unlabelled pixels, and every pixel of an image is one.</summary>
    public const int FirstVersion = 1;

    /// <summary>The format that is written: see <see cref="SampleFields.Mask"/> and <see cref="SampleFields.Valid"/>.</summary>
    public const int NewestVersion = 2;

    public int Version { get; init; } = FirstVersion;
    public required string Name { get; init; }
    /// <summary>Channels per date.</summary>
    public required int Channels { get; init; }
    public required IReadOnlyDictionary<string, SplitManifest> Splits { get; init; }
    /// <summary>Statistics for <c>normalize: dataset</c>; of the split <c>train</c> where there is one, else of all folds, else of all samples.</summary>
    public required NormalizationStatistics Statistics { get; init; }
    public required Provenance Provenance { get; init; }
    /// <summary>Which fields of a shard are before, after and mask; null where they have the names that <c>dataset pack</c> gives them.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public FieldNames? Fields { get; init; }
    /// <summary>
    /// Of format 1: the rule by which values of the source's masks became change; null where they were told by themselves, or where there are classes.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? MaskChange { get; init; }
    /// <summary>The classes whose numbers the masks hold, that of no change first; null where masks tell change and no change.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<ClassManifest>? Classes { get; init; }
    /// <summary>What the values of the source's masks mean; null in format 1, and where no split has masks.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public MaskManifest? Mask { get; init; }

    /// <summary>The type of the images' values, <c>uint8</c>, <c>uint16</c> or <c>float32</c>; null in format 1.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? PixelType { get; init; }

    /// <summary>Range and percentiles of each channel over the valid pixels that the statistics are of; null in format 1.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<BandRange>? Ranges { get; init; }

    /// <summary>What the channels of a date are, in their order; null where nobody knows.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Bands { get; init; }
    /// <summary>
    /// SHA-256 of this manifest as it is written without this line, lower-case hexadecimal: the statistics in it go straight into what a network sees,
    /// and no other file vouches for them. Null in a manifest that another program wrote.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Sha256 { get; init; }

    /// <summary>Whether <c>dataset pack</c> wrote the shards: they are neither another program's, nor indexed where they lay.</summary>
    [JsonIgnore]
    public bool IsPacked => Sha256 is not null && Provenance.Layout != Provenance.Indexed;
}

/// <summary>One split. Shards stand in the order of their names.</summary>
public sealed record SplitManifest
{
    public required IReadOnlyList<ShardManifest> Shards { get; init; }
    public required int Samples { get; init; }
    public required long Bytes { get; init; }
    /// <summary>Share of changed among the labelled pixels, 0 to 1; of a data set with classes, of pixels of another class than the first.</summary>
    public required double ChangeFraction { get; init; }
    /// <summary>Each class's share of the pixels; null where there are no classes.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<double>? ClassFractions { get; init; }
    /// <summary>Pixels of the split's masks that are unlabelled, those without an image among them; null in format 1 and where there are no masks.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? IgnoredPixels { get; init; }

    /// <summary>Pixels that either date lacks; null in format 1.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? InvalidPixels { get; init; }

    /// <summary>True where no sample has a mask: of no use for training, validation or scores.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Unlabelled { get; init; }

    /// <summary>Bounds of the images' sides; null in data sets packed or indexed before they were written down.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public SplitSizes? Sizes { get; init; }

    /// <summary>Share of the pixels whose class is change by a rule; of the changed pixels where there is no rule.</summary>
    public double ChangeFractionBy(MaskRule? change) => change is null || ClassFractions is not { } fractions
        ? ChangeFraction
        : fractions.Where((_, label) => change.Matches((byte)label)).Sum();

    /// <summary>Which samples of each shard have a changed pixel; null where the data set does not say so of all shards.</summary>
    public IReadOnlyList<SampleBits>? ChangedSamples()
    {
        var shards = Shards.Select(shard => shard.ChangedSamples is { } text ? SampleBits.Parse(text, shard.Samples) : null).OfType<SampleBits>().ToList();
        return shards.Count == Shards.Count ? shards : null;
    }
}

/// <summary>One tar file, with its two sidecars <c>NAME.idx</c> (DALI text index) and <c>NAME.sum</c> (XXH3-64 per field).</summary>
public sealed record ShardManifest
{
    /// <summary>File name beside <c>dataset.json</c>, such as <c>train-000000.tar</c>.</summary>
    public required string Name { get; init; }
    public required long Bytes { get; init; }
    /// <summary>SHA-256 of the tar, lower-case hexadecimal.</summary>
    public required string Sha256 { get; init; }
    public required int Samples { get; init; }
    public required double ChangeFraction { get; init; }
    public required string IndexSha256 { get; init; }
    public required string SumSha256 { get; init; }
    /// <summary>
    /// Which samples have a changed pixel: a bit each, the lowest of a byte first, in base64. Null in data sets packed before this was written down;
    /// they cannot be drawn from by class.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ChangedSamples { get; init; }
}

/// <summary>Per-channel mean and standard deviation over both dates, in the units of the stored pixels (0 to 255 for 8 bit).</summary>
public sealed record NormalizationStatistics(IReadOnlyList<double> Mean, IReadOnlyList<double> Deviation);

/// <summary>Where a data set came from.</summary>
public sealed record Provenance(string Source, string Layout, string Tool)
{
    /// <summary>The layout of shards that another program wrote, and that were indexed where they lay.</summary>
    public const string Indexed = "webdataset";

    /// <summary>How pairs were divided among splits; null where layout or patterns said which goes where.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public SplitProvenance? Splits { get; init; }
}
