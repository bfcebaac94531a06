using ChangeDetection.Core.Checkpoints;
using ChangeDetection.Datasets.Compatibility;
using ChangeDetection.Imaging.Pixels;
using ChangeDetection.Imaging.Rasters;

namespace ChangeDetection.Datasets.Tests.Compatibility;

public sealed class RasterSampleTests
{
    [Fact]
    public void Ranges_OfASmallRaster_AreOfAllValidPixels_BandByBand()
    {
        // The value is the row in the first band, and 200 less the column in the second; the last rows are none.
        using var raster = new Rows(new ImageShape(101, 50, 2, PixelType.UInt8), static (y, x, band) => (byte)(band == 0 ? y : 200 - x), y => y < 40);

        Assert.Equal([new ValueRange(0, 0, 39, 39), new ValueRange(100, 102, 198, 200)], RasterSample.Ranges(raster)!);
    }

    [Fact]
    public void Ranges_OfAHighRaster_ReadsSomeRowsDownwards_FromTopToBottom()
    {
        using var raster = new Rows(new ImageShape(10, 100_000, 1, PixelType.UInt8), static (y, _, _) => (byte)(y / 400), static _ => true);

        var range = Assert.Single(RasterSample.Ranges(raster)!);

        Assert.Equal(64, raster.Asked.Count);
        Assert.Equal(raster.Asked.Order(), raster.Asked);
        Assert.Equal((1, 248), (range.Minimum, range.Maximum));
    }

    [Fact]
    public void Ranges_OfAVeryWideRaster_ReadsFewRows()
    {
        using var raster = new Rows(new ImageShape(1_000_000, 600, 1, PixelType.UInt8), static (_, _, _) => 7, static _ => true);

        Assert.Equal([new ValueRange(7, 7, 7, 7)], RasterSample.Ranges(raster)!);
        Assert.Equal(8, raster.Asked.Count);
    }

    [Fact]
    public void Ranges_WithoutAValidPixel_AreNotKnown()
    {
        using var raster = new Rows(new ImageShape(10, 10, 1, PixelType.UInt8), static (_, _, _) => 7, static _ => false);
        Assert.Null(RasterSample.Ranges(raster));
    }

    /// <summary>A raster that is computed, and remembers which rows were asked for.</summary>
    private sealed class Rows(ImageShape shape, Func<int, int, int, byte> value, Func<int, bool> isValid) : IRasterReader
    {
        public List<int> Asked { get; } = [];
        public string Name => "rows";
        public ImageShape Shape => shape;
        public Georeference? Georeference => null;
        public double? NoData => null;

        public void ReadRows(int first, int count, Span<byte> target) => throw new NotSupportedException("Without validity nothing is sampled.");

        public void ReadRows(int first, int count, Span<byte> target, Span<byte> validity)
        {
            Assert.Equal(1, count);
            Asked.Add(first);
            for (var at = 0; at < target.Length; at++)
                target[at] = value(first, at / shape.Channels, at % shape.Channels);
            validity.Fill(isValid(first) ? ValidPixels.Valid : ValidPixels.None);
        }

        public void Dispose()
        {
        }
    }
}
