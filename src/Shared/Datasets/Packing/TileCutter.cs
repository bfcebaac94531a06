using System.Globalization;
using ChangeDetection.Datasets.Layouts;
using ChangeDetection.Imaging.Pixels;

namespace ChangeDetection.Datasets.Packing;

/// <summary>Makes the samples of a pair: the pair itself, or its tiles, each a copy in one buffer that the next tile reuses.</summary>
internal sealed class TileCutter(PackOptions options)
{
    private readonly byte[][] _buffers = [[], [], [], []];

    /// <summary>The share of changed pixels below which a tile of a split is left out; 0 keeps all.</summary>
    public double LeastChange(string split) => options.MinChange.GetValueOrDefault(split);

    /// <summary>Whether a tile has the share of changed among its labelled pixels that is asked for.</summary>
    public static bool Keeps(PixelCounts counts, double least) => least == 0 || counts.Labelled > 0 && counts.Changed >= least * counts.Labelled;

    /// <exception cref="DatasetSourceException">The pair is smaller than a tile, or a file of it turns out to be damaged.</exception>
    public IEnumerable<(PlannedSample Sample, PairImages Images)> Cut(PlannedSample sample, IPairPixels pair)
    {
        var shape = pair.Shape;
        if (options.Tiling is not { } tiling)
            return [(sample, pair.Rows(0, shape.Height).Images)];
        if (shape.Width < tiling.Size || shape.Height < tiling.Size)
            throw new DatasetSourceException(
                [string.Create(
                    CultureInfo.InvariantCulture,
                    $"{sample.Path}: {sample.Pair.Before!.Path} is {shape.Width}x{shape.Height}, smaller than a tile of " +
                    $"{tiling.Size}x{tiling.Size}. Give a smaller --tile, or leave the pair out with --split.")]);
        return Tiles(sample, pair, tiling);
    }

    private IEnumerable<(PlannedSample Sample, PairImages Images)> Tiles(PlannedSample sample, IPairPixels pair, Tiling tiling)
    {
        var (x, y) = sample.Crop is { } crop ? (crop.X, crop.Y) : (0, 0);
        foreach (var row in tiling.Over(0, 0, pair.Shape.Width, pair.Shape.Height).GroupBy(tile => tile.Y))
        {
            var (images, top) = pair.Rows(row.Key, tiling.Size);
            foreach (var tile in row)
            {
                var place = tile with { Y = tile.Y - top };
                yield return (
                    sample with { Crop = tile with { X = x + tile.X, Y = y + tile.Y } },
                    new PairImages(
                        Copy(place, images.Before, 0), Copy(place, images.After, 1), Copy(place, images.Mask, 2),
                        images.Valid is { } valid ? PairValidity.Kept(Copy(place, valid, 3)) : null));
            }
        }
    }

    private PixelImage Copy(PixelRectangle tile, PixelImage image, int buffer)
    {
        var shape = image.Shape with { Width = tile.Width, Height = tile.Height };
        if (_buffers[buffer].Length < shape.Bytes)
            _buffers[buffer] = new byte[shape.Bytes];
        var pixel = shape.Channels * shape.BytesPerValue;
        for (var row = 0; row < tile.Height; row++)
            image.Pixels.AsSpan(checked(((tile.Y + row) * image.Shape.Width + tile.X) * pixel), tile.Width * pixel)
                .CopyTo(_buffers[buffer].AsSpan(row * tile.Width * pixel));
        return new(shape, _buffers[buffer]);
    }
}
