using ChangeDetection.Imaging.Codecs;
using ChangeDetection.Imaging.Pixels;

namespace ChangeDetection.Imaging.Rasters;

/// <summary>
/// An image of any size, read row by row: what is held in memory depends on the rows asked for, never on the file. Values are those of
/// <see cref="ImageCodec"/>: interleaved, little-endian, alpha dropped unless the rule that the file was opened with keeps it as a band.
/// </summary>
public interface IRasterReader : IDisposable
{
    /// <summary>What errors call the file.</summary>
    string Name { get; }

    ImageShape Shape { get; }

    /// <summary>Where the pixels lie on the map; null where the file does not say.</summary>
    Georeference? Georeference { get; }

    /// <summary>The value that stands for "nothing was seen here" in all bands; null where there is none.</summary>
    double? NoData { get; }

    /// <summary>Reads rows. Some formats can only be read downwards: no row may be asked for again, nor one above.</summary>
    /// <param name="first">The first row.</param>
    /// <param name="count">How many.</param>
    /// <param name="target">Exactly their bytes, [count, width, channels].</param>
    /// <exception cref="ImageException">The file is truncated or damaged.</exception>
    void ReadRows(int first, int count, Span<byte> target);

    /// <summary>Reads rows, and which of their pixels are there, by the one definition (<see cref="ValidPixels"/>).</summary>
    /// <param name="validity">
    /// Exactly [count, width]: gets <see cref="ValidPixels.Valid"/> or <see cref="ValidPixels.None"/>. What alpha and internal masks say is in it
    /// only where the file was opened with a rule.
    /// </param>
    /// <inheritdoc cref="ReadRows(int, int, Span{byte})"/>
    void ReadRows(int first, int count, Span<byte> target, Span<byte> validity)
    {
        ReadRows(first, count, target);
        validity.Fill(ValidPixels.Valid);
        ValidPixels.Exclude(Shape, target, NoData, validity);
    }
}
