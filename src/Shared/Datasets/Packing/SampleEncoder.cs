using System.Text.Json;
using ChangeDetection.Core.Configuration;
using ChangeDetection.Datasets.Layouts;
using ChangeDetection.Datasets.Shards;
using ChangeDetection.Imaging.Codecs;
using ChangeDetection.Imaging.Codecs.Npy;
using ChangeDetection.Imaging.Pixels;

namespace ChangeDetection.Datasets.Packing;

/// <summary>Makes a sample of a pair: its images and mask become PNG or <c>.npy</c>, its origin JSON.</summary>
internal sealed class SampleEncoder(PackEncoding encoding)
{
    private static readonly JsonSerializerOptions s_json = new() { Encoder = ReadableJson.Encoder };

    private readonly HashSet<string> _keys = new(StringComparer.Ordinal);

    public ShardSample Encode(PlannedSample sample, PairImages images, PixelCounts counts) => Join(
        sample, Bytes(images.Before), Bytes(images.After), Bytes(images.Mask), images.Valid is { } valid ? Bytes(valid) : null,
        images.Mask.Shape.Width, images.Mask.Shape.Height, counts);

    /// <summary>A pair whose files are PNGs as we would write them.</summary>
    public ShardSample Pass(PlannedSample sample, SurveyedSample surveyed, PairReader reader)
    {
        var (before, after, mask) = reader.Files;
        return Join(
            sample, Strip(before, sample.Pair.Before!), Strip(after, sample.Pair.After!),
            Strip(mask, sample.Pair.Mask!), valid: null, surveyed.Width, surveyed.Height, surveyed.Counts);
    }

    /// <summary>A pair whose images are PNGs as we would write them, and whose mask is not.</summary>
    public ShardSample Pass(PlannedSample sample, PixelImage mask, PixelCounts counts, PairReader reader)
    {
        var (before, after, _) = reader.Files;
        return Join(
            sample, Strip(before, sample.Pair.Before!), Strip(after, sample.Pair.After!), Bytes(mask), valid: null,
            mask.Shape.Width, mask.Shape.Height, counts);
    }

    private ShardSample Join(PlannedSample sample, byte[] before, byte[] after, byte[] mask, byte[]? valid, int width, int height, PixelCounts counts)
    {
        var extension = encoding == PackEncoding.Png ? "png" : "npy";
        var fields = new Dictionary<string, ReadOnlyMemory<byte>>(StringComparer.Ordinal)
        {
            [$"{SampleFields.Before}.{extension}"] = before,
            [$"{SampleFields.After}.{extension}"] = after,
            [$"{SampleFields.Mask}.{extension}"] = mask,
            [SampleFields.Json] = Origin(sample, width, height, counts),
        };
        if (valid is not null)
            fields[$"{SampleFields.Valid}.{extension}"] = valid;
        return new() { Key = KeyOf(sample), Changed = counts.Changed, Pixels = counts.Labelled, Fields = fields };
    }

    private string KeyOf(PlannedSample sample)
    {
        var path = sample.Path;
        // Folders that only say which split it is would make every key begin alike.
        if (sample.Pair.Split is { } split && path.StartsWith($"{split}/", StringComparison.Ordinal))
            path = path[(split.Length + 1)..];
        var key = SampleKey.FromPath(path);
        if (_keys.Add(key))
            return key;
        var unique = SampleKey.WithHash(sample.Path);
        return _keys.Add(unique) ? unique : throw new InvalidOperationException($"The paths of two samples have one hash: {sample.Path}.");
    }

    private byte[] Bytes(PixelImage image) => encoding == PackEncoding.Png ? PngEncoder.Encode(image) : NpyEncoder.Encode(image);

    private static byte[] Strip(ReadOnlyMemory<byte> file, SourceFile source) => PngPassThrough.Strip(file, source.Path);

    private static byte[] Origin(PlannedSample sample, int width, int height, PixelCounts counts) => JsonSerializer.SerializeToUtf8Bytes(new
    {
        source = sample.Pair.Path,
        before = sample.Pair.Before!.Path,
        after = sample.Pair.After!.Path,
        mask = sample.Pair.Mask?.Path,
        crop = sample.Crop is { } crop ? new[] { crop.X, crop.Y, crop.Width, crop.Height } : null,
        width,
        height,
        changed = counts.Changed,
        ignored = counts.Ignored,
        invalid = counts.Invalid,
    }, s_json);
}
