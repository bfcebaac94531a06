using System.Runtime.InteropServices;
using ChangeDetection.Imaging.Pictures;
using ChangeDetection.Imaging.Pixels;
using ChangeDetection.TestKit.Images;

namespace ChangeDetection.Imaging.Tests.Pictures;

public sealed class AreaReductionTests
{
    [Theory]
    [InlineData(PixelType.UInt8)]
    [InlineData(PixelType.UInt16)]
    [InlineData(PixelType.Float32)]
    public void ByOne_IsTheImageItself(PixelType type)
    {
        var image = TestImages.Noise(new ImageShape(7, 5, 4, type), 1);

        Assert.Equal(image.Pixels, Reduce(image, 1, null, rowsAtOnce: 2).Pixels);
    }

    [Fact]
    public void ByTwo_IsTheMeanOfSquares_CutOffAtTheEdges()
    {
        var image = new PixelImage(new ImageShape(3, 3, 1, PixelType.UInt8), [0, 10, 7, 20, 30, 9, 100, 200, 50]);

        var small = Reduce(image, 2, null, rowsAtOnce: 1);

        Assert.Equal(new ImageShape(2, 2, 1, PixelType.UInt8), small.Shape);
        Assert.Equal([15, 8, 150, 50], small.Pixels);
    }

    [Fact]
    public void Rows_InAnyPortions_GiveTheSame()
    {
        var image = TestImages.Noise(new ImageShape(13, 11, 3, PixelType.UInt16), 2);

        Assert.Equal(Reduce(image, 3, null, rowsAtOnce: 1).Pixels, Reduce(image, 3, null, rowsAtOnce: 11).Pixels);
    }

    /// <summary>The edge of what was seen does not fade into the value that stands for nothing.</summary>
    [Fact]
    public void NoData_AndWhatIsNotFinite_CountForNothing()
    {
        var image = Floats(4, 2, 1, -9999, float.NaN, -9999, 3, -9999, float.PositiveInfinity, -9999);

        var small = Reduce(image, 2, -9999, rowsAtOnce: 2);

        Assert.Equal([2f, -9999f], MemoryMarshal.Cast<byte, float>(small.Pixels).ToArray());
        Assert.True(float.IsNaN(MemoryMarshal.Cast<byte, float>(Reduce(Floats(2, 1, float.NaN, float.NaN), 2, null, rowsAtOnce: 1).Pixels)[0]));
    }

    private static PixelImage Reduce(PixelImage image, int factor, double? noData, int rowsAtOnce)
    {
        var reduction = new AreaReduction(image.Shape, factor, noData);
        var rowBytes = image.Shape.Width * image.Shape.Channels * image.Shape.BytesPerValue;
        for (var rows = image.Pixels.AsSpan(); !rows.IsEmpty; rows = rows[Math.Min(rows.Length, rowsAtOnce * rowBytes)..])
            reduction.Add(rows[..Math.Min(rows.Length, rowsAtOnce * rowBytes)]);
        return reduction.Image;
    }

    private static PixelImage Floats(int width, int height, params float[] values) =>
        new(new ImageShape(width, height, 1, PixelType.Float32), MemoryMarshal.AsBytes(values.AsSpan()).ToArray());
}
