using ChangeDetection.Imaging.Pixels;

namespace ChangeDetection.Datasets.Packing;

/// <summary>The pixels of a planned sample, cut to its crop: all of them at hand, or read by rows. Mask values are still those of the file.</summary>
internal interface IPairPixels
{
    /// <summary>Of both dates; the mask has the same width and height.</summary>
    ImageShape Shape { get; }

    /// <summary>What the levels of the whole mask mean.</summary>
    MaskLevels Levels { get; }

    /// <summary>Of the mask, within the crop.</summary>
    MaskHistogram Values { get; }

    /// <summary>What was done to fit the images to each other, as texts of warnings.</summary>
    IReadOnlyList<string> Notes { get; }

    /// <summary>
    /// Images that hold these rows, and the row that they begin with. They are good until the next call; rows above must not be asked for again.
    /// </summary>
    /// <exception cref="Layouts.DatasetSourceException">A file is damaged where it had not been read before.</exception>
    (PairImages Images, int Top) Rows(int first, int count);
}

/// <summary>Two dates and a mask of one width and height.</summary>
internal sealed record PairImages(PixelImage Before, PixelImage After, PixelImage Mask);
