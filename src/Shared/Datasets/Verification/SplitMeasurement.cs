using ChangeDetection.Core.Configuration;
using ChangeDetection.Datasets.Masks;
using ChangeDetection.Datasets.Packing;
using ChangeDetection.Datasets.Shards;
using ChangeDetection.Imaging.Codecs;
using ChangeDetection.Imaging.Pixels;

namespace ChangeDetection.Datasets.Verification;

/// <summary>A split measured by decoding all of it.</summary>
/// <param name="Statistics">Per channel, over the valid pixels of both dates.</param>
/// <param name="ChangeFraction">Share of changed among the labelled pixels; 0 where there are no masks.</param>
/// <param name="Unchanged">Samples without one changed pixel.</param>
/// <param name="Sizes">How many samples there are of each size, by <c>WIDTHxHEIGHT</c>.</param>
public sealed record SplitMeasurement(
    int Samples, NormalizationStatistics Statistics, double ChangeFraction, int Unchanged, IReadOnlyDictionary<string, int> Sizes)
{
    /// <summary>Reads every sample, each field verified against its checksum.</summary>
    /// <param name="seen">Called with each sample, whose images are its own to keep.</param>
    /// <exception cref="ShardCorruptException">A field is damaged, or a sample lacks one.</exception>
    /// <exception cref="ImageException">A field is no image.</exception>
    public static async Task<SplitMeasurement> MeasureAsync(
        ShardDataset dataset, SplitManifest split, Action<MeasuredSample> seen, CancellationToken cancellationToken)
    {
        var (statistics, masks) = (new ChannelStatistics(), MaskReader.Of(dataset.Manifest));
        var sizes = new SortedDictionary<string, int>(StringComparer.Ordinal);
        var (ordinal, changed, pixels, unchanged) = (0, 0L, 0L, 0);
        foreach (var shard in split.Shards)
        {
            var index = await dataset.ReadIndexAsync(shard, cancellationToken);
            for (var sample = 0; sample < index.Count; sample++)
            {
                var before = await DecodeAsync(dataset, index, sample, SampleFields.Before, masks, cancellationToken);
                var after = await DecodeAsync(dataset, index, sample, SampleFields.After, masks, cancellationToken);
                var mask = split.Unlabelled ? null : await DecodeAsync(dataset, index, sample, SampleFields.Mask, masks, cancellationToken);
                var valid = index.Find(sample, SampleFields.Valid) is null ? null
                    : await DecodeAsync(dataset, index, sample, SampleFields.Valid, masks, cancellationToken);
                statistics.Add(before, valid);
                statistics.Add(after, valid);
                if (mask is not null)
                {
                    var labelled = mask.Bytes.Length - mask.Bytes.Count(MaskReader.Ignored);
                    var change = labelled - mask.Bytes.Count((byte)0);
                    (changed, pixels, unchanged) = (changed + change, pixels + labelled, unchanged + (change == 0 ? 1 : 0));
                }
                var size = $"{before.Shape.Width}x{before.Shape.Height}";
                sizes[size] = sizes.GetValueOrDefault(size) + 1;
                seen(new(ordinal++, index.Key(sample), before, after, mask));
            }
        }
        return new(split.Samples, statistics.Result(), pixels == 0 ? 0 : (double)changed / pixels, unchanged, sizes);
    }

    internal static async Task<PixelImage> DecodeAsync(
        ShardDataset dataset, ShardIndex index, int sample, string role, MaskReader masks, CancellationToken cancellationToken)
    {
        var field = index.Find(sample, role) ?? throw new ShardCorruptException(
            index.Shard, $"holds the sample {index.Key(sample)}, which has no field '{role}'", "Pack the data set again.");
        var (bytes, name) = (await dataset.ReadFieldAsync(index, sample, field, cancellationToken), $"{index.Shard}: {index.Key(sample)}.{field.Name}");
        var image = role == SampleFields.Mask ? masks.Read(bytes, name) : ImageCodec.Decode(bytes, name);
        return role is SampleFields.Mask or SampleFields.Valid || image.Shape.Channels == dataset.Manifest.Channels
            ? image
            : throw new ShardCorruptException(
                index.Shard,
                $"holds the sample {index.Key(sample)}, which has {image.Shape.Channels} channels instead of {dataset.Manifest.Channels}",
                "Pack the data set again.");
    }
}

/// <summary>A sample while its split is measured.</summary>
/// <param name="Ordinal">Its place in the split, from 0.</param>
/// <param name="Mask">Classes, and <see cref="MaskReader.Ignored"/>.</param>
public sealed record MeasuredSample(int Ordinal, string Key, PixelImage Before, PixelImage After, PixelImage? Mask);
