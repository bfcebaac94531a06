using ChangeDetection.Datasets.Masks;
using ChangeDetection.Imaging.Pixels;

namespace ChangeDetection.Datasets.Packing;

/// <summary>The pixels of a planned sample, cut to its crop: all of them at hand, or read by rows. Masks hold classes.</summary>
internal interface IPairPixels
{
    /// <summary>Of both dates; the mask has the same width and height.</summary>
    ImageShape Shape { get; }

    /// <summary>What was done to fit the images to each other, as texts of warnings.</summary>
    IReadOnlyList<string> Notes { get; }

    /// <summary>
    /// Images that hold these rows, and the row that they begin with. They are good until the next call; rows above must not be asked for again.
    /// </summary>
    /// <exception cref="Layouts.DatasetSourceException">A file is damaged where it had not been read before.</exception>
    (PairImages Images, int Top) Rows(int first, int count);
}

/// <summary>
/// Two dates and a mask of one width and height. Pixels that either date lacks are 0 in both dates, and unlabelled.
/// </summary>
/// <param name="Mask">Classes, and <see cref="MaskReader.Ignored"/>.</param>
/// <param name="Valid">0 for pixels that either date lacks, 255 for all others; null where none is missing.</param>
internal sealed record PairImages(PixelImage Before, PixelImage After, PixelImage Mask, PixelImage? Valid)
{
    /// <summary>What the mask and the valid pixels come to.</summary>
    public PixelCounts Count()
    {
        var mask = Mask.Bytes;
        var ignored = mask.Count(MaskReader.Ignored);
        var labelled = mask.Length - ignored;
        return new(labelled - mask.Count((byte)0), labelled, ignored, Valid?.Bytes.Count((byte)0) ?? 0);
    }
}

/// <summary>Pixels of a sample: changed ones, those with a label, those without, and those that a date lacks, which are among the latter.</summary>
internal readonly record struct PixelCounts(long Changed, long Labelled, long Ignored, long Invalid)
{
    public long All => Labelled + Ignored;

    public static PixelCounts operator +(PixelCounts a, PixelCounts b) =>
        new(a.Changed + b.Changed, a.Labelled + b.Labelled, a.Ignored + b.Ignored, a.Invalid + b.Invalid);
}
