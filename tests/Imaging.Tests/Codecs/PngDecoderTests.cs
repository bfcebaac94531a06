using ChangeDetection.Imaging.Codecs;
using ChangeDetection.Imaging.Pixels;
using ChangeDetection.TestKit.Images;

namespace ChangeDetection.Imaging.Tests.Codecs;

/// <summary>Our PNG decoder against libvips, over everything that the format allows, and over damaged files.</summary>
public sealed class PngDecoderTests
{
    private static readonly (PngColor Color, byte Depth)[] s_kinds =
    [
        (PngColor.Grey, 1), (PngColor.Grey, 2), (PngColor.Grey, 4), (PngColor.Grey, 8), (PngColor.Rgb, 8), (PngColor.GreyAlpha, 8), (PngColor.Rgba, 8),
        (PngColor.Palette, 1), (PngColor.Palette, 2), (PngColor.Palette, 4), (PngColor.Palette, 8),
    ];

    public static TheoryData<int> Kinds => [.. Enumerable.Range(0, s_kinds.Length)];

    [Theory, MemberData(nameof(Kinds))]
    public void Decode_EveryKindAndFilter_EqualsLibvips(int kind)
    {
        var (color, depth) = s_kinds[kind];
        for (var seed = 0; seed < 60; seed++)
        {
            var png = PngWriter.Random(new Random(1000 * kind + seed), color, depth);
            Assert.Equal(ByLibvips(png), ImageCodec.Decode(png, $"seed {seed}").Bytes);
        }
    }

    [Theory, InlineData(0), InlineData(1), InlineData(2), InlineData(3), InlineData(4)]
    public void Decode_OneFilterThroughout_EqualsLibvips(byte filter)
    {
        foreach (var color in new[] { PngColor.Rgb, PngColor.Rgba, PngColor.Grey, PngColor.GreyAlpha })
        {
            // Wide and narrow: the vector loops, their ends, and rows shorter than one word.
            foreach (var width in new[] { 1, 2, 3, 5, 17, 64, 301 })
            {
                var png = PngWriter.Write(new Random(width), new PngHeader(width, 9, 8, color, false), filter);
                Assert.Equal(ByLibvips(png), ImageCodec.Decode(png, $"{color} {width}").Bytes);
            }
        }
    }

    [Fact]
    public void Decode_LargeImageInManyBatches_EqualsLibvips()
    {
        var png = PngWriter.Write(new Random(1), new PngHeader(700, 500, 8, PngColor.Rgb, false), null);

        Assert.Equal(ByLibvips(png), ImageCodec.Decode(png, "large").Bytes);
    }

    [Fact]
    public void Decode_SixteenBits_StaysSixteenBitsLittleEndian()
    {
        foreach (var color in new[] { PngColor.Grey, PngColor.Rgb, PngColor.Rgba, PngColor.GreyAlpha })
        {
            var image = ImageCodec.Decode(PngWriter.Write(new Random(3), new PngHeader(20, 10, 16, color, false), null), color.ToString());
            Assert.Equal(new ImageShape(20, 10, color is PngColor.Rgb or PngColor.Rgba ? 3 : 1, PixelType.UInt16), image.Shape);
        }
        // One grey pixel, stored big-endian as 0x0102.
        byte[] png = [.. ImageSignature.Png, .. PngWriter.HeaderChunk(new PngHeader(1, 1, 16, PngColor.Grey, false)),
            .. PngWriter.Chunk("IDAT", PngWriter.Deflate([0, 1, 2])), .. PngWriter.Chunk("IEND", [])];
        Assert.Equal<byte>([2, 1], ImageCodec.Decode(png, "pixel").Bytes.ToArray());
    }

    [Fact]
    public void Decode_MutatedBytes_GivesTheSamePixelsOrATypedError()
    {
        var limits = new ImageLimits(MaxBytes: 1 << 20);
        var reuse = new byte[1 << 20];
        var (same, refused) = (0, 0);
        for (var seed = 0; seed < 6_000; seed++)
        {
            var random = new Random(seed);
            var (color, depth) = s_kinds[seed % s_kinds.Length];
            var png = PngWriter.Random(random, color, depth, 24);
            for (var n = random.Next(1, 4); n > 0; n--)
                png[random.Next(8, png.Length)] = (byte)random.Next(256);
            if (random.Next(4) > 0)
                PngWriter.RepairChecksums(png);
            if (random.Next(10) == 0)
                png = png[..random.Next(png.Length)];

            var before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                var ours = ImageCodec.Decode(png, $"seed {seed}", limits, reuse);
                Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, limits.MaxBytes);
                if (TryLibvips(png, ours.Shape) is { } theirs)
                    Assert.Equal(theirs, ours.Bytes);
                same++;
            }
            catch (ImageException e)
            {
                Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, limits.MaxBytes);
                Assert.True(e.Message.StartsWith($"seed {seed}", StringComparison.Ordinal) || png.Length == 0);
                refused++;
            }
        }
        Assert.True(same > 200 && refused > 2_000, $"{same} decoded, {refused} refused: the mutations test nothing");
    }

    [Fact]
    public void Decode_EveryPrefix_IsRefused()
    {
        var png = PngWriter.Write(new Random(5), new PngHeader(30, 20, 8, PngColor.Rgb, false), null);
        for (var length = 0; length < png.Length; length++)
        {
            var e = Assert.Throws<ImageException>(() => ImageCodec.Decode(png.AsMemory(0, length), "cut.png"));
            Assert.True(length < 8 || e.Message.Contains("truncated", StringComparison.Ordinal), e.Message);
        }
    }

    [Fact]
    public void Decode_BytesBehindTheEnd_AreIgnored()
    {
        var png = PngWriter.Write(new Random(6), new PngHeader(30, 20, 8, PngColor.Rgb, false), null);

        Assert.Equal(ImageCodec.Decode(png, "whole").Bytes, ImageCodec.Decode((byte[])[.. png, 1, 2, 3, 4], "longer").Bytes);
    }

    [Fact]
    public void Decode_OneBitFlippedInThePixels_IsRefusedByTheChecksum()
    {
        var png = PngWriter.Write(new Random(7), new PngHeader(30, 20, 8, PngColor.Rgb, false), null);
        png[^60] ^= 1;

        Assert.Contains("CRC", Assert.Throws<ImageException>(() => ImageCodec.Decode(png, "flipped.png")).Message, StringComparison.Ordinal);
    }

    private static byte[] ByLibvips(byte[] png)
    {
        var shape = ImageCodec.Probe(png, "png");
        var pixels = new byte[shape.Bytes];
        VipsDecoder.Decode(png, "png", shape, pixels);
        return pixels;
    }

    private static byte[]? TryLibvips(byte[] png, ImageShape shape)
    {
        try
        {
            var pixels = new byte[shape.Bytes];
            VipsDecoder.Decode(png, "png", shape, pixels);
            return pixels;
        }
        catch (ImageException)
        {
            return null;
        }
    }
}
