using ChangeDetection.Datasets.Layouts;
using ChangeDetection.Datasets.Masks;
using ChangeDetection.Imaging.Pixels;
using ChangeDetection.Imaging.Rasters;

namespace ChangeDetection.Datasets.Packing;

/// <summary>A pair too large to be decoded whole, read downwards: in memory is what one row of tiles needs.</summary>
internal sealed class LargePair : IPairPixels, IDisposable
{
    private readonly PlannedSample _sample;
    private readonly RowBand _before;
    private readonly RowBand _after;
    private readonly RowBand _mask;

    /// <param name="masks">The rule for the mask.</param>
    /// <exception cref="ImageException">A file is damaged, or of a kind that cannot be read by rows.</exception>
    /// <exception cref="DatasetSourceException">The three do not fit each other, or the crop.</exception>
    public LargePair(PlannedSample sample, NoDataRule noData, MaskMapping masks)
    {
        _sample = sample;
        var pair = sample.Pair;
        var opened = new List<IDisposable>();
        try
        {
            opened.Add(_before = new RowBand(Open(pair.Before!, noData), sample.Crop));
            opened.Add(_after = new RowBand(Open(pair.After!, noData), sample.Crop));
            opened.Add(_mask = new RowBand(
                pair.Mask is { } mask ? new ClassRows(mask, masks) : new UnlabelledRows(_before.Whole.Width, _before.Whole.Height), sample.Crop));
            PairReader.Agree(sample, _before.Whole, _after.Whole, _mask.Whole);
        }
        catch
        {
            opened.ForEach(band => band.Dispose());
            throw;
        }
    }

    public ImageShape Shape => _before.Shape;

    public IReadOnlyList<string> Notes => [];

    /// <summary>Whether a pair is too large to be decoded whole, and can be read by rows.</summary>
    public static bool Is(SourcePair pair, Tiling tiling, long wholeBytes) =>
        pair.Tolerance == 0 && ShapeOf(pair.Before!) is { } shape && shape.Bytes > wholeBytes && shape.Bytes / shape.Height * tiling.Size <= Array.MaxLength
        && ShapeOf(pair.After!) is not null && (pair.Mask is null || ClassRows.Reads(pair.Mask));

    /// <summary>The shape of an image that can be read by rows; null of one that cannot, whatever the reason.</summary>
    private static ImageShape? ShapeOf(SourceFile file)
    {
        // An empty file may be a pipe or a device, which would never end: it is not opened.
        if (file.Bands.Count > 0 || new FileInfo(file.FullPath) is not { Exists: true, Length: > 0 })
            return null;
        try
        {
            // What its alpha means is asked when the pixels are read.
            using var image = Open(file, new NoDataRule(Alpha: AlphaUse.Drop));
            return image.Shape;
        }
        catch (Exception exception) when (exception is ImageException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    public (PairImages Images, int Top) Rows(int first, int count)
    {
        PairImages? rows = null;
        PairReader.Named(_sample.Pair, () =>
        {
            var (before, after, mask) = (_before.Rows(first, count), _after.Rows(first, count), _mask.Rows(first, count));
            rows = PairReader.Joined(before, after, mask, PairValidity.Both(_before.Valid, _after.Valid));
        });
        return (rows!, first);
    }

    public void Dispose()
    {
        _before.Dispose();
        _after.Dispose();
        _mask.Dispose();
    }

    private static IRasterReader Open(SourceFile file, NoDataRule noData) => RasterFile.Open(file.FullPath, file.Path, place: null, noData);
}
