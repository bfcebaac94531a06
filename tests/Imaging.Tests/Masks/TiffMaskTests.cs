using System.Globalization;
using ChangeDetection.Imaging.Masks;
using ChangeDetection.Imaging.Pixels;
using ChangeDetection.TestKit.Images;

namespace ChangeDetection.Imaging.Tests.Masks;

/// <summary>Masks in TIFF keep their values, of whatever type and layout.</summary>
public sealed class TiffMaskTests
{
    [Fact]
    public void Decode_RandomTypesAndLayouts_GivesTheNumbersWritten()
    {
        (int Format, int Bits)[] types =
            [(1, 1), (1, 2), (1, 4), (1, 8), (1, 16), (1, 32), (1, 64), (2, 8), (2, 16), (2, 32), (2, 64), (3, 16), (3, 32), (3, 64)];
        for (var seed = 0; seed < 420; seed++)
        {
            var random = new Random(seed);
            var (format, bits) = types[seed % types.Length];
            var (width, height, samples) = (random.Next(1, 50), random.Next(1, 40), random.Next(1, 5));
            var numbers = Enumerable.Range(0, width * height * samples).Select(_ => Number(random, format, bits)).ToArray();
            var image = new TiffImage(width, height, samples, bits)
            {
                Format = format, Values = [.. numbers.Select(number => Pattern(number, format, bits))], BigEndian = random.Next(2) == 0,
                Planar = random.Next(2) == 0, Tiled = random.Next(2) == 0, Deflated = random.Next(2) == 0,
            };

            var mask = MaskCodec.Decode(image.Write(), $"seed {seed}");

            Assert.Equal((width, height, samples), (mask.Width, mask.Height, mask.Channels));
            var values = new long[numbers.Length];
            mask.CopyRows(0, height, values);
            Assert.True(numbers.AsSpan().SequenceEqual(values), $"seed {seed}: {image}");
            Assert.Equal(bits <= 8 && format == 1, mask.Bytes is not null);
            Assert.Equal(numbers[^1], mask[numbers.Length - 1]);
            Assert.Null(mask.Missing);
        }
    }

    [Fact]
    public void Decode_DifferencesAlongRows_AreSummedUpInTheirOwnWidth()
    {
        foreach (var bits in (int[])[8, 16, 32, 64])
        {
            var random = new Random(bits);
            var (width, height, samples) = (23, 12, 3);
            var numbers = Enumerable.Range(0, width * height * samples).Select(_ => Number(random, format: 2, bits)).ToArray();
            var patterns = numbers.Select(number => Pattern(number, 2, bits)).ToArray();
            var most = bits == 64 ? ulong.MaxValue : (1UL << bits) - 1;
            var differences = patterns.Select((value, at) => at / samples % width == 0 ? value : unchecked(value - patterns[at - samples]) & most);
            foreach (var (bigEndian, planar) in ((bool, bool)[])[(false, false), (true, false), (false, true), (true, true)])
            {
                var image = new TiffImage(width, height, samples, bits)
                {
                    Format = 2, Values = [.. differences], Predictor = 2, Deflated = true, BigEndian = bigEndian, Planar = planar,
                };
                var values = new long[numbers.Length];
                MaskCodec.Decode(image.Write(), $"{image with { Values = [] }}").CopyRows(0, height, values);
                Assert.Equal(numbers, values);
            }
        }
    }

    [Fact]
    public void Decode_AStripThatAsksForAPresetDictionary_IsDamagedByName()
    {
        var file = new TiffImage(8, 8, 1, 8) { Values = new ulong[64], Deflated = true }.Write();
        // Its first byte is 0x78; the second says that there is a dictionary, and makes both divisible by 31.
        var header = Enumerable.Range(0, file.Length - 1).First(at => file[at] == 0x78 && (file[at] << 8 | file[at + 1]) % 31 == 0);
        file[header + 1] = 0xBB;

        var refused = Assert.Throws<ImageException>(() => MaskCodec.Decode(file, "m.tif"));

        Assert.Equal(ImageFault.Damaged, refused.Fault);
        Assert.Contains("m.tif: damaged: strip 0 of the TIFF cannot be decoded", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(8, 0.5f), InlineData(4, float.PositiveInfinity), InlineData(3, 1e19f), InlineData(2, -9.3e18f)]
    public void Decode_AFloatThatIsNoWholeNumber_IsRefusedByValueAndPlace(int at, float value)
    {
        var refused = Assert.Throws<ImageException>(() => MaskCodec.Decode(Floats([0, 1, 2, 3, 4, 5, 6, 7, 8], at, value).Write(), "m.tif"));

        Assert.Equal(ImageFault.Unsupported, refused.Fault);
        Assert.Contains(
            $"m.tif: a mask with the value {value.ToString(CultureInfo.InvariantCulture)} at column {at % 3}, row {at / 3}", refused.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Decode_NaN_IsMissing()
    {
        var mask = MaskCodec.Decode(Floats([0, 1, 2, 3, 4, 5, 6, 7, 8], 4, float.NaN).Write(), "m.tif");

        Assert.Equal(4, Array.IndexOf(mask.Missing!, true));
        Assert.Equal(1, mask.Missing!.Count(missing => missing));
        Assert.Equal((0L, 5L), (mask[4], mask[5]));
    }

    /// <summary>What GDAL writes for the smallest float has more digits than a float, and no mask can have it as a label.</summary>
    [Theory]
    [InlineData(float.MinValue, "-3.4028234663852886e+38"), InlineData(float.MinValue, "-3.40282346638529e+38"), InlineData(float.NegativeInfinity, "-inf")]
    public void Decode_NoDataThatIsNoLabel_IsMissing(float value, string tag)
    {
        var mask = MaskCodec.Decode((Floats([0, 1, 2, 3, 4, 5, 6, 7, 8], 7, value) with { NoData = tag }).Write(), "m.tif");

        Assert.Equal(7, Array.IndexOf(mask.Missing!, true));
        Assert.Null(mask.NoData);
    }

    [Theory]
    [InlineData("255", 255L), InlineData("0", 0L), InlineData("-9223372036854775807", -9223372036854775807L), InlineData("255.0", 255L)]
    [InlineData("nan", null)]
    public void Decode_NoData_IsTold(string tag, long? expected) =>
        Assert.Equal(expected, MaskCodec.Decode(new TiffImage(1, 1, 1, 64) { Format = 2, Values = [7], NoData = tag }.Write(), "m.tif").NoData);

    [Fact]
    public void Decode_UnsignedNumbersOver63Bits_AreRefused_NotWrapped()
    {
        var image = new TiffImage(2, 1, 1, 64) { Values = [1, ulong.MaxValue] };

        var refused = Assert.Throws<ImageException>(() => MaskCodec.Decode(image.Write(), "m.tif"));
        Assert.Contains("18446744073709551615", refused.Message, StringComparison.Ordinal);
        Assert.True(MaskCodec.Decode((image with { NoData = "18446744073709551615" }).Write(), "m.tif").Missing![1]);
    }

    /// <summary>LibTiff reads an uncompressed file of one strip as if it had several.</summary>
    [Fact]
    public void Decode_OneLongStripForAll_GivesTheNumbersWritten()
    {
        var image = new TiffImage(300, 200, 1, 16) { Values = [.. Enumerable.Range(0, 60_000).Select(i => (ulong)i)], RowsPerStrip = 200 };

        var mask = MaskCodec.Decode(image.Write(), "m.tif");

        Assert.All(Enumerable.Range(0, 60_000), i => Assert.Equal(i, mask[i]));
    }

    /// <summary>An index below 0, or with a fraction, has no colour.</summary>
    [Theory, InlineData(2, 8), InlineData(2, 16), InlineData(3, 16)]
    public void Decode_PaletteOfSignedOrFractionalValues_IsDamage(int format, int bits)
    {
        var image = new TiffImage(2, 1, 1, bits) { Format = format, Values = [1, 255], Photometric = 3, ColorMap = new int[3 << bits] };
        var error = Assert.Throws<ImageException>(() => MaskCodec.Decode(image.Write(), "a.tif"));
        Assert.Equal(ImageFault.Damaged, error.Fault);
        Assert.Contains($"palette is for values of sample format {format}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Decode_Palette_GivesIndicesAndColours()
    {
        int[] map = [0, 0xFF00, 0x1200, 0, 0, 0x8000, 0x3400, 0, 0xFFFF, 0x0100, 0x5600, 0];
        var mask = MaskCodec.Decode(new TiffImage(3, 1, 1, 2) { Values = [2, 0, 1], Photometric = 3, ColorMap = map }.Write(), "m.tif");

        Assert.Equal((MaskUnit.Index, 1), (mask.Unit, mask.Channels));
        Assert.Equal<byte>([2, 0, 1], mask.Bytes!);
        Assert.Equal([0x0000FF, 0xFF8001, 0x123456, 0], mask.Palette!);
    }

    [Fact]
    public void Decode_WhiteIsZero_IsTurnedRound_WithItsNoData()
    {
        var mask = MaskCodec.Decode(new TiffImage(2, 1, 1, 8) { Values = [0, 250], Photometric = 0, NoData = "250" }.Write(), "m.tif");

        Assert.Equal<byte>([255, 5], mask.Bytes!);
        Assert.Equal(5, mask.NoData);
    }

    [Fact]
    public void Decode_AlphaBehindManyBands_IsAChannelThatIsToldApart()
    {
        var image = new TiffImage(1, 1, 5, 8) { Values = [1, 2, 3, 4, 0], Extra = [0, 0, 0, 2] };

        Assert.True(MaskCodec.Decode(image.Write(), "m.tif").HasAlpha);
        Assert.False(MaskCodec.Decode((image with { Extra = [0, 0, 0, 0] }).Write(), "m.tif").HasAlpha);
        Assert.Equal(MaskUnit.Number, MaskCodec.Decode(image.Write(), "m.tif").Unit);
        var rgba = new TiffImage(1, 1, 4, 8) { Values = [1, 2, 3, 0], Extra = [2], Photometric = 2 };
        Assert.Equal(MaskUnit.Colour, MaskCodec.Decode(rgba.Write(), "m.tif").Unit);
    }

    [Fact]
    public void Decode_CutOrFlipped_IsRefusedOrRead_NeverAnotherError()
    {
        var limits = new ImageLimits(MaxBytes: 1 << 20);
        var refused = 0;
        for (var seed = 0; seed < 3000; seed++)
        {
            var random = new Random(seed);
            var file = new TiffImage(20, 18, 2, 16)
            {
                Values = [.. Enumerable.Range(0, 720).Select(i => (ulong)i)], Deflated = seed % 2 == 0, Tiled = seed % 3 == 0, Planar = seed % 5 == 0,
            }.Write();
            for (var n = random.Next(1, 4); n > 0; n--)
                file[random.Next(8, Math.Min(file.Length, 300))] = (byte)random.Next(256);
            if (random.Next(4) == 0)
                file = file[..random.Next(1, file.Length)];
            try
            {
                MaskCodec.Decode(file, "m.tif", limits);
            }
            catch (ImageException)
            {
                refused++;
            }
        }
        Assert.InRange(refused, 1000, 2999);
    }

    private static TiffImage Floats(float[] values, int at, float value)
    {
        values[at] = value;
        return new(3, 3, 1, 32) { Format = 3, Values = [.. values.Select(number => (ulong)BitConverter.SingleToUInt32Bits(number))] };
    }

    /// <summary>Often an end of what the type holds exactly.</summary>
    private static long Number(Random random, int format, int bits)
    {
        var precision = (format, bits) switch { (1, 64) => 63, (1, _) => bits, (2, _) => bits - 1, (_, 16) => 11, (_, 32) => 24, _ => 53 };
        var (least, most) = (format == 1 ? 0 : format == 2 ? -1L << precision : 1 - (1L << precision), precision == 63 ? long.MaxValue : (1L << precision) - 1);
        return random.Next(8) switch { 0 => least, 1 => most, _ => random.NextInt64(least, most) };
    }

    private static ulong Pattern(long number, int format, int bits) => (format, bits) switch
    {
        (3, 16) => BitConverter.HalfToUInt16Bits((Half)number),
        (3, 32) => BitConverter.SingleToUInt32Bits(number),
        (3, _) => BitConverter.DoubleToUInt64Bits(number),
        _ => (ulong)number & (bits == 64 ? ulong.MaxValue : (1UL << bits) - 1),
    };
}
