using System.Globalization;
using ChangeDetection.Core.Configuration;
using ChangeDetection.Datasets.Layouts;
using ChangeDetection.Datasets.Masks;
using ChangeDetection.Datasets.Packing;
using ChangeDetection.Datasets.Shards;
using ChangeDetection.Imaging.Codecs;
using ChangeDetection.Imaging.Masks;
using ChangeDetection.Imaging.Pixels;

namespace ChangeDetection.Datasets.Indexing;

/// <summary>
/// Decodes the samples of a data set one after the other, holds them against each other and measures them: what <c>dataset pack</c> does with
/// the files of a source. Nothing of a sample is kept.
/// </summary>
internal sealed class SampleInspection(FieldNames fields, MaskOptions masks, Func<string, bool> countsForStatistics, ImageLimits? limits = null)
{
    private const string WriteAgain = "Write the shard again.";

    /// <summary>Readers of a shard drop alpha; where it is 0, it says that there is no pixel.</summary>
    private static readonly NoDataRule s_rule = new(Alpha: AlphaUse.Mask);

    private readonly ChannelStatistics _statistics = new();
    private readonly ChannelRanges _ranges = new();
    private readonly MaskSurvey _survey = new();
    private readonly Dictionary<string, PixelImage> _images = new(StringComparer.Ordinal);
    private readonly Dictionary<string, byte[]> _buffers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, PixelImage> _missing = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SplitSizes> _sizes = new(StringComparer.Ordinal);
    private (string Sample, ImageShape Shape)? _first;
    private (MaskImage Image, string Name)? _mask;

    /// <summary>The rules that the masks are counted by.</summary>
    public MaskCandidates Candidates { get; } = new(masks);

    public ImageShape Shape => _first!.Value.Shape;

    public NormalizationStatistics Statistics => _statistics.Result();

    public IReadOnlyList<BandRange> Ranges => _ranges.Result();

    /// <summary>Of the images of a split.</summary>
    public SplitSizes? SizesOf(string split) => _sizes.GetValueOrDefault(split);

    /// <summary>Decodes a field of the sample at hand.</summary>
    /// <exception cref="ImageException">It is no image that can be read.</exception>
    public void Add(string role, ReadOnlyMemory<byte> bytes, string name)
    {
        if (role == SampleFields.Mask)
        {
            _mask = (MaskCodec.Decode(bytes, name, limits), name);
            return;
        }
        var (image, missing) = ImageCodec.Decode(bytes, name, s_rule, limits, _buffers.GetValueOrDefault(role));
        if (missing is not null && role != SampleFields.Valid)
            _missing[name] = missing;
        _buffers[role] = image.Pixels;
        _images[role] = image;
    }

    /// <summary>Ends the sample at hand.</summary>
    /// <param name="labelled">Whether the split's samples have masks; null for the first of a split.</param>
    /// <returns>The mask's pixels by each of the rules, null where it has none; and how many pixels either date lacks.</returns>
    /// <exception cref="ShardCorruptException">It lacks a field, or its images do not fit each other or the rest of the data set.</exception>
    public (IReadOnlyList<ClassCounts>? Labels, long Invalid) End(string shard, string key, string split, bool? labelled)
    {
        var (before, after, mask) = (_images.GetValueOrDefault(SampleFields.Before), _images.GetValueOrDefault(SampleFields.After), _mask);
        var (valid, missing) = (_images.GetValueOrDefault(SampleFields.Valid), _missing.ToList());
        _images.Clear();
        _missing.Clear();
        _mask = null;
        if ((Misfit(before, after, mask?.Image, labelled) ?? ValidMisfit(before!.Shape, valid)) is { } problem)
            throw new ShardCorruptException(shard, $"holds the sample '{key}', which {problem}", WriteAgain);
        _first ??= ($"{shard}: {key}", before!.Shape);
        if (_first.Value is var first && (before!.Shape.Channels, before.Shape.Type) != (first.Shape.Channels, first.Shape.Type))
            throw new ShardCorruptException(
                shard, $"holds the sample '{key}' of {before.Shape.Channels} channels of {before.Shape.Type}, but {first.Sample} has " +
                $"{first.Shape.Channels} of {first.Shape.Type}", "All images of a data set must agree: convert one kind to the other.");
        if (missing.Find(one => !IsSaid(one.Value, valid)) is { Key: { } name })
            throw new ShardCorruptException(
                shard, $"holds the sample '{key}', whose image {name} has pixels that are none (no data, NaN, or alpha 0), and no field " +
                $"'{SampleFields.Valid}' that says so",
                $"Pack it from files, or write a field {SampleFields.Valid}.png of one channel, 0 where there is no pixel and 255 where there is one.");
        _sizes[split] = SplitSizes.Join(_sizes.GetValueOrDefault(split), before.Shape.Width, before.Shape.Height);
        if (countsForStatistics(split))
        {
            foreach (var date in (PixelImage[])[before, after!])
            {
                _statistics.Add(date, valid);
                _ranges.Add(date, valid);
            }
        }
        return (mask is null ? null : Measure(mask.Value.Image, mask.Value.Name, valid, shard, key), valid?.Bytes.Count((byte)0) ?? 0);
    }

    /// <summary>The rule for all masks, once all have been seen; null where there are none.</summary>
    /// <exception cref="DatasetSourceException">Their values do not say what they mean, or not what the user says they do.</exception>
    public FoundRule? FindRule(Action<string> warnings)
    {
        if (_survey.Files == 0)
            return null;
        var (mapping, values) = new MaskRuleFinder(_survey, masks, _ => null).Find(warnings);
        return new(mapping, values);
    }

    private static string? ValidMisfit(ImageShape images, PixelImage? valid) => valid is null
        || valid.Shape == images with { Channels = 1, Type = PixelType.UInt8 }
            ? null
            : $"has a field '{SampleFields.Valid}' of {valid.Shape} for images of {images}; it has one channel of 8 bits and their size";

    /// <summary>Whether all pixels that a date lacks are 0 in the sample's plane of validity.</summary>
    private static bool IsSaid(PixelImage missing, PixelImage? valid)
    {
        if (valid is null)
            return false;
        var (lacks, said) = (missing.Pixels, valid.Pixels);
        for (var at = 0; at < valid.Bytes.Length; at++)
        {
            if (lacks[at] == ValidPixels.None && said[at] != 0)
                return false;
        }
        return true;
    }

    private IReadOnlyList<ClassCounts> Measure(MaskImage mask, string name, PixelImage? valid, string shard, string key)
    {
        _survey.Add(mask, name);
        return Candidates.Measure(mask, name, valid, error => new ShardCorruptException(
            shard, $"holds the sample '{key}', whose mask does not fit what is said of masks: {error.Message.TrimEnd('.')}",
            "Correct --mask-change, --class, --mask-ignore or --mask-band.", error));
    }

    private string? Misfit(PixelImage? before, PixelImage? after, MaskImage? mask, bool? labelled)
    {
        if (before is null || after is null)
            return $"has no field '{(before is null ? fields.Before : fields.After)}'. Its fields can be named with --field";
        if (labelled is { } others && others != mask is not null)
            return others ? $"has no field '{fields.Mask}', while the samples before it have one"
                : $"has a field '{fields.Mask}', while the samples before it have none";
        if (before.Shape != after.Shape)
            return $"is {before.Shape} before and {after.Shape} after";
        return mask is null || (mask.Width, mask.Height) == (before.Shape.Width, before.Shape.Height)
            ? null
            : string.Create(
                CultureInfo.InvariantCulture,
                $"has a mask of {mask.Width}x{mask.Height} for images of {before.Shape.Width}x{before.Shape.Height}");
    }
}
