using System.Buffers.Binary;
using System.Text;
using ChangeDetection.Imaging.Codecs;
using ChangeDetection.Imaging.Codecs.Npy;
using ChangeDetection.Imaging.Pixels;
using ChangeDetection.TestKit.Images;

namespace ChangeDetection.Imaging.Tests.Codecs;

/// <summary>Files that lie about their size, stop early, or are no images.</summary>
public sealed class HostileImageTests
{
    public static TheoryData<string> Formats => ["png", "png16", "adam7", "jpg", "bmp", "tif", "webp", "npy"];

    [Fact]
    public void Probe_SmallPngThatClaimsFiftyThousandSquared_IsRefusedBeforeAnythingIsAllocated()
    {
        byte[] png = [.. ImageSignature.Png, .. PngWriter.HeaderChunk(new PngHeader(50_000, 50_000, 8, PngColor.Rgb, false)),
            .. PngWriter.Chunk("IDAT", PngWriter.Deflate(new byte[30])), .. PngWriter.Chunk("IEND", [])];
        Assert.InRange(png.Length, 60, 100);

        var before = GC.GetAllocatedBytesForCurrentThread();
        var e = Assert.Throws<ImageException>(() => ImageCodec.Decode(png, "bomb.png"));

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 64 * 1024);
        Assert.Equal(ImageFault.TooLarge, e.Fault);
        Assert.Contains("bomb.png", e.Message, StringComparison.Ordinal);
        Assert.Contains("50000x50000x3", e.Message, StringComparison.Ordinal);
        Assert.Contains("7,500,000,000", e.Message, StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Formats))]
    public void Probe_HeaderOverTheLimit_IsTooLarge(string format)
    {
        var file = Sample(format);

        Assert.Equal(ImageFault.TooLarge, Assert.Throws<ImageException>(() => ImageCodec.Probe(file, "a", new ImageLimits(MaxBytes: 3_000))).Fault);
        Assert.Equal(ImageFault.TooLarge, Assert.Throws<ImageException>(() => ImageCodec.Probe(file, "a", new ImageLimits(MaxPixels: 1_000))).Fault);
    }

    [Theory, MemberData(nameof(Formats))]
    public void Probe_SoundFile_AllocatesNothingAndAgreesWithDecode(string format)
    {
        var file = Sample(format);
        var shape = ImageCodec.Probe(file, "warm");

        var before = GC.GetAllocatedBytesForCurrentThread();
        ImageCodec.Probe(file, "a");
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        Assert.Equal(shape, ImageCodec.Decode(file, "a").Shape);
    }

    [Theory, MemberData(nameof(Formats))]
    public void Decode_CutFile_IsRefusedByName(string format)
    {
        var file = Sample(format);
        foreach (var part in new[] { 1, 9, 30, file.Length / 4, file.Length / 2, file.Length * 9 / 10 })
        {
            var e = Assert.Throws<ImageException>(() => ImageCodec.Decode(file.AsMemory(0, part), $"cut.{format}"));
            Assert.StartsWith($"cut.{format}: ", e.Message, StringComparison.Ordinal);
        }
    }

    [Theory, MemberData(nameof(Formats))]
    public void Decode_MutatedBytes_GivesAnImageOrATypedError(string format)
    {
        var sample = Sample(format);
        var limits = new ImageLimits(MaxBytes: 1 << 22);
        for (var seed = 0; seed < 400; seed++)
        {
            var random = new Random(seed);
            var file = (byte[])sample.Clone();
            for (var n = random.Next(1, 5); n > 0; n--)
                file[random.Next(2) == 0 ? random.Next(Math.Min(file.Length, 200)) : random.Next(file.Length)] = (byte)random.Next(256);
            try
            {
                ImageCodec.DecodeMask(file, format, limits);
            }
            catch (ImageException e)
            {
                Assert.StartsWith(format, e.Message, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public void Probe_TiffOfOnePixelInOneHugeTile_IsTooLarge()
    {
        var file = Tiff((256, 4, 1), (257, 4, 1), (258, 3, 8), (262, 3, 1), (277, 3, 1), (322, 4, 1 << 20), (323, 4, 1 << 20));

        Assert.Equal(ImageFault.TooLarge, Assert.Throws<ImageException>(() => ImageCodec.Probe(file, "tile.tif")).Fault);
    }

    [Fact]
    public void Probe_TiffWithADirectoryOutsideTheFile_IsDamaged()
    {
        var file = Tiff((256, 4, 1));
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(4), 0xFFFF_FFF0);

        Assert.Equal(ImageFault.Damaged, Assert.Throws<ImageException>(() => ImageCodec.Probe(file, "a.tif")).Fault);
    }

    [Theory, InlineData(""), InlineData("hello, I am a text"), InlineData("GIF89a and so on"), InlineData("<svg xmlns='x'/>")]
    public void Decode_NoImage_IsRefused(string text) =>
        Assert.Throws<ImageException>(() => ImageCodec.Decode(Encoding.ASCII.GetBytes(text), "text.png"));

    [Theory]
    [InlineData("\0\0\0\x0CjP  \r\n\x87\n", "a JPEG 2000 image"), InlineData("\xFF\x4F\xFF\x51\0", "a JPEG 2000 image")]
    [InlineData("<VRTDataset rasterXSize=\"512\">", "a GDAL virtual raster (VRT)"), InlineData("\xEF\xBB\xBF<?xml version=\"1.0\"?>\n<VRTDataset>", "(VRT)")]
    [InlineData("GIF89a and so on", "a GIF image"), InlineData("\x89HDF\r\n\x1A\n", "an HDF5 file"), InlineData("\0\0\0\u001Cftypavif", "AVIF")]
    public void Decode_AKnownFormatThatIsNotRead_IsRefusedByItsName_WithTheCommandThatConvertsIt(string head, string format)
    {
        var file = Encoding.Latin1.GetBytes(head);

        var refused = Assert.Throws<ImageException>(() => ImageCodec.Decode(file, "a.jp2"));

        Assert.Equal(ImageFault.Unsupported, refused.Fault);
        Assert.StartsWith("a.jp2: unsupported: ", refused.Message, StringComparison.Ordinal);
        Assert.Contains(format, refused.Message, StringComparison.Ordinal);
        Assert.Contains("gdal_translate -co COMPRESS=DEFLATE IN OUT", refused.Message, StringComparison.Ordinal);
    }

    private static byte[] Sample(string format)
    {
        var image = TestImages.Photograph(64, 48, 3);
        return format switch
        {
            "png" => PngEncoder.Encode(image),
            "png16" => PngEncoder.Encode(TestImages.Noise(image.Shape with { Type = PixelType.UInt16 }, 1)),
            "adam7" => TestImages.Save(image, ".png[interlace]"),
            "bmp" => TestImages.Bmp(image, 24, topDown: false),
            "npy" => NpyEncoder.Encode(image),
            "jpg" => TestImages.Save(image, ".jpg"),
            _ => TestImages.Save(image, "." + format),
        };
    }

    private static byte[] Tiff(params (ushort Tag, ushort Type, uint Value)[] entries)
    {
        var file = new byte[14 + 12 * entries.Length];
        "II*\0"u8.CopyTo(file);
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(4), 8);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(8), (ushort)entries.Length);
        for (var i = 0; i < entries.Length; i++)
        {
            var entry = file.AsSpan(10 + 12 * i);
            BinaryPrimitives.WriteUInt16LittleEndian(entry, entries[i].Tag);
            BinaryPrimitives.WriteUInt16LittleEndian(entry[2..], entries[i].Type);
            BinaryPrimitives.WriteUInt32LittleEndian(entry[4..], 1);
            BinaryPrimitives.WriteUInt32LittleEndian(entry[8..], entries[i].Value);
        }
        return file;
    }
}
