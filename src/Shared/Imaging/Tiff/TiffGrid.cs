using ChangeDetection.Imaging.Pixels;

namespace ChangeDetection.Imaging.Tiff;

/// <summary>How the pixels of a TIFF lie in its file: kind of values, blocks (tiles, or strips as wide as the image), and where each block is.</summary>
internal sealed record TiffGrid
{
    private const int JpegCompression = 7, YCbCr = 6, Separate = 2;

    public required ImageShape Shape { get; init; }
    public required int Samples { get; init; }
    public required int Bits { get; init; }
    /// <summary>1 unsigned, 2 signed, 3 float.</summary>
    public required int Format { get; init; }
    public required int BlockWidth { get; init; }
    public required int BlockHeight { get; init; }
    public required bool IsTiled { get; init; }
    /// <summary>Whether each band has blocks of its own.</summary>
    public required bool IsPlanar { get; init; }
    public required int Compression { get; init; }
    public required bool IsYCbCr { get; init; }
    public required long[] Offsets { get; init; }

    public int Across => (Shape.Width + BlockWidth - 1) / BlockWidth;
    public int Down => (Shape.Height + BlockHeight - 1) / BlockHeight;
    /// <summary>Samples that lie side by side in a block.</summary>
    public int SamplesPerBlock => IsPlanar ? 1 : Samples;
    public int BytesPerSample => Bits / 8;
    /// <summary>Bytes of a block's rows, decoded; the last strip may have fewer rows, tiles never.</summary>
    public long BlockBytes(int rows) => (long)BlockWidth * rows * SamplesPerBlock * BytesPerSample;

    /// <exception cref="ImageException">The directory contradicts itself, the file, or is of a kind that is not read.</exception>
    public static TiffGrid Read(TiffEntries entries, string name)
    {
        var (width, height) = (entries.Number(TiffTag.ImageWidth, 0), entries.Number(TiffTag.ImageLength, 0));
        var samples = entries.Number(TiffTag.SamplesPerPixel, 1);
        if (width is <= 0 or > int.MaxValue || height is <= 0 or > int.MaxValue || samples is <= 0 or > RasterLimits.MaxBands)
            throw entries.Absurd($"header declares {width:N0}x{height:N0} pixels of {samples:N0} bands");
        var (bits, format) = (OneForAll(entries, TiffTag.BitsPerSample, 1), OneForAll(entries, TiffTag.SampleFormat, 1));
        var type = (format, bits) switch
        {
            (1, 8) => PixelType.UInt8,
            (1, 16) => PixelType.UInt16,
            (3, 32) or (1, 32) or (2, 8 or 16 or 32) => PixelType.Float32,
            _ => throw ImageException.Unsupported(name, $"a scene of {bits} bits in sample format {format}"),
        };
        var compression = (int)entries.Number(TiffTag.Compression, 1);
        var photometric = entries.Number(TiffTag.Photometric, 1);
        if (photometric is not (1 or 2) && !(photometric == YCbCr && compression == JpegCompression))
            throw ImageException.Unsupported(name, $"a scene of photometric interpretation {photometric}");
        if (compression is not (1 or 5 or JpegCompression or 8 or 32773 or 32946))
            throw ImageException.Unsupported(name, $"a TIFF of compression {compression}; none, LZW, JPEG, Deflate and PackBits are read");
        var alpha = entries.Number(TiffTag.ExtraSamples, -1) is 1 or 2 && samples is 2 or 4 ? 1 : 0;
        var shape = new ImageShape((int)width, (int)height, (int)samples - alpha, type);
        RasterLimits.Check(shape, name);

        var tiled = entries.Has(TiffTag.TileWidth);
        var (blockWidth, blockHeight) = tiled
            ? (entries.Number(TiffTag.TileWidth, 0), entries.Number(TiffTag.TileLength, 0))
            : (width, Math.Min(entries.Number(TiffTag.RowsPerStrip, height), height));
        if (blockWidth is <= 0 or > int.MaxValue || blockHeight is <= 0 or > int.MaxValue || (tiled && (blockWidth % 16 != 0 || blockHeight % 16 != 0)))
            throw entries.Absurd($"blocks are declared {blockWidth:N0}x{blockHeight:N0} pixels");
        var grid = new TiffGrid
        {
            Shape = shape,
            Samples = (int)samples,
            Bits = (int)bits,
            Format = (int)format,
            BlockWidth = (int)blockWidth,
            BlockHeight = (int)blockHeight,
            IsTiled = tiled,
            IsPlanar = samples > 1 && entries.Number(TiffTag.PlanarConfiguration, 1) == Separate,
            Compression = compression,
            IsYCbCr = photometric == YCbCr,
            Offsets = [],
        };
        if (grid.IsRaw && !tiled)
            return grid with { Offsets = Blocks(entries, grid) };
        if ((Int128)blockWidth * blockHeight * grid.SamplesPerBlock * grid.BytesPerSample > RasterLimits.MaxBlockBytes)
        {
            throw new ImageException(name, ImageFault.TooLarge,
                $"too large: one {(tiled ? "tile" : "strip")} of the TIFF is {blockWidth:N0}x{blockHeight:N0} pixels, more than " +
                    $"{RasterLimits.MaxBlockBytes:N0} bytes decoded",
                "Write it anew with tiles, for example by gdal_translate -co TILED=YES.");
        }
        return grid with { Offsets = Blocks(entries, grid) };
    }

    /// <summary>Whether values lie in the file as they are.</summary>
    public bool IsRaw => Compression == 1;

    private static long OneForAll(TiffEntries entries, int tag, long otherwise)
    {
        var values = entries.Numbers(tag, RasterLimits.MaxBands);
        return values.Length == 0 ? otherwise
            : Array.TrueForAll(values, value => value == values[0]) ? values[0]
            : throw entries.Absurd($"{TiffTag.Name(tag)} differs from band to band");
    }

    /// <summary>The blocks' places; each must lie in the file.</summary>
    private static long[] Blocks(TiffEntries entries, TiffGrid grid)
    {
        var (offsetTag, lengthTag) = grid.IsTiled ? (TiffTag.TileOffsets, TiffTag.TileByteCounts) : (TiffTag.StripOffsets, TiffTag.StripByteCounts);
        var expected = (long)grid.Across * grid.Down * (grid.IsPlanar ? grid.Samples : 1);
        var (offsets, lengths) = (entries.Numbers(offsetTag, expected), entries.Numbers(lengthTag, expected));
        if (offsets.Length != expected || lengths.Length != expected)
            throw entries.Absurd(
                $"{TiffTag.Name(offsetTag)} and {TiffTag.Name(lengthTag)} list {offsets.Length:N0} and {lengths.Length:N0} blocks, where " +
                $"{grid.Shape.Width:N0}x{grid.Shape.Height:N0} pixels need {expected:N0}");
        for (var i = 0; i < offsets.Length; i++)
        {
            // GDAL leaves blocks out that hold nothing: both are 0.
            if (offsets[i] > entries.Length - lengths[i])
                throw entries.Absurd($"block {i:N0} ends at byte {(Int128)offsets[i] + lengths[i]:N0}, the file at {entries.Length:N0}");
            if (lengths[i] > 2 * RasterLimits.MaxBlockBytes && (!grid.IsRaw || grid.IsTiled))
                throw entries.Absurd($"block {i:N0} claims {lengths[i]:N0} bytes");
        }
        return offsets;
    }
}
