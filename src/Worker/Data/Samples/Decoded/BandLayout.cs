using System.IO.Hashing;
using ChangeDetection.Imaging.Pixels;

namespace ChangeDetection.Worker.Data.Samples.Decoded;

/// <summary>
/// How the rows of a recorded image are cut into bands, each with a checksum of its own: a crop reads and checks the bands it touches, not the image.
/// </summary>
internal readonly record struct BandLayout(ImageShape Shape)
{
    private const int BandBytes = 64 << 10;

    public int RowBytes => Shape.Width * Shape.Channels * Shape.BytesPerValue;

    /// <summary>Rows of a band; the last one has what is left.</summary>
    public int BandRows => Math.Max(1, BandBytes / RowBytes);

    public int Count => (Shape.Height + BandRows - 1) / BandRows;

    /// <summary>The bands that rows touch: the first, and the one behind the last.</summary>
    public (int First, int End) Covering(int top, int height) => (top / BandRows, (top + height - 1) / BandRows + 1);

    /// <summary>The first row of a band; the image's height for the one behind the last.</summary>
    public int Top(int band) => Math.Min(Shape.Height, band * BandRows);

    /// <summary>The checksum of one band.</summary>
    /// <param name="pixels">Rows of the image.</param>
    /// <param name="top">Which row of the image the first of them is.</param>
    /// <param name="seed">What the record is called, so that another record's bytes have other checksums.</param>
    public ulong Hash(int band, ReadOnlySpan<byte> pixels, int top, long seed)
        => XxHash3.HashToUInt64(pixels[((Top(band) - top) * RowBytes)..((Top(band + 1) - top) * RowBytes)], seed);
}
