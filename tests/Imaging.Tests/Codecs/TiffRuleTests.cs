using System.Runtime.InteropServices;
using ChangeDetection.Imaging.Codecs;
using ChangeDetection.Imaging.Pixels;
using ChangeDetection.TestKit.Images;

namespace ChangeDetection.Imaging.Tests.Codecs;

/// <summary>What becomes of each kind of TIFF: the rules of docs/image-formats.md.</summary>
public sealed class TiffRuleTests
{
    public static TheoryData<string> Kinds => [.. TiffWriter.Kinds.Select(kind => kind.Name)];

    [Theory, MemberData(nameof(Kinds))]
    public void Decode_AKindOfTiff_GivesTheValuesThatStandInIt(string name)
    {
        var kind = TiffWriter.Kinds.Single(kind => kind.Name == name);
        var image = ImageCodec.Decode(kind.Write(), name);
        Assert.Equal(Shape(kind), image.Shape);
        for (var y = 0; y < TiffKind.Height; y++)
            for (var x = 0; x < TiffKind.Width; x++)
                for (var c = 0; c < image.Shape.Channels; c++)
                    Assert.True(
                        Expected(kind, x, y, c) == Value(image, x, y, c),
                        $"{name}: {Value(image, x, y, c)} instead of {Expected(kind, x, y, c)} at {x},{y},{c}");
    }

    [Theory, MemberData(nameof(Kinds))]
    public void Decode_AKindOfTiffInZstd_IsTheSame(string name)
    {
        var plain = TiffWriter.Kinds.Single(kind => kind.Name == name).Write();

        var image = ImageCodec.Decode(TiffBlockEdit.WithZstd(plain), name);

        Assert.Equal(ImageCodec.Decode(plain, name).Bytes, image.Bytes);
    }

    [Theory, InlineData("CMYK", 5, 4), InlineData("transparency mask", 4, 1), InlineData("CIELab", 8, 3)]
    public void Decode_AColourSpaceThatIsNotRead_IsUnsupported(string name, int photometric, int samples) =>
        Assert.Equal(
            ImageFault.Unsupported,
            Assert.Throws<ImageException>(() => ImageCodec.Decode(new TiffKind(name, 8, samples, Photometric: photometric).Write(), name)).Fault);

    [Theory, InlineData(3, "(float64)", "Float32"), InlineData(2, "(int64)", "Int32"), InlineData(1, "(uint64)", "UInt32")]
    public void Decode_64Bits_IsUnsupported_WithTheCommandThatRewritesIt(int format, string told, string type)
    {
        var refused = Assert.Throws<ImageException>(() => ImageCodec.Decode(new TiffKind("wide", 64, 1, Format: format).Write(), "wide"));

        Assert.Equal(ImageFault.Unsupported, refused.Fault);
        Assert.Contains(told, refused.Message, StringComparison.Ordinal);
        Assert.Contains($"gdal_translate -ot {type} -co COMPRESS=DEFLATE IN OUT", refused.Message, StringComparison.Ordinal);
    }

    /// <summary>libvips decodes tiles of a codec that its libtiff lacks to zeros, without an error: black images that nobody asked for.</summary>
    [Theory]
    [InlineData(6, "old JPEG"), InlineData(34887, "LERC"), InlineData(34925, "LZMA"), InlineData(50002, "JPEG XL")]
    public void Decode_ACodecThatIsNotRead_IsUnsupported(int compression, string name)
    {
        var file = new TiffKind(name, 8, 1, Tiled: true).Write();
        // The entry 259 (compression): its value.
        var at = file.AsSpan().IndexOf((ReadOnlySpan<byte>)[0x03, 0x01, 3, 0]);
        BitConverter.TryWriteBytes(file.AsSpan(at + 8), (ushort)compression);

        var refused = Assert.Throws<ImageException>(() => ImageCodec.Decode(file, name));

        Assert.Equal(ImageFault.Unsupported, refused.Fault);
        Assert.Contains($"compression {compression} ({name})", refused.Message, StringComparison.Ordinal);
        Assert.EndsWith("gdal_translate -co COMPRESS=DEFLATE IN OUT.", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("none"), InlineData("lzw"), InlineData("deflate"), InlineData("packbits"), InlineData("webp,lossless")]
    public void Decode_ACodecThatIsRead_IsExact(string compression)
    {
        var image = TestImages.Photograph(40, 30, 3);

        var file = TestImages.Save(image, $".tif[tile,tile-width=16,tile-height=16,compression={compression}]");

        Assert.Equal(image.Bytes, ImageCodec.Decode(file, compression).Bytes);
    }

    [Theory]
    [InlineData(9, "is not one for each of its bands"), InlineData(0, "is not one for each of its bands")]
    public void Decode_PlanesWithoutAStripForEach_AreDamaged(int strips, string said)
    {
        var file = new TiffKind("planes", 8, 2, Planar: true).Write();
        // The entry 273 (strip offsets): its count.
        var at = file.AsSpan().IndexOf((ReadOnlySpan<byte>)[0x11, 0x01, 4, 0]);
        file[at + 4] = (byte)strips;
        Assert.Contains(said, Assert.Throws<ImageException>(() => ImageCodec.Decode(file, "planes")).Message);
    }

    private static ImageShape Shape(TiffKind kind) => new(TiffKind.Width, TiffKind.Height,
        kind.Photometric == 3 ? 3 : kind.Samples - (kind.Extra is 1 or 2 ? 1 : 0),
        (kind.Format, kind.Bits) switch { (1, <= 8) => PixelType.UInt8, (1, 16) => PixelType.UInt16, _ => PixelType.Float32 });

    private static double Expected(TiffKind kind, int x, int y, int c) => kind switch
    {
        { Photometric: 3 } => TiffKind.Color((int)kind.Value(x, y, 0), c),
        { Format: 3 } => (float)(kind.Value(x, y, c) / 8.0),
        // Colours that were multiplied by their alpha (TIFF's "associated" alpha) are divided by it.
        { Extra: 1 } => kind.Value(x, y, 3) is > 0 and var alpha ? Math.Min(255, Math.Floor(kind.Value(x, y, c) * 255.0 / alpha)) : 0,
        { Bits: < 8 } => (kind.Photometric == 0 ? (1 << kind.Bits) - 1 - kind.Value(x, y, c) : kind.Value(x, y, c)) * (255 / ((1 << kind.Bits) - 1)),
        { Photometric: 0 } => 255 - kind.Value(x, y, c),
        _ => kind.Value(x, y, c),
    };

    private static double Value(PixelImage image, int x, int y, int c)
    {
        var at = (y * image.Shape.Width + x) * image.Shape.Channels + c;
        return image.Shape.Type switch
        {
            PixelType.UInt8 => image.Bytes[at],
            PixelType.UInt16 => MemoryMarshal.Cast<byte, ushort>(image.Bytes)[at],
            _ => MemoryMarshal.Cast<byte, float>(image.Bytes)[at],
        };
    }
}
