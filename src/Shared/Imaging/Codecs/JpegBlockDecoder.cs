using ChangeDetection.Imaging.Pixels;
using ChangeDetection.Imaging.Tiff;

namespace ChangeDetection.Imaging.Codecs;

/// <summary>
/// Tiles and strips of a TIFF that are each a JPEG of one or three components (TIFF Technical Note 2), by libvips: GDAL's decoder is the same one, while
/// LibTiff's own enlarges reduced colours in another way.
/// </summary>
internal sealed class JpegBlockDecoder : ITiffBlockDecoder
{
    /// <summary>How far from its end a block's JPEG may end: some writers pad.</summary>
    private const int Padding = 64;

    private readonly TiffBytes _file;
    private readonly TiffGrid _grid;
    private readonly byte[] _head;

    /// <param name="tables">Of all blocks, from the directory: JPEGTables.</param>
    public JpegBlockDecoder(TiffBytes file, TiffGrid grid, ReadOnlySpan<byte> tables)
    {
        (_file, _grid) = (file, grid);
        // Adobe's marker says what the components are: YCbCr, or colours as they are. A decoder would guess.
        byte[] colors = [0xFF, 0xEE, 0, 14, .. "Adobe"u8, 0, 100, 0, 0, 0, 0, (byte)(grid.IsYCbCr ? 1 : 0)];
        _head = [0xFF, 0xD8, .. grid.SamplesPerBlock == 3 ? colors : [], .. tables.Length > 4 ? tables[2..^2] : []];
    }

    /// <summary>Whether JPEGs of so many samples are read here.</summary>
    public static bool Reads(TiffGrid grid) => grid is { Pixels.Compression: TiffCodec.Jpeg, SamplesPerBlock: 1 or 3, Bits: 8 };

    public void Decode(int index, byte[] target, int bytes)
    {
        var packed = _file.Slice(_grid.Offsets[index], (int)_grid.Lengths[index]).Span;
        RequireEnd(packed, _grid, index, _file.Name);
        if (!packed.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8]))
            throw ImageException.Damaged(_file.Name, $"{_grid.NameOf(index)} of the TIFF is no JPEG");
        var shape = new ImageShape(_grid.BlockWidth, bytes / (int)_grid.BlockBytes(1), _grid.SamplesPerBlock, PixelType.UInt8);
        VipsDecoder.Decode([.. _head, .. packed[2..]], $"{_file.Name}, {_grid.NameOf(index)}", shape, target.AsSpan(0, bytes));
    }

    public void Dispose()
    {
    }

    /// <summary>What is missing of a JPEG that is cut short decoders fill with grey, with a warning at most.</summary>
    /// <exception cref="ImageException">It has no end.</exception>
    public static void RequireEnd(ReadOnlySpan<byte> block, TiffGrid grid, int index, string name)
    {
        if (block[Math.Max(0, block.Length - Padding)..].LastIndexOf((ReadOnlySpan<byte>)[0xFF, 0xD9]) < 0)
            throw ImageException.Truncated(name, $"{grid.NameOf(index)} of the TIFF is a JPEG without an end");
    }
}
