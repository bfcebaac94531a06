using ChangeDetection.Imaging.Codecs;
using ChangeDetection.Imaging.Pixels;
using ChangeDetection.TestKit;

namespace ChangeDetection.Imaging.Tests.Codecs;

/// <summary>Files of published data sets, where they lie beside the checkout.</summary>
public sealed class RealImageTests
{
    [Fact]
    public void AirChange_Bitmaps_Decode()
    {
        var folder = Repository.SharedOrSkip("data/airchange-szada");
        var files = Directory.EnumerateFiles(folder, "*.*", SearchOption.AllDirectories).Where(
            file => Path.GetExtension(file).Equals(".bmp", StringComparison.OrdinalIgnoreCase)).ToList();
        Assert.Equal(21, files.Count);
        foreach (var file in files)
            Assert.Equal(new ImageShape(952, 640, 3, PixelType.UInt8), ImageCodec.Decode(File.ReadAllBytes(file), file).Shape);

        var mask = ImageCodec.DecodeMask(File.ReadAllBytes(files.First(file => Path.GetFileName(file).StartsWith("gt", StringComparison.Ordinal))), "gt");
        var changed = mask.Bytes.ToArray().Count(value => value > 127);
        Assert.InRange(changed, 1, mask.Bytes.Length / 4);
    }

    [Fact]
    public void AirChange_CutBitmap_IsTruncated()
    {
        var file = File.ReadAllBytes(Directory.EnumerateFiles(Repository.SharedOrSkip("data/airchange-szada"), "im1.*", SearchOption.AllDirectories).First());

        Assert.Contains(
            "truncated", Assert.Throws<ImageException>(() => ImageCodec.Decode(file.AsMemory(0, file.Length - 3_000), "im1.bmp")).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Oscd_Bands_DecodeTo16Bits()
    {
        var folder = Repository.SharedOrSkip("data/oscd-mini/images/rennes");
        var file = Directory.EnumerateFiles(folder, "*_B02.tif", SearchOption.AllDirectories).First();

        var image = ImageCodec.Decode(File.ReadAllBytes(file), file);

        Assert.Equal(new ImageShape(563, 339, 1, PixelType.UInt16), image.Shape);
        Assert.InRange(BitConverter.ToUInt16(image.Pixels), 300, 10_000);
    }

    [Fact]
    public void Oscd_Labels_DecodeAsMasks()
    {
        var folder = Repository.SharedOrSkip("data/oscd-mini/labels/rennes/cm");

        var png = ImageCodec.DecodeMask(File.ReadAllBytes(Path.Combine(folder, "cm.png")), "cm.png");
        var tif = ImageCodec.DecodeMask(File.ReadAllBytes(Path.Combine(folder, "rennes-cm.tif")), "rennes-cm.tif");

        Assert.Equal(png.Shape, tif.Shape);
        Assert.Equal<byte>([1, 2], tif.Bytes.ToArray().Distinct().Order().ToArray());
        var agree = 0;
        for (var i = 0; i < tif.Bytes.Length; i++)
            agree += tif.Pixels[i] == 2 == png.Pixels[i] > 127 ? 1 : 0;
        Assert.InRange(agree, tif.Bytes.Length * 99 / 100, tif.Bytes.Length);
    }
}
