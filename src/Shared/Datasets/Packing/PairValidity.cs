using ChangeDetection.Datasets.Masks;
using ChangeDetection.Imaging.Pixels;

namespace ChangeDetection.Datasets.Packing;

/// <summary>Joins what two dates say of their missing pixels.</summary>
internal static class PairValidity
{
    /// <summary>The pixels that both dates have; in the first plane where there is one.</summary>
    /// <returns>Null where no pixel is missing.</returns>
    public static PixelImage? Both(PixelImage? before, PixelImage? after)
    {
        if (before is null || after is null)
            return Kept(before ?? after);
        var all = before.Pixels.AsSpan(0, before.Bytes.Length);
        var other = after.Bytes;
        for (var at = 0; at < all.Length; at++)
            all[at] &= other[at];
        return Kept(before);
    }

    /// <summary>Null where no pixel is missing.</summary>
    public static PixelImage? Kept(PixelImage? valid) => valid is null || !valid.Bytes.Contains((byte)0) ? null : valid;

    /// <summary>Makes missing pixels 0 in a date: what stands there may be anything, and no reader should depend on it.</summary>
    public static void Clear(PixelImage image, PixelImage valid)
    {
        var pixel = image.Shape.Channels * image.Shape.BytesPerValue;
        var flags = valid.Bytes;
        for (var at = 0; at < flags.Length; at++)
        {
            if (flags[at] == 0)
                image.Pixels.AsSpan(at * pixel, pixel).Clear();
        }
    }

    /// <summary>Makes missing pixels unlabelled in a mask of classes.</summary>
    public static void Ignore(PixelImage mask, PixelImage valid)
    {
        var flags = valid.Bytes;
        for (var at = 0; at < flags.Length; at++)
        {
            if (flags[at] == 0)
                mask.Pixels[at] = MaskReader.Ignored;
        }
    }
}
