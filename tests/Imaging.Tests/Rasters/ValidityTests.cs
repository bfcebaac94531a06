using System.Runtime.InteropServices;
using ChangeDetection.Imaging.Codecs;
using ChangeDetection.Imaging.Codecs.Npy;
using ChangeDetection.Imaging.Pixels;
using ChangeDetection.Imaging.Rasters;
using ChangeDetection.TestKit;
using ChangeDetection.TestKit.Images;
using NetVips;

namespace ChangeDetection.Imaging.Tests.Rasters;

/// <summary>Which pixels are none, by every way in which a file can say so; decoded whole and read by rows, which must agree.</summary>
public sealed class ValidityTests : IDisposable
{
    private static readonly NoDataRule s_mask = new(Alpha: AlphaUse.Mask), s_band = new(Alpha: AlphaUse.Band), s_drop = new(Alpha: AlphaUse.Drop);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Read_RandomTiffs_AreTheSameWholeAndByRows_AndAsTheRuleSays()
    {
        (int Format, int Bits)[] types = [(1, 8), (1, 16), (3, 32), (2, 16)];
        for (var seed = 0; seed < 300; seed++)
        {
            var random = new Random(seed);
            var (format, bits) = types[seed % types.Length];
            var (width, height, bands, alpha) = (random.Next(1, 40), random.Next(1, 40), random.Next(1, 5), random.Next(2) == 0);
            var samples = bands + (alpha ? 1 : 0);
            long most = (format, bits) switch { (1, 8) => 255, (1, 16) => 65535, _ => 1 };
            // Few different values, so that all bands are often equal.
            var numbers = Enumerable.Range(0, width * height * samples)
                .Select(i => alpha && i % samples == bands ? most * random.Next(2) : random.Next(3)).ToArray();
            var nan = format == 3 && random.Next(2) == 0 ? random.Next(numbers.Length) : -1;
            if (alpha && nan % samples == bands)
                nan = -1;
            var mask = random.Next(2) == 0 ? Enumerable.Range(0, width * height).Select(_ => (ulong)random.Next(2)).ToArray() : null;
            var noData = random.Next(2) == 0 ? random.Next(4) : (int?)null;
            var image = new TiffImage(width, height, samples, bits)
            {
                Format = format, BigEndian = random.Next(2) == 0, Planar = samples > 1 && random.Next(2) == 0, Tiled = random.Next(2) == 0,
                Deflated = random.Next(2) == 0,
                Extra = samples == 1 ? [] : [.. new int[samples - 2], alpha ? 2 : 0],
                NoData = noData?.ToString(System.Globalization.CultureInfo.InvariantCulture),
                Values = [.. numbers.Select((number, i) => format == 3 ? BitConverter.SingleToUInt32Bits(i == nan ? float.NaN : number) : (ulong)number)],
                Next = mask is null ? null : InternalMask(width, height, mask, random),
            };
            var rule = new NoDataRule(random.Next(3) == 0 ? random.Next(3) : null, (AlphaUse)random.Next(4));
            var name = $"seed {seed}: {image with { Values = [], Next = null }} {rule}";

            var expected = Enumerable.Range(0, width * height).Select(at =>
            {
                var counted = numbers.AsSpan(at * samples, alpha && rule.Alpha != AlphaUse.Band ? bands : samples);
                var isNothing = (rule.Value ?? noData) is { } value && !counted.ContainsAnyExcept((long)value) && !(nan >= 0 && nan / samples == at);
                var isHole = alpha && rule.Alpha is AlphaUse.Auto or AlphaUse.Mask && alpha && numbers[at * samples + bands] == 0;
                return isNothing || isHole || (nan >= 0 && nan / samples == at) || mask?[at] == 0 ? ValidPixels.None : ValidPixels.Valid;
            }).ToArray();
            var file = image.Write();
            var (whole, rows, validity) = (ImageCodec.Decode(file, name, rule), default(byte[]), default(byte[]));
            (rows, validity) = ByRows(file, rule, whole.Image.Shape);

            Assert.Equal(samples - (alpha && rule.Alpha != AlphaUse.Band ? 1 : 0), whole.Image.Shape.Channels);
            Assert.True(expected.AsSpan().SequenceEqual(Plane(whole)), name);
            Assert.True(expected.AsSpan().SequenceEqual(validity), "by rows, " + name);
            Assert.True(whole.Image.Bytes.SequenceEqual(rows), "pixels, " + name);
            Assert.Equal(whole.Image.Shape, ImageCodec.Probe(file, name, rule));
        }
    }

    /// <summary>A scene whose upper forty rows of 128 pixels are a hole of alpha.</summary>
    [Fact]
    public void Read_TheCaseOfAHoleOfAlpha_FindsItsPixels()
    {
        var file = File.ReadAllBytes(Repository.SharedOrSkip("cases/predict-alpha/alphaA_a.tif"));

        var valid = ImageCodec.Decode(file, "alphaA_a.tif", NoDataRule.Default).Valid!.Bytes.ToArray();

        Assert.Equal((5120, 5120), (valid.Count(value => value == ValidPixels.None), valid.AsSpan().IndexOf(ValidPixels.Valid)));
        AssertSame(file, NoDataRule.Default, "alphaA_a.tif");
    }

    [Fact]
    public void Read_NothingIsMissing_HasNoPlane()
    {
        var image = new TiffImage(4, 3, 4, 8) { Photometric = 2, Extra = [2], NoData = "9", Values = [.. Enumerable.Repeat(255UL, 48)] };

        Assert.Null(ImageCodec.Decode(image.Write(), "a.tif", NoDataRule.Default).Valid);
    }

    /// <summary>R, G, B and near-infrared as GDAL writes them: the file says that the fourth is alpha.</summary>
    [Theory, InlineData(false), InlineData(true)]
    public void Read_AlphaWithOtherValues_StopsAndAsks_AndTakesEachAnswer(bool planar)
    {
        ulong[] values = [1, 2, 3, 0, 4, 5, 6, 90, 7, 8, 9, 255];
        var file = new TiffImage(3, 1, 4, 8) { Photometric = 2, Extra = [2], Planar = planar, Values = values }.Write();

        Action whole = () => ImageCodec.Decode(file, "rgbn.tif", NoDataRule.Default), byRows = () => Open(file, NoDataRule.Default, "rgbn.tif").Dispose();
        foreach (var read in new[] { whole, byRows })
        {
            var refused = Assert.Throws<ImageException>(read);
            Assert.StartsWith("rgbn.tif: its alpha band holds other values than 0 and its maximum (90)", refused.Message, StringComparison.Ordinal);
            Assert.All(["--alpha drop", "--alpha band", "--alpha mask"], choice => Assert.Contains(choice, refused.Message, StringComparison.Ordinal));
        }
        AssertRead(file, s_drop, [1, 2, 3, 4, 5, 6, 7, 8, 9], null);
        AssertRead(file, s_mask, [1, 2, 3, 4, 5, 6, 7, 8, 9], [0, 255, 255]);
        AssertRead(file, s_band, [1, 2, 3, 0, 4, 5, 6, 90, 7, 8, 9, 255], null);
        Assert.Equal<byte>([1, 2, 3, 4, 5, 6, 7, 8, 9], ImageCodec.Decode(file, "as before").Bytes.ToArray());
    }

    [Fact]
    public void Read_PngOfEveryKindOfAlpha_IsTheSameWholeAndByRows()
    {
        foreach (var color in new[] { PngColor.GreyAlpha, PngColor.Rgba })
            AssertSame(PngWriter.Random(new Random(1), color, 8), s_mask, color.ToString());
        AssertSame(PngWriter.Random(new Random(2), PngColor.Rgba, 16), s_mask, "16 bits");
        foreach (byte depth in new byte[] { 1, 2, 4, 8 })
        {
            // Index 0 is transparent, index 1 half so, and others are not named.
            AssertSame(WithTransparency(PngColor.Palette, depth, [0, 128]), s_mask, $"palette of {depth}");
            AssertSame(WithTransparency(PngColor.Grey, depth, [0, 1]), NoDataRule.Default, $"grey of {depth}");
        }
        AssertSame(WithTransparency(PngColor.Grey, 16, [0, 1]), NoDataRule.Default, "grey of 16");
        AssertSame(WithTransparency(PngColor.Rgb, 8, [0, 1, 0, 1, 0, 1]), NoDataRule.Default, "colours");
    }

    [Fact]
    public void Read_TransparentGreyOfPng_IsNone()
    {
        var file = WithTransparency(PngColor.Grey, 2, [0, 1]);
        var image = ImageCodec.Decode(file, "a.png", NoDataRule.Default);

        Assert.Equal(ImageCodec.Decode(file, "a.png").Bytes.ToArray(), image.Image.Bytes.ToArray());
        Assert.Equal(image.Image.Bytes.ToArray().Select(value => value == 85 ? ValidPixels.None : ValidPixels.Valid), Plane(image));
        var half = WithTransparency(PngColor.Palette, 2, [0, 128]);
        Assert.Contains("other values than 0 and its maximum (128)",
            Assert.Throws<ImageException>(() => ImageCodec.Decode(half, "a.png", NoDataRule.Default)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_WebPAndBmpWithAlpha_AreTheSameWholeAndByRows()
    {
        byte[] pixels = [1, 2, 3, 0, 4, 5, 6, 255];
        using var image = Image.NewFromMemoryCopy<byte>(pixels, 2, 1, 4, Enums.BandFormat.Uchar);
        using var tagged = image.Copy(interpretation: Enums.Interpretation.Srgb);
        var webp = tagged.WebpsaveBuffer(lossless: true, exact: true);
        AssertRead(webp, NoDataRule.Default, [1, 2, 3, 4, 5, 6], [0, 255]);
        AssertRead(webp, s_band, pixels, null);

        foreach (var (mask, hasAlpha) in new[] { (0xFF00_0000U, true), (0U, false) })
        {
            byte[] bmp = [.. "BM"u8, .. new byte[8], 122, 0, 0, 0, 108, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 1, 0, 32, 0, 3, 0, 0, 0, .. new byte[20],
                0, 0, 0xFF, 0, 0, 0xFF, 0, 0, 0xFF, 0, 0, 0, .. BitConverter.GetBytes(mask), .. new byte[52], 3, 2, 1, 0, 6, 5, 4, 255];
            AssertRead(bmp, NoDataRule.Default, [1, 2, 3, 4, 5, 6], hasAlpha ? [0, 255] : null);
            AssertRead(bmp, s_band, hasAlpha ? pixels : [1, 2, 3, 4, 5, 6], null);
        }
    }

    [Fact]
    public void Read_ANumberThatIsNotFinite_IsNone_AlsoInNumPy()
    {
        float[] values = [1, float.NaN, 2, 3, float.PositiveInfinity, 4];
        var npy = NpyEncoder.Encode(new PixelImage(new ImageShape(3, 1, 2, PixelType.Float32), MemoryMarshal.AsBytes(values.AsSpan()).ToArray()));

        Assert.Equal<byte>([0, 255, 0], ImageCodec.Decode(npy, "a.npy", NoDataRule.Default).Valid!.Bytes.ToArray());
    }

    [Theory, InlineData(0, "0", 1), InlineData(3, "1", 0)]
    public void Decode_NoDataOfWhiteIsZeroOrOfAPalette_IsThatOfTheFile(int photometric, string noData, int none)
    {
        int[] map = [0, 0x0100, 0x0200, 0x0300, 0, 0, 0, 0, 0, 0, 0, 0];
        var file = new TiffImage(2, 1, 1, 2) { Values = [1, 0], Photometric = photometric, NoData = noData, ColorMap = photometric == 3 ? map : null }.Write();

        Assert.Equal(none, Array.IndexOf(ImageCodec.Decode(file, "a.tif", NoDataRule.Default).Valid!.Bytes.ToArray(), ValidPixels.None));
    }

    [Fact]
    public void Read_AMaskThatDoesNotFit_IsRefused_AndOneOfAReducedCopyIsNotTaken()
    {
        var image = new TiffImage(4, 4, 1, 8) { Values = [.. Enumerable.Repeat(7UL, 16)] };
        var small = (image with { Next = InternalMask(2, 2, new ulong[4], new Random(1)) }).Write();
        var reduced = (image with { Next = InternalMask(2, 2, new ulong[4], new Random(1)) with { SubfileType = 5 } }).Write();

        foreach (var read in new Action[] { () => ImageCodec.Decode(small, "a.tif", NoDataRule.Default), () => Open(small, NoDataRule.Default).Dispose() })
            Assert.Contains("internal mask is 2x2", Assert.Throws<ImageException>(read).Message, StringComparison.Ordinal);
        AssertRead(reduced, NoDataRule.Default, [.. Enumerable.Repeat((byte)7, 16)], null);
    }

    [Fact]
    public void Read_DamagedFiles_AreRefusedOrRead_NeverAnotherError()
    {
        var refused = 0;
        for (var seed = 0; seed < 2000; seed++)
        {
            var random = new Random(seed);
            var file = new TiffImage(20, 18, 4, 8)
            {
                Photometric = 2, Extra = [2], Deflated = seed % 2 == 0, Values = [.. Enumerable.Repeat(255UL, 1440)],
                Next = InternalMask(20, 18, new ulong[360], random),
            }.Write();
            for (var n = random.Next(1, 4); n > 0; n--)
                file[random.Next(8, file.Length)] = (byte)random.Next(256);
            try
            {
                ImageCodec.Decode(file, "a.tif", s_mask, new ImageLimits(MaxBytes: 1 << 20));
                using var raster = Open(file, s_mask);
                raster.ReadRows(0, 1, new byte[raster.Shape.Width * raster.Shape.Channels * raster.Shape.BytesPerValue], new byte[raster.Shape.Width]);
            }
            catch (ImageException)
            {
                refused++;
            }
        }
        Assert.InRange(refused, 200, 1999);
    }

    private static TiffImage InternalMask(int width, int height, ulong[] values, Random random)
    {
        var bits = random.Next(2) == 0 ? 1 : 8;
        return new TiffImage(width, height, 1, bits)
        {
            Values = bits == 1 ? values : [.. values.Select(value => value * 255)], Photometric = 4, SubfileType = 4, Tiled = random.Next(2) == 0,
            Deflated = random.Next(2) == 0,
        };
    }

    /// <summary>Random pixels of a PNG with a chunk tRNS.</summary>
    private static byte[] WithTransparency(PngColor color, byte depth, byte[] transparency)
    {
        var header = new PngHeader(13, 11, depth, color, Interlaced: false);
        var raw = new byte[11 * (1 + (13 * header.StoredChannels * depth + 7) / 8)];
        var random = new Random(depth);
        random.NextBytes(raw);
        if (depth >= 8)
        {
            for (var i = 0; i < raw.Length; i++)
                raw[i] = (byte)(depth == 16 && i % 2 == 1 ? 0 : random.Next(2));
        }
        for (var at = 0; at < raw.Length; at += raw.Length / 11)
            raw[at] = 0;
        var palette = color == PngColor.Palette ? PngWriter.Chunk("PLTE", [.. Enumerable.Range(0, 3 << depth).Select(i => (byte)(i * 7))]) : [];
        return [.. ImageSignature.Png, .. PngWriter.HeaderChunk(header), .. palette, .. PngWriter.Chunk("tRNS", transparency),
            .. PngWriter.Chunk("IDAT", PngWriter.Deflate(raw)), .. PngWriter.Chunk("IEND", [])];
    }

    private void AssertRead(byte[] file, NoDataRule rule, byte[] pixels, byte[]? validity)
    {
        var whole = ImageCodec.Decode(file, "whole", rule);
        Assert.Equal(pixels, whole.Image.Bytes.ToArray());
        Assert.Equal(validity, whole.Valid?.Bytes.ToArray());
        AssertSame(file, rule, "rows");
    }

    private void AssertSame(byte[] file, NoDataRule rule, string name)
    {
        var whole = ImageCodec.Decode(file, name, rule);
        var (rows, validity) = ByRows(file, rule, whole.Image.Shape);
        Assert.True(whole.Image.Bytes.SequenceEqual(rows), name);
        Assert.True(validity.AsSpan().SequenceEqual(Plane(whole)), name);
    }

    private (byte[] Pixels, byte[] Validity) ByRows(byte[] file, NoDataRule rule, ImageShape expected)
    {
        using var raster = Open(file, rule);
        Assert.Equal(expected, raster.Shape);
        var rowBytes = (int)(expected.Bytes / expected.Height);
        var (pixels, validity) = (new byte[expected.Bytes], new byte[expected.Width * expected.Height]);
        for (var first = 0; first < expected.Height; first += 7)
        {
            var count = Math.Min(7, expected.Height - first);
            raster.ReadRows(
                first, count, pixels.AsSpan(first * rowBytes, count * rowBytes), validity.AsSpan(first * expected.Width, count * expected.Width));
        }
        return (pixels, validity);
    }

    private IRasterReader Open(byte[] file, NoDataRule rule, string name = "raster")
    {
        File.WriteAllBytes(_folder["raster"], file);
        return RasterFile.Open(_folder["raster"], name, rule);
    }

    private static byte[] Plane(ValidImage image) =>
        image.Valid?.Bytes.ToArray() ?? [.. Enumerable.Repeat(ValidPixels.Valid, image.Image.Shape.Width * image.Image.Shape.Height)];
}
