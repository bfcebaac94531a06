using System.Text.Json;
using ChangeDetection.Images;

namespace ChangeDetection.Shards.Packing;

/// <summary>Makes a sample of a decoded pair: its mask becomes 0 and 255, its images PNG or <c>.npy</c>, its origin JSON.</summary>
internal sealed class SampleEncoder(PackEncoding encoding, byte onlyOnes)
{
    private readonly HashSet<string> _keys = new(StringComparer.Ordinal);

    public ShardSample Encode(PlannedSample sample, DecodedPair pair)
    {
        var shape = pair.Mask.Shape;
        var pixels = shape.Width * shape.Height;
        var changed = MaskLevels.Apply(pair.Levels.Threshold ?? onlyOnes, pair.Mask.Pixels.AsSpan(0, pixels));
        var extension = encoding == PackEncoding.Png ? "png" : "npy";
        return new()
        {
            Key = KeyOf(sample),
            Changed = changed,
            Pixels = pixels,
            Fields = new Dictionary<string, ReadOnlyMemory<byte>>(StringComparer.Ordinal)
            {
                [$"{SampleFields.Before}.{extension}"] = Bytes(pair.Before),
                [$"{SampleFields.After}.{extension}"] = Bytes(pair.After),
                [$"{SampleFields.Mask}.{extension}"] = Bytes(pair.Mask),
                [SampleFields.Json] = Origin(sample, shape, changed),
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

    private static byte[] Origin(PlannedSample sample, ImageShape shape, long changed) => JsonSerializer.SerializeToUtf8Bytes(new
    {
        source = sample.Pair.Path,
        before = sample.Pair.Before!.Path,
        after = sample.Pair.After!.Path,
        mask = sample.Pair.Mask!.Path,
        crop = sample.Crop is { } crop ? new[] { crop.X, crop.Y, crop.Width, crop.Height } : null,
        width = shape.Width,
        height = shape.Height,
        changed,
    });
}
