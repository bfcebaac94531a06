using ChangeDetection.Imaging.Pixels;
using ChangeDetection.Imaging.Tiff;

namespace ChangeDetection.Imaging.Codecs;

/// <summary>
/// TIFFs whose bands lie one after the other (PlanarConfiguration 2), as GDAL writes those of many bands. libvips refuses them when they are tiled,
/// and mixes the rows of some up when they are not (of one band too, of fewer than 8 bits). But every band of one is a TIFF of one band: the same bytes,
/// with a directory that names the band's strips or tiles alone.
/// </summary>
internal static class TiffPlanes
{
    /// <summary>Decodes band by band.</summary>
    /// <param name="bands">How many the file has, alpha among them.</param>
    public static void Decode(ReadOnlySpan<byte> file, string name, int bands, ImageShape shape, Span<byte> pixels)
    {
        var directory = TiffDirectory.First(file, name);
        var source = new TiffBandDirectory(directory, bands, name);
        // The new directory stands behind the file, at an even place as the format asks for.
        var start = (file.Length + 1) & ~1;
        var bytes = new byte[start + source.Length];
        file.CopyTo(bytes);
        source.WritePlace(bytes, start);
        if (bands == 1)
        {
            source.Write(file, 0, bytes.AsSpan(start));
            VipsDecoder.Decode(bytes, name, shape, pixels);
            return;
        }
        var band = shape with { Channels = 1 };
        var plane = new byte[band.Bytes];
        for (var channel = 0; channel < shape.Channels; channel++)
        {
            source.Write(file, channel, bytes.AsSpan(start));
            VipsDecoder.Decode(bytes, name, band, plane);
            Interleave(plane, channel, shape, pixels);
        }
    }

    private static void Interleave(ReadOnlySpan<byte> plane, int channel, ImageShape shape, Span<byte> pixels)
    {
        var size = shape.BytesPerValue;
        for (int from = 0, to = channel * size; from < plane.Length; from += size, to += shape.Channels * size)
            plane.Slice(from, size).CopyTo(pixels[to..]);
    }
}
