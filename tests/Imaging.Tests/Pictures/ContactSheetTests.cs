using ChangeDetection.Imaging.Pictures;
using ChangeDetection.Imaging.Pixels;
using ChangeDetection.TestKit.Images;

namespace ChangeDetection.Imaging.Tests.Pictures;

public sealed class ContactSheetTests
{
    [Fact]
    public void Compose_RowsOfTwoSizes_StandBelowEachOther()
    {
        var sheet = new ContactSheet();
        Add(sheet, 600, 300);
        Add(sheet, 40, 20);

        // A panel of 600x300 becomes 256x128; a border of 2 around each.
        Assert.Equal(new ImageShape(3 * 258 + 2, 130 + 22 + 2, 3, PixelType.UInt8), sheet.Compose().Shape);
    }

    /// <summary>A mask's single pixel in a large image: of every n-th pixel, the picture would show none.</summary>
    [Fact]
    public void Compose_ASmallChangeOfALargeImage_IsSeen()
    {
        var image = TestImages.Photograph(1024, 1024, 3);
        var mask = new PixelImage(new ImageShape(1024, 1024, 1, PixelType.UInt8), new byte[1024 * 1024]);
        mask.Pixels[501 * 1024 + 703] = 1;
        var sheet = new ContactSheet();
        Assert.True(sheet.Add(image, image, mask));

        var picture = sheet.Compose();

        var places = Enumerable.Range(2, 256).SelectMany(y => Enumerable.Range(2 + 2 * 258, 256).Select(x => y * picture.Shape.Width + x));
        var brightest = places.Max(at => picture.Pixels[at * 3]);
        Assert.InRange(brightest, 8, 32);
    }

    [Fact]
    public void Compose_WithoutAMask_ShowsGrey()
    {
        var image = TestImages.Photograph(10, 10, 3);
        var sheet = new ContactSheet();
        sheet.Add(image, image, null);

        var picture = sheet.Compose();

        Assert.Equal([128, 128, 128], picture.Pixels.AsSpan((6 * picture.Shape.Width + 2 + 2 * 12 + 5) * 3, 3).ToArray());
    }

    [Fact]
    public void Compose_PixelsThatCountNowhere_AreGrey()
    {
        var image = TestImages.Photograph(3, 1, 3);
        var sheet = new ContactSheet();
        sheet.Add(image, image, new PixelImage(new ImageShape(3, 1, 1, PixelType.UInt8), [0, 1, 255]), ignored: 255);

        var picture = sheet.Compose();

        Assert.Equal<byte>([0, 255, 128], Enumerable.Range(0, 3).Select(x => picture.Pixels[(2 * picture.Shape.Width + 2 + 2 * 5 + x) * 3]));
    }

    [Fact]
    public void Add_BeyondTheLastRow_IsLeftOut()
    {
        var sheet = new ContactSheet();
        for (var row = 0; row < ContactSheet.MostRows; row++)
            Add(sheet, 2, 2);

        Assert.False(sheet.Add(TestImages.Photograph(2, 2, 3), TestImages.Photograph(2, 2, 3), null));
        Assert.Equal(ContactSheet.MostRows, sheet.Rows);
    }

    private static void Add(ContactSheet sheet, int width, int height)
    {
        var image = TestImages.Photograph(width, height, 3);
        Assert.True(sheet.Add(image, image, new PixelImage(new ImageShape(width, height, 1, PixelType.UInt8), new byte[width * height])));
    }
}
