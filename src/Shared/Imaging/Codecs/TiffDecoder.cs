using ChangeDetection.Imaging.Pixels;
using ChangeDetection.Imaging.Tiff;

namespace ChangeDetection.Imaging.Codecs;

/// <summary>
/// Decodes whole TIFFs by libvips, which gets those that it would get wrong in a form that it reads. Of strips it reports every error; but what it cannot
/// decode of tiles it takes for zeros without a word, unless they are JPEGs, which it decodes itself.
/// </summary>
internal static class TiffDecoder
{
    /// <param name="shape">As <see cref="TiffHeader"/> has read and checked it.</param>
    /// <exception cref="ImageException">The file is truncated, damaged, or of a kind that is not read.</exception>
    public static void Decode(ReadOnlyMemory<byte> file, string name, ImageShape shape, Span<byte> pixels)
    {
        var directory = TiffDirectory.First(file.Span, name);
        var format = TiffFormat.Read(directory, name);
        if (format.Compression == TiffCodec.Jpeg)
            CheckJpegs(file.Span, TiffGrid.Read(directory, format, Array.MaxLength, name), name);
        else if (format.Compression == TiffCodec.Zstd || directory.Has(TiffTag.TileWidth) || LeavesStripsOut(directory))
            file = Unpack(directory, format, file, name);
        if (format.IsPlanar)
            TiffPlanes.Decode(file.Span, name, format.Samples, shape, pixels);
        else
            VipsDecoder.Decode(file.Span, name, shape, pixels);
    }

    private static ReadOnlyMemory<byte> Unpack(TiffDirectory directory, TiffFormat format, ReadOnlyMemory<byte> file, string name)
    {
        if (format.Photometric == TiffFormat.YCbCr)
            throw ImageException.Unsupported(
                name, $"a TIFF of YCbCr colours in compression {format.Compression} ({TiffCodec.Name(format.Compression)})", TiffCodec.Rewrite);
        directory.RequireSound();
        var grid = TiffGrid.Read(directory, format, Array.MaxLength, name);
        using var decoder = TiffBlocks.Open(new TiffBytes(file, name), directory, grid);
        return UnpackedTiff.Of(directory, grid, decoder, name);
    }

    /// <summary>GDAL leaves blocks out that hold nothing: place and length are 0.</summary>
    private static bool LeavesStripsOut(TiffDirectory directory) =>
        directory.Numbers(TiffTag.StripByteCounts, RasterLimits.MaxTableBytes).Contains(0)
        && directory.Numbers(TiffTag.StripOffsets, RasterLimits.MaxTableBytes).Contains(0);

    private static void CheckJpegs(ReadOnlySpan<byte> file, TiffGrid grid, string name)
    {
        for (var index = 0; index < grid.Offsets.Length; index++)
        {
            if (grid.Offsets[index] == 0)
                throw ImageException.Unsupported(name, $"a TIFF of compression 7 (JPEG) that leaves {grid.NameOf(index)} out", TiffCodec.Rewrite);
            JpegBlockDecoder.RequireEnd(file.Slice((int)grid.Offsets[index], (int)grid.Lengths[index]), grid, index, name);
        }
    }
}
