using System.Globalization;
using ChangeDetection.Core.Configuration;
using ChangeDetection.Datasets.Packing;
using ChangeDetection.Datasets.Shards;
using ChangeDetection.Imaging.Codecs;
using ChangeDetection.Imaging.Pixels;

namespace ChangeDetection.Datasets.Indexing;

/// <summary>
/// Decodes the samples of a data set one after the other, holds them against each other and measures them: what <c>dataset pack</c> does with
/// the files of a source. Nothing of a sample is kept.
/// </summary>
internal sealed class SampleInspection(FieldNames fields, Func<string, bool> countsForStatistics, ImageLimits? limits = null)
{
    private const string WriteAgain = "Write the shard again.";
    private readonly ChannelStatistics _statistics = new();
    private readonly Dictionary<string, PixelImage> _images = new(StringComparer.Ordinal);
    private readonly Dictionary<string, byte[]> _buffers = new(StringComparer.Ordinal);
    private readonly HashSet<MaskKind> _kinds = [];
    private (string Sample, ImageShape Shape)? _first;
    private string? _onlyOnes;

    /// <summary>Pixels of masks with a grey between 0 and the largest; all of them count as change.</summary>
    public long Stray { get; private set; }

    public int Channels => _first!.Value.Shape.Channels;

    public NormalizationStatistics Statistics => _statistics.Result();

    /// <summary>Decodes a field of the sample at hand.</summary>
    /// <exception cref="ImageException">It is no image that can be read.</exception>
    public void Add(string role, ReadOnlyMemory<byte> bytes, string name)
    {
        var reuse = _buffers.GetValueOrDefault(role);
        var image = role == SampleFields.Mask ? ImageCodec.DecodeMask(bytes, name, limits, reuse) : ImageCodec.Decode(bytes, name, limits, reuse);
        _buffers[role] = image.Pixels;
        _images[role] = image;
    }

    /// <summary>Ends the sample at hand.</summary>
    /// <param name="labelled">Whether the split's samples have masks; null for the first of a split.</param>
    /// <returns>Changed and all pixels of its mask; null where it has none.</returns>
    /// <exception cref="ShardCorruptException">It lacks a field, or its images do not fit each other or the rest of the data set.</exception>
    public (long Changed, long Pixels)? End(string shard, string key, string split, bool? labelled)
    {
        var images = fields.Pairs.Select(pair => _images.GetValueOrDefault(pair.Role)).ToList();
        var (before, after, mask) = (images[0], images[1], images[2]);
        _images.Clear();
        if (Misfit(before, after, mask, labelled) is { } problem)
            throw new ShardCorruptException(shard, $"holds the sample '{key}', which {problem}", WriteAgain);
        _first ??= ($"{shard}: {key}", before!.Shape);
        if (_first.Value is var first && (before!.Shape.Channels, before.Shape.Type) != (first.Shape.Channels, first.Shape.Type))
            throw new ShardCorruptException(
                shard, $"holds the sample '{key}' of {before.Shape.Channels} channels of {before.Shape.Type}, but {first.Sample} has " +
                $"{first.Shape.Channels} of {first.Shape.Type}", "All images of a data set must agree: convert one kind to the other.");
        if (countsForStatistics(split))
        {
            _statistics.Add(before);
            _statistics.Add(after!);
        }
        return mask is null ? null : Measure(mask, $"{shard}: {key}");
    }

    /// <summary>What can be told of the masks only when all have been seen.</summary>
    /// <exception cref="ShardCorruptException">
    /// They mean something else than 0 for no change and anything else for change; or the images hold no finite numbers.
    /// </exception>
    public void Finish()
    {
        if (_onlyOnes is { } example && !_kinds.Contains(MaskKind.ZeroAndOne))
            throw new ShardCorruptException(
                example, "is a mask of nothing but 1, and no other mask shows that this means change",
                "Write masks with 0 for no change and 255 for change.");
        if (!Statistics.Mean.All(double.IsFinite))
            throw new ShardCorruptException(
                DatasetManifest.FileName, "cannot be written: the images hold values that are no finite numbers, so there is no mean to normalise by",
                "Replace NaN and infinity by a number.");
    }

    private (long Changed, long Pixels) Measure(PixelImage mask, string sample)
    {
        var levels = MaskLevels.Of(MaskHistogram.Of(mask.Bytes));
        _kinds.Add(levels.Kind);
        if (levels.Kind == MaskKind.OneAndTwo)
            throw new ShardCorruptException(
                sample, "has a mask of the values 1 and 2, and 1 would count as change", "Write masks with 0 for no change and 255 for change.");
        if (levels.Kind == MaskKind.OnlyOne)
            _onlyOnes ??= sample;
        Stray += levels.Stray;
        return (mask.Bytes.Length - mask.Bytes.Count((byte)0), mask.Bytes.Length);
    }

    private string? Misfit(PixelImage? before, PixelImage? after, PixelImage? mask, bool? labelled)
    {
        if (before is null || after is null)
            return $"has no field '{(before is null ? fields.Before : fields.After)}'. Its fields can be named with --field";
        if (labelled is { } others && others != mask is not null)
            return others ? $"has no field '{fields.Mask}', while the samples before it have one"
                : $"has a field '{fields.Mask}', while the samples before it have none";
        if (before.Shape != after.Shape)
            return $"is {before.Shape} before and {after.Shape} after";
        return mask is null || (mask.Shape.Width, mask.Shape.Height) == (before.Shape.Width, before.Shape.Height)
            ? null
            : string.Create(
                CultureInfo.InvariantCulture,
                $"has a mask of {mask.Shape.Width}x{mask.Shape.Height} for images of {before.Shape.Width}x{before.Shape.Height}");
    }
}
