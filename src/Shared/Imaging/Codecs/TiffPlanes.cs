using ChangeDetection.Imaging.Pixels;
using ChangeDetection.Imaging.Tiff;

namespace ChangeDetection.Imaging.Codecs;

/// <summary>
/// TIFFs whose bands lie one after the other (PlanarConfiguration 2), as GDAL writes those of many bands. libvips refuses them when they are tiled,
/// and mixes the rows of some up when they are not. But every band of one is a TIFF of one band: the same bytes, with a directory that names the
/// band's strips or tiles alone.
/// </summary>
internal static class TiffPlanes
{
    private const int BitsPerSample = 258, Photometric = 262, StripOffsets = 273, SamplesPerPixel = 277, StripByteCounts = 279, Planar = 284,
        TileOffsets = 324, TileByteCounts = 325, Extra = 338, Format = 339;

    /// <summary>How many bands the file has, alpha among them, when each lies for itself; else 1. The header was read before.</summary>
    public static int Count(ReadOnlySpan<byte> file, string name)
    {
        var directory = TiffDirectory.First(file, name);
        var (planar, samples) = (1L, 1L);
        for (var i = 0; i < directory.Count; i++)
        {
            var (tag, value) = directory.Entry(i);
            (planar, samples) = (tag == Planar ? value : planar, tag == SamplesPerPixel ? value : samples);
        }
        return planar == 2 ? (int)samples : 1;
    }

    /// <summary>Decodes band by band.</summary>
    public static void Decode(ReadOnlySpan<byte> file, string name, int bands, ImageShape shape, Span<byte> pixels)
    {
        var directory = TiffDirectory.First(file, name);
        var (entry, pointer) = (directory.IsBig ? 20 : 12, directory.IsBig ? 8 : 4);
        // The new directory stands behind the file, at an even place as the format asks for.
        var start = (file.Length + 1) & ~1;
        var bytes = new byte[start + directory.Span.Length + pointer];
        file.CopyTo(bytes);
        directory.WriteFirst(bytes, start);
        var band = shape with { Channels = 1 };
        var plane = new byte[band.Bytes];
        for (var channel = 0; channel < shape.Channels; channel++)
        {
            directory.Span.CopyTo(bytes.AsSpan(start));
            for (var i = 0; i < directory.Count; i++)
                Keep(channel, bands, directory, i, bytes.AsSpan(start + directory.HeadLength + i * entry, entry), name);
            VipsDecoder.Decode(bytes, name, band, plane);
            Interleave(plane, channel, shape, pixels);
        }
    }

    /// <summary>Rewrites an entry of the directory so that it speaks of one band.</summary>
    private static void Keep(int channel, int bands, TiffDirectory directory, int index, Span<byte> entry, string name)
    {
        var tag = directory.Entry(index).Tag;
        switch (tag)
        {
            case SamplesPerPixel or Planar:
                directory.WriteShort(entry, 1);
                break;
            case Photometric when directory.Entry(index).Value == 6:
                throw ImageException.Unsupported(name, "a TIFF of YCbCr colours in separate planes");
            case Photometric:
                directory.WriteShort(entry, directory.Entry(index).Value == 0 ? (ushort)0 : (ushort)1);
                break;
            case BitsPerSample or Format:
                directory.WriteShort(entry, (ushort)directory.Entry(index).Value);
                break;
            case Extra:
                // A tag of nobody's in its place: an entry cannot be taken out without moving the others.
                directory.WriteUnknown(entry);
                break;
            case StripOffsets or StripByteCounts or TileOffsets or TileByteCounts:
                if (!directory.TryWriteSlice(index, entry, channel, bands))
                    throw ImageException.Damaged(
                        name, $"the TIFF's list of {(tag is StripOffsets or StripByteCounts ? "strips" : "tiles")} is not one for each of its bands");
                break;
        }
    }

    private static void Interleave(ReadOnlySpan<byte> plane, int channel, ImageShape shape, Span<byte> pixels)
    {
        var size = shape.BytesPerValue;
        for (int from = 0, to = channel * size; from < plane.Length; from += size, to += shape.Channels * size)
            plane.Slice(from, size).CopyTo(pixels[to..]);
    }
}
