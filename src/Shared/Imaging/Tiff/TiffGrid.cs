using ChangeDetection.Imaging.Pixels;

namespace ChangeDetection.Imaging.Tiff;

/// <summary>How the pixels of a TIFF lie in its file: kind of values, blocks (tiles, or strips as wide as the image), and where each block is.</summary>
internal sealed record TiffGrid
{
    public required TiffFormat Pixels { get; init; }
    public required int BlockWidth { get; init; }
    public required int BlockHeight { get; init; }
    public required bool IsTiled { get; init; }
    public required long[] Offsets { get; init; }

    public ImageShape Shape => Pixels.Shape;
    public int Samples => Pixels.Samples;
    public int Bits => Pixels.Bits;
    public int Format => Pixels.Format;
    /// <summary>Whether each band has blocks of its own.</summary>
    public bool IsPlanar => Pixels.IsPlanar;
    public bool IsYCbCr => Pixels.Photometric == TiffFormat.YCbCr;
    /// <summary>Whether values lie in the file as they are.</summary>
    public bool IsRaw => Pixels.Compression == TiffFormat.Uncompressed;

    public int Across => (Pixels.Width + BlockWidth - 1) / BlockWidth;
    public int Down => (Pixels.Height + BlockHeight - 1) / BlockHeight;
    /// <summary>Samples that lie side by side in a block.</summary>
    public int SamplesPerBlock => IsPlanar ? 1 : Samples;
    public int BytesPerSample => Bits / 8;
    /// <summary>Bytes of a block's rows, decoded; the last strip may have fewer rows, tiles never.</summary>
    public long BlockBytes(int rows) => ((long)BlockWidth * SamplesPerBlock * Bits + 7) / 8 * rows;

    /// <exception cref="ImageException">The directory contradicts itself, the file, or is of a kind that is not read.</exception>
    public static TiffGrid Read(TiffDirectory directory, string name)
    {
        var format = TiffFormat.Read(directory, name);
        if (format.Samples > RasterLimits.MaxBands)
            throw directory.Absurd($"header declares {format.Width:N0}x{format.Height:N0} pixels of {format.Samples:N0} bands");
        if (format.Bits < 8)
            throw ImageException.Unsupported(name, $"a scene of {format.Bits} bits in sample format {format.Format}");
        if (format.Photometric is not (-1 or TiffFormat.BlackIsZero or TiffFormat.Rgb)
            && format is not { Photometric: TiffFormat.YCbCr, Compression: TiffFormat.Jpeg })
            throw ImageException.Unsupported(name, $"a scene of photometric interpretation {format.Photometric}");
        if (format.Compression is not (TiffFormat.Uncompressed or 5 or TiffFormat.Jpeg or 8 or 32773 or 32946))
            throw ImageException.Unsupported(name, $"a scene of compression {format.Compression}; none, LZW, JPEG, Deflate and PackBits are read");
        RasterLimits.Check(format.Shape, name);
        return Of(directory, format, name);
    }

    /// <summary>The blocks of an image of any format.</summary>
    /// <exception cref="ImageException">The directory contradicts itself or the file, or its blocks are too large to be decoded whole.</exception>
    public static TiffGrid Of(TiffDirectory directory, TiffFormat format, string name)
    {
        var tiled = directory.Has(TiffTag.TileWidth);
        var (blockWidth, blockHeight) = tiled
            ? (format.TileWidth, format.TileHeight)
            : (format.Width, Math.Min(directory.Number(TiffTag.RowsPerStrip, format.Height), format.Height));
        if (blockWidth is <= 0 or > int.MaxValue || blockHeight is <= 0 or > int.MaxValue || (tiled && (blockWidth % 16 != 0 || blockHeight % 16 != 0)))
            throw directory.Absurd($"blocks are declared {blockWidth:N0}x{blockHeight:N0} pixels");
        var grid = new TiffGrid { Pixels = format, BlockWidth = (int)blockWidth, BlockHeight = (int)blockHeight, IsTiled = tiled, Offsets = [] };
        if (grid.IsRaw && !tiled)
            return grid with { Offsets = Blocks(directory, grid) };
        if ((Int128)blockWidth * blockHeight * grid.SamplesPerBlock * grid.Bits / 8 > RasterLimits.MaxBlockBytes)
        {
            throw new ImageException(name, ImageFault.TooLarge,
                $"too large: one {(tiled ? "tile" : "strip")} of the TIFF is {blockWidth:N0}x{blockHeight:N0} pixels, more than " +
                    $"{RasterLimits.MaxBlockBytes:N0} bytes decoded",
                "Write it anew with tiles, for example by gdal_translate -co TILED=YES.");
        }
        return grid with { Offsets = Blocks(directory, grid) };
    }

    /// <summary>The blocks' places; each must lie in the file.</summary>
    private static long[] Blocks(TiffDirectory directory, TiffGrid grid)
    {
        var (offsetTag, lengthTag) = grid.IsTiled ? (TiffTag.TileOffsets, TiffTag.TileByteCounts) : (TiffTag.StripOffsets, TiffTag.StripByteCounts);
        var expected = (long)grid.Across * grid.Down * (grid.IsPlanar ? grid.Samples : 1);
        var (offsets, lengths) = (directory.Numbers(offsetTag, expected), directory.Numbers(lengthTag, expected));
        if (offsets.Length != expected || lengths.Length != expected)
        {
            throw directory.Absurd($"{TiffTag.Name(offsetTag)} and {TiffTag.Name(lengthTag)} list {offsets.Length:N0} and {lengths.Length:N0} blocks, "
                + $"where {grid.Pixels.Width:N0}x{grid.Pixels.Height:N0} pixels need {expected:N0}");
        }
        for (var i = 0; i < offsets.Length; i++)
        {
            // GDAL leaves blocks out that hold nothing: both are 0.
            if (offsets[i] > directory.Length - lengths[i])
                throw directory.Absurd($"block {i:N0} ends at byte {(Int128)offsets[i] + lengths[i]:N0}, the file at {directory.Length:N0}");
            if (lengths[i] > 2 * RasterLimits.MaxBlockBytes && (!grid.IsRaw || grid.IsTiled))
                throw directory.Absurd($"block {i:N0} claims {lengths[i]:N0} bytes");
        }
        return offsets;
    }
}
