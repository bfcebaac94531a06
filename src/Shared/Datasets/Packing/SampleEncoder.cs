using System.Text.Json;
using ChangeDetection.Core.Configuration;
using ChangeDetection.Datasets.Layouts;
using ChangeDetection.Datasets.Shards;
using ChangeDetection.Imaging.Codecs;
using ChangeDetection.Imaging.Pixels;

namespace ChangeDetection.Datasets.Packing;

/// <summary>Makes a sample of a pair: its mask becomes 0 and 255, its images PNG or <c>.npy</c>, its origin JSON.</summary>
internal sealed class SampleEncoder(PackEncoding encoding)
{
    private readonly HashSet<string> _keys = new(StringComparer.Ordinal);

    /// <param name="images">Decoded, the mask's values 0 and 255.</param>
    public ShardSample Encode(PlannedSample sample, PairImages images, long changed) =>
        Join(sample, Bytes(images.Before), Bytes(images.After), Bytes(images.Mask), images.Mask.Shape.Width, images.Mask.Shape.Height, changed);

    /// <summary>A pair whose files are PNGs as we would write them.</summary>
    public ShardSample Pass(PlannedSample sample, SurveyedSample surveyed, PairReader reader)
    {
        var (before, after, mask) = reader.Files;
        return Join(
            sample, Strip(before, sample.Pair.Before!), Strip(after, sample.Pair.After!),
            Strip(mask, sample.Pair.Mask!), surveyed.Width, surveyed.Height, surveyed.Changed);
    }

    /// <summary>A pair whose images are PNGs as we would write them, and whose mask is not.</summary>
    public ShardSample Pass(PlannedSample sample, PixelImage mask, long changed, PairReader reader)
    {
        var (before, after, _) = reader.Files;
        return Join(sample, Strip(before, sample.Pair.Before!), Strip(after, sample.Pair.After!), Bytes(mask), mask.Shape.Width, mask.Shape.Height, changed);
    }

    private ShardSample Join(PlannedSample sample, byte[] before, byte[] after, byte[] mask, int width, int height, long changed)
    {
        var extension = encoding == PackEncoding.Png ? "png" : "npy";
        return new()
        {
            Key = KeyOf(sample),
            Changed = changed,
            Pixels = (long)width * height,
            Fields = new Dictionary<string, ReadOnlyMemory<byte>>(StringComparer.Ordinal)
            {
                [$"{SampleFields.Before}.{extension}"] = before,
                [$"{SampleFields.After}.{extension}"] = after,
                [$"{SampleFields.Mask}.{extension}"] = mask,
                [SampleFields.Json] = Origin(sample, width, height, changed),
            },
        };
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

    private static byte[] Origin(PlannedSample sample, int width, int height, long changed) => JsonSerializer.SerializeToUtf8Bytes(new
    {
        source = sample.Pair.Path,
        before = sample.Pair.Before!.Path,
        after = sample.Pair.After!.Path,
        mask = sample.Pair.Mask!.Path,
        crop = sample.Crop is { } crop ? new[] { crop.X, crop.Y, crop.Width, crop.Height } : null,
        width,
        height,
        changed,
    });
}
