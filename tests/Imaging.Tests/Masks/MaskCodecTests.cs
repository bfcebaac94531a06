using System.Buffers.Binary;
using System.Text;
using ChangeDetection.Imaging.Codecs;
using ChangeDetection.Imaging.Masks;
using ChangeDetection.Imaging.Pixels;
using ChangeDetection.TestKit.Images;
using NetVips;

namespace ChangeDetection.Imaging.Tests.Masks;

/// <summary>Masks keep the values of their files: nothing is widened, expanded or scaled. TIFF: <see cref="TiffMaskTests"/>.</summary>
public sealed class MaskCodecTests
{
    [Theory, InlineData(1), InlineData(2), InlineData(4)]
    public void Decode_PngOfFewBits_KeepsTheNumbers_ThatImagesWiden(byte depth)
    {
        for (var seed = 0; seed < 40; seed++)
        {
            var png = PngWriter.Random(new Random(seed), PngColor.Grey, depth);
            var scale = 255 / ((1 << depth) - 1);

            var mask = MaskCodec.Decode(png, "m.png");

            Assert.Equal(MaskUnit.Number, mask.Unit);
            Assert.Equal(ImageCodec.Decode(png, "m.png").Bytes.ToArray(), mask.Bytes!.Select(value => (byte)(value * scale)));
        }
    }

    [Theory, InlineData(1), InlineData(2), InlineData(4), InlineData(8)]
    public void Decode_PngWithPalette_GivesIndicesAndColours(byte depth)
    {
        for (var seed = 0; seed < 40; seed++)
        {
            var png = PngWriter.Random(new Random(seed), PngColor.Palette, depth);

            var mask = MaskCodec.Decode(png, "m.png");

            Assert.Equal((MaskUnit.Index, 1), (mask.Unit, mask.Channels));
            byte[] expanded = [.. mask.Bytes!.SelectMany(index => BitConverter.GetBytes(BinaryPrimitives.ReverseEndianness(mask.Palette![index]))[1..])];
            Assert.Equal(ImageCodec.Decode(png, "m.png").Bytes.ToArray(), expanded);
        }
    }

    [Theory]
    [InlineData(PngColor.Rgb, 8), InlineData(PngColor.Rgba, 8), InlineData(PngColor.GreyAlpha, 8), InlineData(PngColor.Grey, 8)]
    [InlineData(PngColor.Grey, 16), InlineData(PngColor.Rgb, 16), InlineData(PngColor.Rgba, 16), InlineData(PngColor.GreyAlpha, 16)]
    internal void Decode_PngWithChannels_KeepsAllOfThem(PngColor color, byte depth)
    {
        var png = PngWriter.Random(new Random(depth), color, depth);

        var mask = MaskCodec.Decode(png, "m.png");

        Assert.Equal(color is PngColor.Rgba or PngColor.GreyAlpha, mask.HasAlpha);
        Assert.Equal(depth == 8 && color is PngColor.Rgb or PngColor.Rgba && depth == 8 ? MaskUnit.Colour : MaskUnit.Number, mask.Unit);
        Assert.Equal(ByLibvips(png), Values(mask));
    }

    [Theory]
    [InlineData(PngColor.Rgb, 8), InlineData(PngColor.Rgba, 16), InlineData(PngColor.Grey, 16), InlineData(PngColor.Grey, 1), InlineData(PngColor.Palette, 4)]
    internal void Decode_InterlacedPng_IsTheSame(PngColor color, byte depth)
    {
        // Libvips writes Adam7, our writer knows the pixels: one bit and indices are compared by a file of the same values without it.
        for (var side = 1; side < 20; side++)
        {
            var (plain, interlaced) = InterlacedPng.Pair(new Random(side), side, 21 - side, color, depth);

            Assert.Equal(Values(MaskCodec.Decode(plain, "plain")), Values(MaskCodec.Decode(interlaced, "interlaced")));
        }
    }

    [Theory, InlineData(1), InlineData(4), InlineData(8)]
    public void Decode_BmpWithColours_GivesIndices_OfGreysAloneTheGreys(int bits)
    {
        int[] indices = [0, 1, 1, 0, 1];
        var coloured = MaskCodec.Decode(IndexedBmp(bits, [0x000000, 0xFF0000], indices), "m.bmp");
        var grey = MaskCodec.Decode(IndexedBmp(bits, [0x000000, 0xFFFFFF], indices), "m.bmp");

        Assert.Equal((MaskUnit.Index, MaskUnit.Number), (coloured.Unit, grey.Unit));
        Assert.Equal<byte>([0, 1, 1, 0, 1], coloured.Bytes!);
        Assert.Equal([0, 0xFF0000], coloured.Palette!);
        Assert.Equal<byte>([0, 255, 255, 0, 255], grey.Bytes!);
        Assert.Null(grey.Palette);
    }

    [Fact]
    public void Decode_BmpWithAnIndexBeyondItsPalette_IsRefused() =>
        Assert.Contains("names colour 3, of a palette of 2",
            Assert.Throws<ImageException>(() => MaskCodec.Decode(IndexedBmp(8, [0, 0xFF0000], [0, 3]), "m.bmp")).Message, StringComparison.Ordinal);

    [Fact]
    public void Decode_NumPyOfEachType_GivesTheNumbersWritten()
    {
        (string Type, long Least, long Most)[] types =
        [
            ("|b1", 0, 1), ("|u1", 0, 255), ("|i1", -128, 127), ("<u2", 0, 65535), (">u2", 0, 65535), ("<i2", -32768, 32767), ("<u4", 0, uint.MaxValue),
            (">i4", int.MinValue, int.MaxValue), ("<u8", 0, long.MaxValue), ("<i8", long.MinValue, long.MaxValue), (">i8", long.MinValue, long.MaxValue),
            ("<f2", -2048, 2048), ("<f4", -16777216, 16777216), (">f8", -9007199254740992, 9007199254740992),
        ];
        foreach (var (type, least, most) in types)
        {
            long[] numbers = [least, most, 0, 1, least / 2, most / 2];
            var mask = MaskCodec.Decode(Npy(type, "(2, 3)", numbers), type);
            Assert.Equal(numbers, Longs(mask));
        }
        Assert.Equal(new MaskShape(3, 1, 2, MaskType.Int16, HasAlpha: false), MaskCodec.Probe(Npy("<i2", "(1, 3, 2)", [1, 2, 3, 4, 5, 6]), "m.npy"));
        Assert.Throws<ImageException>(() => MaskCodec.Decode(Npy("<c8", "(1, 1)", [1]), "m.npy"));
        Assert.Throws<ImageException>(() => MaskCodec.Decode(Npy("<i4", "(9, 9)", [1]), "m.npy"));
    }

    [Fact]
    public void Decode_WebPWithAlpha_HasFourChannels()
    {
        byte[] pixels = [1, 2, 3, 0, 4, 5, 6, 255];
        using var image = Image.NewFromMemoryCopy<byte>(pixels, 2, 1, 4, Enums.BandFormat.Uchar);
        using var tagged = image.Copy(interpretation: Enums.Interpretation.Srgb);

        var mask = MaskCodec.Decode(tagged.WebpsaveBuffer(lossless: true, exact: true), "m.webp");

        Assert.Equal((4, true, MaskUnit.Colour), (mask.Channels, mask.HasAlpha, mask.Unit));
        Assert.Equal(pixels, mask.Bytes!);
    }

    [Fact]
    public void Decode_OverTheLimits_IsRefusedByTheHeader() =>
        Assert.Equal(ImageFault.TooLarge,
            Assert.Throws<ImageException>(() => MaskCodec.Decode(Npy("<i8", "(100, 100)", [0]), "m.npy", new ImageLimits(MaxBytes: 79_999))).Fault);

    [Fact]
    public void Decode_DamagedPng_IsRefused()
    {
        foreach (var color in new[] { PngColor.Grey, PngColor.Palette, PngColor.Rgba })
        {
            var png = PngWriter.Write(new Random(5), new PngHeader(30, 20, 8, color, false), null);
            for (var length = 0; length < png.Length; length++)
                Assert.Throws<ImageException>(() => MaskCodec.Decode(png.AsMemory(0, length), "cut.png"));
            png[^40] ^= 1;
            Assert.Throws<ImageException>(() => MaskCodec.Decode(png, "flipped.png"));
        }
    }

    private static long[] Longs(MaskImage mask)
    {
        var values = new long[mask.Width * mask.Height * mask.Channels];
        mask.CopyRows(0, mask.Height, values);
        return values;
    }

    private static int[] Values(MaskImage mask) => [.. Longs(mask).Select(value => (int)value)];

    private static int[] ByLibvips(byte[] png)
    {
        using var image = Image.NewFromBuffer(png);
        using var wide = image.Cast(Enums.BandFormat.Int);
        return wide.WriteToMemory<int>();
    }

    private static byte[] Npy(string type, string shape, long[] numbers)
    {
        var header = $"{{'descr': '{type}', 'fortran_order': False, 'shape': {shape}, }}";
        var values = numbers.SelectMany(number =>
        {
            var bytes = type[1..] switch
            {
                "f2" => BitConverter.GetBytes((Half)number),
                "f4" => BitConverter.GetBytes((float)number),
                "f8" => BitConverter.GetBytes((double)number),
                _ => BitConverter.GetBytes(number)[..(type[2] - '0')],
            };
            return type[0] == '>' ? bytes.Reverse() : bytes;
        });
        return [.. ImageSignature.Npy, 1, 0, (byte)header.Length, (byte)(header.Length >> 8), .. Encoding.ASCII.GetBytes(header), .. values];
    }

    /// <summary>One row, with the header of Windows 3.</summary>
    private static byte[] IndexedBmp(int bits, int[] palette, int[] indices)
    {
        var start = 54 + 4 * palette.Length;
        var file = new byte[start + (indices.Length * bits + 31) / 32 * 4];
        "BM"u8.CopyTo(file);
        int[] fields = [start, 40, indices.Length, 1, 1 | bits << 16];
        for (var i = 0; i < fields.Length; i++)
            BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(10 + 4 * i), fields[i]);
        for (var i = 0; i < palette.Length; i++)
            BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(54 + 4 * i), palette[i]);
        for (var x = 0; x < indices.Length; x++)
            file[start + x * bits / 8] |= (byte)(indices[x] << 8 - bits - x * bits % 8);
        return file;
    }
}
