using System.Buffers.Binary;
using ChangeDetection.Imaging.Codecs;
using ChangeDetection.Imaging.Pixels;
using ChangeDetection.Imaging.Rasters;
using ChangeDetection.TestKit;
using ChangeDetection.TestKit.Images;

namespace ChangeDetection.Imaging.Tests.Codecs;

/// <summary>Windows bitmaps, decoded whole and read by rows: one reader stands behind both, and both must say the same.</summary>
public sealed class BmpTests : IDisposable
{
    private const int CoreHeader = 12, InfoHeader = 40;

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<int, int, bool> Variants
    {
        get
        {
            var variants = new TheoryData<int, int, bool>();
            foreach (var bits in new[] { 8, 24, 32 })
            {
                variants.Add(CoreHeader, bits, false);
                foreach (var header in new[] { InfoHeader, 52, 56, 108, 124 })
                {
                    variants.Add(header, bits, false);
                    variants.Add(header, bits, true);
                }
            }
            return variants;
        }
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Variants))]
    public void Read_EveryVariant_IsTheSameWholeAndByRows(int header, int bits, bool topDown)
    {
        var image = TestImages.Photograph(13, 7, 3);
        var (file, expected) = Bitmap(image, header, bits, topDown);

        Assert.Equal(expected, ImageCodec.Decode(file, "a.bmp").Bytes.ToArray());
        Assert.Equal(expected, ByRows(file));
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public void Read_GapBeforeThePixels_IsSkipped(int header, int bits, bool topDown)
    {
        var (file, expected) = Bitmap(TestImages.Photograph(5, 3, 3), header, bits, topDown, gap: 3000);

        Assert.Equal(expected, ImageCodec.Decode(file, "a.bmp").Bytes.ToArray());
        Assert.Equal(expected, ByRows(file));
    }

    [Fact]
    public void Read_AColourBeyondThePalette_IsBlack()
    {
        var (file, _) = Bitmap(TestImages.Photograph(2, 1, 3), InfoHeader, 8, false, colors: 2);
        (file[^4], file[^3]) = (1, 2);

        byte[] expected = [file[60], file[59], file[58], 0, 0, 0];
        Assert.Equal(expected, ImageCodec.Decode(file, "a.bmp").Bytes.ToArray());
        Assert.Equal(expected, ByRows(file));
    }

    [Theory]
    [InlineData(28, 2, "2 bits with compression 0")]
    [InlineData(28, 16, "16 bits with compression 0")]
    [InlineData(30, 1, "24 bits with compression 1")]
    [InlineData(30, 3, "24 bits with compression 3")]
    [InlineData(14, 64, "a header of 64 bytes")]
    public void Read_AKindThatIsNotRead_IsUnsupported(int at, int value, string said) => AssertRefused(at, value, ImageFault.Unsupported, said);

    [Theory, InlineData(1), InlineData(4)]
    public void Read_SeveralPixelsToAByte_GivesTheirColours(int bits)
    {
        // Seven pixels of colour 1 and 0 by turns, in a row of four bytes.
        byte[] row = bits == 1 ? [0b10101010, 0, 0, 0] : [0x10, 0x10, 0x10, 0x10];
        byte[] file = [.. "BM"u8, 0, 0, 0, 0, 0, 0, 0, 0, 62, 0, 0, 0, 40, 0, 0, 0, 7, 0, 0, 0, 1, 0, 0, 0, 1, 0, (byte)bits, 0, .. new byte[24],
            1, 2, 3, 0, 4, 5, 6, 0, .. row];

        byte[] expected = [.. Enumerable.Range(0, 7).SelectMany(x => x % 2 == 0 ? new byte[] { 6, 5, 4 } : [3, 2, 1])];
        Assert.Equal(expected, ImageCodec.Decode(file, "a.bmp").Bytes.ToArray());
        Assert.Equal(expected, ByRows(file));
    }

    [Fact]
    public void Read_FieldsOfBitsInTheUsualOrder_IsRead_AndAnyOtherOrderRefused()
    {
        byte[] Bitmap(uint red) => [
            .. "BM"u8, 0, 0, 0, 0, 0, 0, 0, 0, 66, 0, 0, 0, 40, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 32, 0, 3, 0, 0, 0, .. new byte[20],
            .. BitConverter.GetBytes(red), 0, 0xFF, 0, 0, 0xFF, 0, 0, 0, 7, 8, 9, 10];

        Assert.Equal<byte>([9, 8, 7], ImageCodec.Decode(Bitmap(0xFF0000), "a.bmp").Bytes.ToArray());
        Assert.Contains("compression 3", Assert.Throws<ImageException>(() => ImageCodec.Decode(Bitmap(0x7C00), "a.bmp")).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(18, 0, "declares 0x7")]
    [InlineData(18, -5, "declares -5x7")]
    [InlineData(22, 0, "declares 13x0")]
    [InlineData(26, 0, "in 0 planes")]
    [InlineData(10, 20, "begin at byte 20, inside the header")]
    [InlineData(10, 1000, "truncated")]
    [InlineData(10, -1, "truncated")]
    [InlineData(22, int.MinValue, "declares 13x2147483648")]
    public void Read_AHeaderThatContradictsItself_IsDamaged(int at, int value, string said) => AssertRefused(at, value, ImageFault.Damaged, said);

    [Theory]
    [InlineData(18, 100_000_000)]
    [InlineData(18, int.MaxValue)]
    public void Read_AHugeWidth_IsTooLarge(int at, int value) => AssertRefused(at, value, ImageFault.TooLarge, "too large");

    [Fact]
    public void Read_EightBitsWithoutAPalette_IsDamaged()
    {
        var (file, _) = Bitmap(TestImages.Photograph(4, 4, 3), InfoHeader, 8, false, colors: 0);

        Assert.Contains("first colour", Assert.Throws<ImageException>(() => ImageCodec.Decode(file, "a.bmp")).Message, StringComparison.Ordinal);
        Assert.Throws<ImageException>(() => ByRows(file));
    }

    [Theory]
    [InlineData(CoreHeader, 24)]
    [InlineData(InfoHeader, 8)]
    [InlineData(124, 32)]
    public void Read_CutAnywhere_IsRefused(int header, int bits)
    {
        var (file, _) = Bitmap(TestImages.Photograph(3, 2, 3), header, bits, false, colors: 4);
        for (var length = 2; length < file.Length; length++)
        {
            var cut = file[..length];
            Assert.Equal(ImageFault.Damaged, Assert.Throws<ImageException>(() => ImageCodec.Decode(cut, "a.bmp")).Fault);
        }
    }

    private void AssertRefused(int at, int value, ImageFault fault, string said)
    {
        var (file, _) = Bitmap(TestImages.Photograph(13, 7, 3), InfoHeader, 24, false);
        if (at is 26 or 28)
            BinaryPrimitives.WriteInt16LittleEndian(file.AsSpan(at), (short)value);
        else
            BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(at), value);

        foreach (var read in new Action[] { () => ImageCodec.Decode(file, "a.bmp"), () => ByRows(file) })
        {
            var refused = Assert.Throws<ImageException>(read);
            Assert.Equal(fault, refused.Fault);
            Assert.Contains(said, refused.Message, StringComparison.Ordinal);
        }
    }

    private byte[] ByRows(byte[] file)
    {
        File.WriteAllBytes(_folder["rows.bmp"], file);
        using var raster = RasterFile.Open(_folder["rows.bmp"], "a.bmp");
        var (shape, rowBytes) = (raster.Shape, raster.Shape.Width * 3);
        var pixels = new byte[shape.Bytes];
        for (var y = 0; y < shape.Height; y++)
            raster.ReadRows(y, 1, pixels.AsSpan(y * rowBytes, rowBytes));
        return pixels;
    }

    /// <summary>A bitmap with random bytes wherever the pixels are not: in padding, in fourth bytes, in the header's optional fields.</summary>
    private static (byte[] File, byte[] Expected) Bitmap(PixelImage image, int header, int bits, bool topDown, int gap = 0, int colors = 256)
    {
        var (width, height) = (image.Shape.Width, image.Shape.Height);
        var (stride, color) = ((width * bits + 31) / 32 * 4, header == CoreHeader ? 3 : 4);
        var start = 14 + header + (bits == 8 ? colors * color : 0) + gap;
        var file = new byte[start + stride * height];
        new Random(header + bits).NextBytes(file);
        "BM"u8.CopyTo(file);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(10), start);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(14), header);
        int[] fields = header == CoreHeader ? [] : [width, topDown ? -height : height, 1 | bits << 16, 0];
        for (var i = 0; i < fields.Length; i++)
            BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(18 + 4 * i), fields[i]);
        short[] core = header == CoreHeader ? [(short)width, (short)height, 1, (short)bits] : [];
        for (var i = 0; i < core.Length; i++)
            BinaryPrimitives.WriteInt16LittleEndian(file.AsSpan(18 + 2 * i), core[i]);
        var expected = new byte[width * height * 3];
        for (var y = 0; y < height; y++)
        {
            var row = start + stride * (topDown ? y : height - 1 - y);
            for (var x = 0; x < width; x++)
            {
                for (var channel = 0; channel < 3; channel++)
                {
                    ref var target = ref expected[(y * width + x) * 3 + channel];
                    if (bits == 8)
                        target = file[row + x] < colors ? file[14 + header + file[row + x] * color + 2 - channel] : (byte)0;
                    else
                        target = file[row + x * bits / 8 + 2 - channel] = image.Pixels[(y * width + x) * 3 + channel];
                }
            }
        }
        return (file, expected);
    }
}
