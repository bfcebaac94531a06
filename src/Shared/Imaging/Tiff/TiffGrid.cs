using ChangeDetection.Imaging.Pixels;

namespace ChangeDetection.Imaging.Tiff;

/// <summary>How the pixels of a TIFF lie in its file: kind of values, blocks (tiles, or strips as wide as the image), and where each block is.</summary>
internal sealed record TiffGrid
{
    public required TiffFormat Pixels { get; init; }
    public required int BlockWidth { get; init; }
    public required int BlockHeight { get; init; }
    public required bool IsTiled { get; init; }
    /// <summary>Where each block lies; 0 for one that the file leaves out.</summary>
    public long[] Offsets { get; init; } = [];
    /// <summary>Bytes of each block in the file.</summary>
    public long[] Lengths { get; init; } = [];
    /// <summary>See <see cref="TiffPredictor"/>.</summary>
    public int Predictor { get; init; } = TiffPredictor.None;
    /// <summary>1: the first of several values in a byte is in its high bits.</summary>
    public int FillOrder { get; init; } = 1;

    public ImageShape Shape => Pixels.Shape;
    public int Samples => Pixels.Samples;
    public int Bits => Pixels.Bits;
    public int Format => Pixels.Format;
    /// <summary>Whether each band has blocks of its own.</summary>
    public bool IsPlanar => Pixels.IsPlanar;
    public bool IsYCbCr => Pixels.Photometric == TiffFormat.YCbCr;
    /// <summary>Whether values lie in the file as they are.</summary>
    public bool IsRaw => Pixels.Compression == TiffCodec.None;

    public int Across => (int)(((long)Pixels.Width + BlockWidth - 1) / BlockWidth);
    public int Down => (int)(((long)Pixels.Height + BlockHeight - 1) / BlockHeight);
    /// <summary>Samples that lie side by side in a block.</summary>
    public int SamplesPerBlock => IsPlanar ? 1 : Samples;
    public int BytesPerSample => Bits / 8;
    /// <summary>Bytes of a block's rows, decoded; the last strip may have fewer rows, tiles never.</summary>
    public long BlockBytes(int rows) => RowBytes(BlockWidth) * rows;
    /// <summary>Bytes of so many pixels of a block's row; a row of fewer than 8 bits a value ends with a whole byte.</summary>
    public long RowBytes(int width) => ((long)width * SamplesPerBlock * Bits + 7) / 8;
    /// <summary>Rows of the blocks that begin with this one: the last strip may have fewer, tiles never.</summary>
    public int BlockRows(int top) => IsTiled ? BlockHeight : Math.Min(BlockHeight, Pixels.Height - top);

    /// <summary>A block, for messages.</summary>
    public string NameOf(int index) => $"{(IsTiled ? "tile" : "strip")} {index:N0}";

    /// <exception cref="ImageException">The directory contradicts itself, the file, or is of a kind that is not read.</exception>
    public static TiffGrid Read(TiffDirectory directory, string name)
    {
        var format = TiffFormat.Read(directory, name);
        if (format.Samples > RasterLimits.MaxBands)
            throw directory.Absurd($"header declares {format.Width:N0}x{format.Height:N0} pixels of {format.Samples:N0} bands");
        if (format.Bits < 8)
            throw ImageException.Unsupported(name, $"a scene of {format.Bits} bits in sample format {format.Format}");
        if (format.Photometric is not (-1 or TiffFormat.BlackIsZero or TiffFormat.Rgb)
            && format is not { Photometric: TiffFormat.YCbCr, Compression: TiffCodec.Jpeg })
            throw ImageException.Unsupported(name, $"a scene of photometric interpretation {format.Photometric}");
        TiffCodec.RequireReadByRows(format.Compression, name);
        RasterLimits.Check(format.Shape, name);
        return Read(directory, format, RasterLimits.MaxBlockBytes, name);
    }

    /// <summary>The blocks of a file whose kind was judged before.</summary>
    /// <param name="mostBlockBytes">Of one block, decoded.</param>
    /// <exception cref="ImageException">The directory contradicts itself, or the file, or a block is larger.</exception>
    public static TiffGrid Read(TiffDirectory directory, TiffFormat format, long mostBlockBytes, string name)
    {
        var tiled = directory.Has(TiffTag.TileWidth);
        var (blockWidth, blockHeight) = tiled
            ? (format.TileWidth, format.TileHeight)
            : (format.Width, Math.Min(directory.Number(TiffTag.RowsPerStrip, format.Height), format.Height));
        if (blockWidth is <= 0 or > int.MaxValue || blockHeight is <= 0 or > int.MaxValue || (tiled && (blockWidth % 16 != 0 || blockHeight % 16 != 0)))
            throw directory.Absurd($"blocks are declared {blockWidth:N0}x{blockHeight:N0} pixels");
        var grid = new TiffGrid
        {
            Pixels = format, BlockWidth = (int)blockWidth, BlockHeight = (int)blockHeight, IsTiled = tiled,
            Predictor = (int)Math.Min(directory.Number(TiffTag.Predictor, TiffPredictor.None), int.MaxValue),
            FillOrder = (int)Math.Min(directory.Number(TiffTag.FillOrder, 1), int.MaxValue),
        };
        if (grid.IsRaw && !tiled)
            return WithBlocks(directory, grid);
        if ((Int128)grid.RowBytes(grid.BlockWidth) * blockHeight > mostBlockBytes)
        {
            throw new ImageException(name, ImageFault.TooLarge,
                $"too large: one {(tiled ? "tile" : "strip")} of the TIFF is {blockWidth:N0}x{blockHeight:N0} pixels, more than " +
                    $"{mostBlockBytes:N0} bytes decoded",
                "Write it anew with tiles, for example by gdal_translate -co TILED=YES.");
        }
        return WithBlocks(directory, grid);
    }

    /// <summary>The blocks' places; each must lie in the file.</summary>
    private static TiffGrid WithBlocks(TiffDirectory directory, TiffGrid grid)
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
        return grid with { Offsets = offsets, Lengths = lengths };
    }
}
