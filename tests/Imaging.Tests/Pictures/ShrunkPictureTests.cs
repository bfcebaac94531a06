using ChangeDetection.Imaging.Pictures;
using ChangeDetection.Imaging.Pixels;
using ChangeDetection.TestKit.Images;

namespace ChangeDetection.Imaging.Tests.Pictures;

public sealed class ShrunkPictureTests
{
    [Theory]
    [InlineData(1000, 500, 100, null, 100, 50)]
    [InlineData(300, 900, 256, 256, 85, 256)]
    [InlineData(900, 1, 300, 300, 300, 1)]
    public void Of_KeepsProportions(int width, int height, int mostWidth, int? mostHeight, int expectedWidth, int expectedHeight)
    {
        var small = ShrunkPicture.Of(TestImages.Photograph(width, height, 3), mostWidth, mostHeight);

        Assert.Equal(new ImageShape(expectedWidth, expectedHeight, 3, PixelType.UInt8), small.Shape);
    }

    [Fact]
    public void Of_APictureThatFits_IsThePicture()
    {
        var picture = TestImages.Photograph(40, 30, 3);

        Assert.Same(picture, ShrunkPicture.Of(picture, 40, 30));
    }

    /// <summary>Every fourth pixel of such a board has one colour: what a picture made of every n-th pixel shows.</summary>
    [Fact]
    public void Of_AChequerboard_IsGrey()
    {
        var small = ShrunkPicture.Of(Painted(256, 256, (x, y) => (x + y) % 2 == 0 ? (byte)255 : (byte)0), 64);

        Assert.All(small.Pixels, value => Assert.InRange(value, 126, 129));
    }

    [Fact]
    public void Of_ALineOfOnePixel_StaysVisible()
    {
        var small = ShrunkPicture.Of(Painted(256, 256, (x, _) => x == 101 ? (byte)255 : (byte)0), 64);

        Assert.All(Enumerable.Range(0, 64), y => Assert.InRange(Enumerable.Range(0, 64).Sum(x => small.Pixels[(y * 64 + x) * 3]), 60, 68));
    }

    /// <summary>Colours mean something: an edge brings no darker or brighter fringe.</summary>
    [Fact]
    public void Of_AnEdge_HasNoFringes()
    {
        var small = ShrunkPicture.Of(Painted(300, 20, (x, _) => x < 150 ? (byte)80 : (byte)180), 70);

        Assert.All(small.Pixels, value => Assert.InRange(value, 80, 180));
    }

    [Fact]
    public void Of_TheSamePicture_GivesTheSamePixels()
    {
        var picture = TestImages.Photograph(301, 203, 3);
        var longer = picture with { Pixels = [.. picture.Pixels, 1, 2, 3] };

        Assert.Equal(ShrunkPicture.Of(picture, 97).Pixels, ShrunkPicture.Of(longer, 97).Pixels);
    }

    [Fact]
    public void Of_AnotherType_IsRefused() =>
        Assert.Throws<ArgumentException>(() => ShrunkPicture.Of(new PixelImage(new ImageShape(1, 1, 1, PixelType.UInt8), [0]), 1));

    private static PixelImage Painted(int width, int height, Func<int, int, byte> value) =>
        new(
            new ImageShape(width, height, 3, PixelType.UInt8),
            [.. Enumerable.Range(0, width * height * 3).Select(i => value(i / 3 % width, i / 3 / width))]);
}
