using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;
using ChangeDetection.Core.Configuration;
using ChangeDetection.Datasets.Masks;
using ChangeDetection.Datasets.Packing;
using ChangeDetection.Datasets.Shards;
using ChangeDetection.Imaging.Pixels;

namespace ChangeDetection.Datasets.Verification;

/// <summary>
/// Holds the decoded images of a sample against what <c>dataset.json</c> says of their type and values: checksums say that the bytes are those that were
/// packed, and this, that they still mean what they meant.
/// </summary>
internal sealed class ValueVerification(DatasetManifest manifest, ShardManifest shard)
{
    /// <summary>Ranges are of the split that statistics are of; null where they say nothing of this shard.</summary>
    private readonly IReadOnlyList<BandRange>? _ranges = !manifest.Splits.TryGetValue(SourceSurvey.TrainingSplit, out var train) || train.Shards.Contains(shard)
        ? manifest.Ranges : null;

    /// <summary>What is wrong with a sample's images by role, as the end of a sentence; null when nothing is.</summary>
    public string? Problem(IReadOnlyDictionary<string, PixelImage> images)
    {
        var valid = images.GetValueOrDefault(SampleFields.Valid);
        foreach (var role in (string[])[SampleFields.Before, SampleFields.After])
        {
            if (OfDate(role, images[role], valid) is { } problem)
                return problem;
        }
        // Masks of another program say what they say; a packed one is unlabelled where there is no pixel.
        return valid is not null && manifest.Mask is not { Raw: true }
            && images.TryGetValue(SampleFields.Mask, out var mask) && Labelled(mask, valid) is { } pixel
            ? string.Create(CultureInfo.InvariantCulture, $"has a label at pixel {pixel % mask.Shape.Width},{pixel / mask.Shape.Width}, where no pixel is")
            : null;
    }

    private string? OfDate(string role, PixelImage image, PixelImage? valid)
    {
        if (manifest.PixelType is { } type && PixelTypes.Name(image.Shape.Type) != type)
            return $"is of {PixelTypes.Name(image.Shape.Type)} {role}, and dataset.json says {type}";
        if (_ranges is null)
            return null;
        return image.Shape.Type switch
        {
            PixelType.UInt8 => Outside(role, image.Bytes, valid),
            PixelType.UInt16 => Outside(role, MemoryMarshal.Cast<byte, ushort>(image.Bytes), valid),
            _ => Outside(role, MemoryMarshal.Cast<byte, float>(image.Bytes), valid),
        };
    }

    private string? Outside<T>(string role, ReadOnlySpan<T> values, PixelImage? valid) where T : unmanaged, INumber<T>
    {
        var channels = _ranges!.Count;
        var flags = valid is null ? default : valid.Bytes;
        for (var channel = 0; channel < channels; channel++)
        {
            var (least, most) = (T.CreateSaturating(_ranges[channel].Minimum), T.CreateSaturating(_ranges[channel].Maximum));
            for (int pixel = 0, at = channel; at < values.Length; pixel++, at += channels)
            {
                if ((values[at] < least || values[at] > most || T.IsNaN(values[at])) && (flags.IsEmpty || flags[pixel] != 0))
                    return string.Create(
                        CultureInfo.InvariantCulture,
                        $"has the value {values[at]} in channel {channel + 1} {role}, and dataset.json says {least} to {most} for it");
            }
        }
        return null;
    }

    private static int? Labelled(PixelImage mask, PixelImage valid)
    {
        var labels = mask.Bytes;
        var flags = valid.Bytes;
        for (var at = 0; at < flags.Length; at++)
        {
            if (flags[at] == 0 && labels[at] != MaskReader.Ignored)
                return at;
        }
        return null;
    }
}
