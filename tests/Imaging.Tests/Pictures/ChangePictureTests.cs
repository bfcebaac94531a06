using System.Runtime.InteropServices;
using ChangeDetection.Imaging.Pictures;
using ChangeDetection.Imaging.Pixels;

namespace ChangeDetection.Imaging.Tests.Pictures;

public sealed class ChangePictureTests
{
    private static readonly PixelImage s_mask = new(new ImageShape(2, 2, 1, PixelType.UInt8), [255, 255, 0, 0]);
    private static readonly PixelImage s_prediction = new(new ImageShape(2, 2, 1, PixelType.UInt8), [1, 0, 1, 0]);

    [Fact]
    public void Compose_RgbPair_ShowsFivePanelsInOrderWithTheErrorsInColour()
    {
        var before = new PixelImage(new ImageShape(2, 2, 3, PixelType.UInt8), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
        var after = before with { Pixels = [21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32] };

        var picture = ChangePicture.Compose(before, after, s_mask, s_prediction);

        Assert.Equal(new ImageShape(5 * 4 + 2, 6, 3, PixelType.UInt8), picture.Shape);
        Assert.Equal([1, 2, 3], Pixel(picture, 0, 0, 0));
        Assert.Equal([10, 11, 12], Pixel(picture, 0, 1, 1));
        Assert.Equal([24, 25, 26], Pixel(picture, 1, 1, 0));
        Assert.Equal([255, 255, 255], Pixel(picture, 2, 1, 0));
        Assert.Equal([0, 0, 0], Pixel(picture, 2, 0, 1));
        Assert.Equal([255, 255, 255], Pixel(picture, 3, 0, 1));
        Assert.Equal([0, 0, 0], Pixel(picture, 3, 1, 0));
        Assert.Equal([255, 255, 255], Pixel(picture, 4, 0, 0));
        Assert.Equal(ChangePicture.FalseNegative.ToArray(), Pixel(picture, 4, 1, 0));
        Assert.Equal(ChangePicture.FalsePositive.ToArray(), Pixel(picture, 4, 0, 1));
        Assert.Equal([0, 0, 0], Pixel(picture, 4, 1, 1));
        Assert.Equal([128, 128, 128], picture.Bytes[..3].ToArray());
        Assert.Equal([128, 128, 128], Pixel(picture, 0, 2, 0));
    }

    [Fact]
    public void Compose_PixelsThatCountNowhere_AreGreyInMaskAndErrors()
    {
        var image = new PixelImage(new ImageShape(2, 2, 1, PixelType.UInt8), [10, 20, 30, 40]);
        var mask = s_mask with { Pixels = [255, 1, 255, 0] };

        var picture = ChangePicture.Compose(image, image, mask, s_prediction, ignored: 255);

        foreach (var panel in new[] { 2, 4 })
        {
            Assert.Equal([128, 128, 128], Pixel(picture, panel, 0, 0));
            Assert.Equal([128, 128, 128], Pixel(picture, panel, 0, 1));
        }
        Assert.Equal([255, 255, 255], Pixel(picture, 2, 1, 0));
        Assert.Equal([0, 0, 0], Pixel(picture, 2, 1, 1));
        Assert.Equal([255, 255, 255], Pixel(picture, 3, 0, 0));
        Assert.Equal(ChangePicture.FalseNegative.ToArray(), Pixel(picture, 4, 1, 0));
    }

    [Fact]
    public void Compose_WithoutAMask_EndsAfterThePrediction()
    {
        var image = new PixelImage(new ImageShape(2, 2, 1, PixelType.UInt8), [10, 20, 30, 40]);

        var picture = ChangePicture.Compose(image, image, null, s_prediction);

        Assert.Equal(3 * 4 + 2, picture.Shape.Width);
        Assert.Equal([20, 20, 20], Pixel(picture, 1, 1, 0));
        Assert.Equal([255, 255, 255], Pixel(picture, 2, 0, 0));
    }

    [Fact]
    public void Compose_ThirteenBandsOf16Bits_ShowsRedGreenBlueStretchedOverBothDates()
    {
        var shape = new ImageShape(20, 20, 13, PixelType.UInt16);
        var (before, after) = (Bands(shape, 1_000), Bands(shape, 1_400));
        var blank = new PixelImage(new ImageShape(20, 20, 1, PixelType.UInt8), new byte[400]);

        var picture = ChangePicture.Compose(before, after, blank, blank);

        // Band 3 rises from 1,000 to 1,399 at the first date and from 1,400 to 1,799 at the second: dark and bright halves of one scale.
        var (first, last) = (picture.Pixels[(2 * picture.Shape.Width + 2) * 3], picture.Pixels[(21 * picture.Shape.Width + 24 + 19) * 3]);
        Assert.Equal(0, first);
        Assert.Equal(255, last);
        Assert.InRange(picture.Pixels[(21 * picture.Shape.Width + 21) * 3], 115, 135);
    }

    [Fact]
    public void Compose_ShapesThatDoNotFit_IsRefused()
    {
        var image = new PixelImage(new ImageShape(2, 2, 1, PixelType.UInt8), new byte[4]);
        var wide = new PixelImage(new ImageShape(4, 1, 1, PixelType.UInt8), new byte[4]);

        Assert.Throws<ArgumentException>(() => ChangePicture.Compose(image, wide, null, s_prediction));
        Assert.Throws<ArgumentException>(() => ChangePicture.Compose(image, image, wide, s_prediction));
        Assert.Throws<ArgumentException>(() => ChangePicture.Compose(image, image, null, wide));
    }

    private static byte[] Pixel(PixelImage picture, int panel, int x, int y) =>
        picture.Pixels.AsSpan(((y + 2) * picture.Shape.Width + 2 + panel * 4 + x) * 3, 3).ToArray();

    private static PixelImage Bands(ImageShape shape, int from)
    {
        var image = new PixelImage(shape, new byte[shape.Bytes]);
        var values = MemoryMarshal.Cast<byte, ushort>(image.Pixels.AsSpan());
        for (var i = 0; i < values.Length; i++)
            values[i] = (ushort)(from + i / shape.Channels);
        return image;
    }
}
