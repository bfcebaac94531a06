using ChangeDetection.Datasets.Layouts;
using ChangeDetection.Imaging.Pixels;
using ChangeDetection.Imaging.Rasters;

namespace ChangeDetection.Datasets.Packing;

/// <summary>
/// A pair too large to be decoded whole, read downwards: in memory is what one row of tiles needs. The mask is read twice, first for the values that it
/// holds (three times where they have 16 bits or more, and the largest says how they become 8).
/// </summary>
internal sealed class LargePair : IPairPixels, IDisposable
{
    /// <summary>Rows of the mask that are looked at together: as many as a TIFF's tiles have, so that none is decoded twice.</summary>
    private const int RowsAtOnce = 512;

    private readonly PlannedSample _sample;
    private readonly RowBand _before;
    private readonly RowBand _after;
    private readonly RowBand _mask;

    /// <exception cref="ImageException">A file is damaged, or of a kind that cannot be read by rows.</exception>
    /// <exception cref="DatasetSourceException">The three do not fit each other, or the crop.</exception>
    public LargePair(PlannedSample sample)
    {
        _sample = sample;
        var pair = sample.Pair;
        var opened = new List<RowBand>();
        try
        {
            opened.Add(_before = new RowBand(Open(pair.Before!), sample.Crop));
            opened.Add(_after = new RowBand(Open(pair.After!), sample.Crop));
            (Levels, Values, var largest) = Look(pair.Mask!, sample);
            opened.Add(_mask = new RowBand(new MaskRows(Open(pair.Mask!), largest), sample.Crop));
        }
        catch
        {
            opened.ForEach(band => band.Dispose());
            throw;
        }
    }

    public ImageShape Shape => _before.Shape;

    public MaskLevels Levels { get; }

    public MaskHistogram Values { get; }

    public IReadOnlyList<string> Notes => [];

    /// <summary>Whether a pair is too large to be decoded whole, and can be read by rows.</summary>
    public static bool Is(SourcePair pair, Tiling tiling, long wholeBytes) =>
        pair.Tolerance == 0 && ShapeOf(pair.Before!) is { } shape && shape.Bytes > wholeBytes && shape.Bytes / shape.Height * tiling.Size <= Array.MaxLength
        && ShapeOf(pair.After!) is not null && ShapeOf(pair.Mask!) is not null;

    /// <summary>The shape of an image that can be read by rows; null of one that cannot, whatever the reason.</summary>
    private static ImageShape? ShapeOf(SourceFile file)
    {
        // An empty file may be a pipe or a device, which would never end: it is not opened.
        if (file.Bands.Count > 0 || new FileInfo(file.FullPath) is not { Exists: true, Length: > 0 })
            return null;
        try
        {
            using var scene = Open(file);
            return scene.Shape;
        }
        catch (Exception exception) when (exception is ImageException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    public (PairImages Images, int Top) Rows(int first, int count)
    {
        PairImages? rows = null;
        PairReader.Named(_sample.Pair, () => rows = new(_before.Rows(first, count), _after.Rows(first, count), _mask.Rows(first, count)));
        return (rows!, first);
    }

    public void Dispose()
    {
        _before.Dispose();
        _after.Dispose();
        _mask.Dispose();
    }

    /// <summary>Reads the whole mask.</summary>
    private (MaskLevels Levels, MaskHistogram Kept, int Largest) Look(SourceFile file, PlannedSample sample)
    {
        var largest = 0;
        using (var rows = Open(file))
        {
            PairReader.Agree(sample, _before.Whole, _after.Whole, rows.Shape);
            if (rows.Shape.Type != PixelType.UInt8)
                Each(new RowBand(rows, crop: null), part => largest = Math.Max(largest, MaskConversion.Largest(part, file.Path)));
        }
        var (all, kept) = (new MaskHistogram(), new MaskHistogram());
        using var mask = new MaskRows(Open(file), largest);
        var top = 0;
        Each(new RowBand(mask, crop: null), part =>
        {
            all.Add(part.Bytes);
            for (var y = 0; sample.Crop is { } crop && y < part.Shape.Height; y++)
            {
                if (top + y >= crop.Y && top + y < crop.Y + crop.Height)
                    kept.Add(part.Bytes.Slice(y * part.Shape.Width + crop.X, crop.Width));
            }
            top += part.Shape.Height;
        });
        return (MaskLevels.Of(all), sample.Crop is null ? all : kept, largest);
    }

    private static void Each(RowBand rows, Action<PixelImage> look)
    {
        for (var at = 0; at < rows.Shape.Height; at += RowsAtOnce)
            look(rows.Rows(at, Math.Min(RowsAtOnce, rows.Shape.Height - at)));
    }

    private static IRasterReader Open(SourceFile file) => RasterFile.Open(file.FullPath, file.Path, place: null);
}
