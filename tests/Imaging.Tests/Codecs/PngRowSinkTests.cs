using ChangeDetection.Imaging.Codecs;
using ChangeDetection.Imaging.Pixels;
using ChangeDetection.TestKit.Images;

namespace ChangeDetection.Imaging.Tests.Codecs;

/// <summary>The compressed pixels of a PNG, sound and otherwise, by the two decoders that inflate them.</summary>
public sealed class PngRowSinkTests
{
    private static readonly PngHeader s_header = new(40, 30, 8, PngColor.Grey, Interlaced: false);
    private static readonly byte[] s_pixels = TestImages.Noise(new(40, 30, 1, PixelType.UInt8), 1).Bytes.ToArray();
    private static readonly byte[] s_rows = [.. s_pixels.Chunk(40).SelectMany(row => (byte[])[0, .. row])];

    /// <summary>Of images, and of stored samples.</summary>
    public static TheoryData<bool> Decoders => [false, true];

    [Theory, MemberData(nameof(Decoders))]
    public void Decode_ChecksumThatDoesNotMatch_IsRefused(bool samples)
    {
        var zlib = PngWriter.Deflate(s_rows);
        Assert.Equal(s_pixels, Decode(samples, zlib));
        zlib[^1] ^= 1;

        Assert.Contains("damaged: the PNG's compressed pixels", Refused(samples, zlib), StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Decoders))]
    public void Decode_PresetDictionary_IsRefused(bool samples) =>
        Assert.Contains("preset dictionary", Refused(samples, [0x78, 0x20, 1, 2, 3, 4, .. PngWriter.Deflate(s_rows)[2..]]), StringComparison.Ordinal);

    [Theory, MemberData(nameof(Decoders))]
    public void Decode_NoZlibStream_IsRefused(bool samples)
    {
        var zlib = PngWriter.Deflate(s_rows);
        // No such method; a window that is too large; a check that fails; a block of a kind that there is not; no stream at all.
        foreach (byte[] head in (byte[][])[[0x79, 0x9C], [0x88, 0x1C], [0x78, 0x02], [0x78, 0x01, 0x07], [0xFF, 0xFF, 0xFF]])
            Assert.Contains("damaged: the PNG's compressed pixels", Refused(samples, [.. head, .. zlib[head.Length..]]), StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Decoders))]
    public void Decode_StreamCutWithinItsRows_IsTruncated(bool samples)
    {
        var zlib = PngWriter.Deflate(s_rows);
        for (var length = 0; length < zlib.Length - 10; length += 7)
            Assert.Contains("truncated: the PNG's compressed pixels end", Refused(samples, zlib[..length]), StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Decoders))]
    public void Decode_SoundStreamOfTooFewRows_IsTruncated(bool samples) =>
        Assert.Contains("end within the rows from 29 on", Refused(samples, PngWriter.Deflate(s_rows.AsSpan(0, s_rows.Length - 1))),
            StringComparison.Ordinal);

    [Theory, MemberData(nameof(Decoders))]
    public void Decode_RowsBehindTheLast_AreIgnored(bool samples) =>
        Assert.Equal(s_pixels, Decode(samples, PngWriter.Deflate([.. s_rows, .. new byte[500]])));

    /// <summary>The checksum, which is wrong, stands behind 32 MiB: it is not reached.</summary>
    [Theory, MemberData(nameof(Decoders))]
    public void Decode_BombBehindTheLastRow_IsNotInflated(bool samples)
    {
        var zlib = PngWriter.Deflate([.. s_rows, .. new byte[32 << 20]]);
        zlib[^1] ^= 1;

        Assert.Equal(s_pixels, Decode(samples, zlib));
    }

    [Theory]
    [InlineData(PngColor.Rgb, 1), InlineData(PngColor.Rgb, 30), InlineData(PngColor.GreyAlpha, 300), InlineData(PngColor.Rgba, 300)]
    [InlineData(PngColor.Palette, 600), InlineData(PngColor.Rgba, 150_000)]
    public void Decode_RowsOverTheEndsOfPieces_EqualsLibvips(object color, int width)
    {
        var header = new PngHeader(width, 1_200_000 / width, 8, (PngColor)color, Interlaced: false);
        var png = PngWriter.Write(new Random(width), header, null);
        var expected = new byte[ImageCodec.Probe(png, "png").Bytes];
        VipsDecoder.Decode(png, "png", header.Shape, expected);

        Assert.Equal(expected, ImageCodec.Decode(png, "png").Bytes);
    }

    [Fact]
    public void Decode_PassesOverTheEndsOfPieces_EqualsThePlainFile()
    {
        var (plain, interlaced) = InterlacedPng.Pair(new Random(1), 301, 299, PngColor.Rgba, 8);

        Assert.Equal(PngSamples.Decode(plain, "plain").Values, PngSamples.Decode(interlaced, "interlaced").Values);
    }

    [Theory, InlineData("sub"), InlineData("up"), InlineData("avg"), InlineData("paeth")]
    public void Decode_FilteredPasses_GivesWhatLibvipsWrote(string filter)
    {
        var image = TestImages.Noise(new(61, 47, 3, PixelType.UInt8), 1);
        var png = TestImages.Save(image, $".png[interlace,filter={filter}]");
        Assert.True(PngHeader.Read(png, "png").Interlaced);

        Assert.Equal(image.Bytes, PngSamples.Decode(png, "png").Values);
    }

    [Fact]
    public void Decode_IntoABufferOfTheCallers_AllocatesNoMoreForALargerImage()
    {
        var reuse = new byte[1 << 20];
        var png = PngWriter.Write(new Random(1), new PngHeader(700, 400, 8, PngColor.Rgb, Interlaced: false), null);
        var least = Enumerable.Range(0, 8).Min(_ =>
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            ImageCodec.Decode(png, "png", reuse: reuse);
            return GC.GetAllocatedBytesForCurrentThread() - before;
        });

        Assert.InRange(least, 0, 2048);
    }

    private static byte[] Decode(bool samples, byte[] zlib)
    {
        byte[] png = [.. ImageSignature.Png, .. PngWriter.HeaderChunk(s_header), .. PngWriter.Chunk("IDAT", zlib), .. PngWriter.Chunk("IEND", [])];
        return samples ? PngSamples.Decode(png, "a.png").Values : ImageCodec.Decode(png, "a.png").Bytes.ToArray();
    }

    /// <summary>The message, which names the file and is ours.</summary>
    private static string Refused(bool samples, byte[] zlib)
    {
        var refused = Assert.Throws<ImageException>(() => Decode(samples, zlib));
        Assert.Equal(ImageFault.Damaged, refused.Fault);
        Assert.StartsWith("a.png: ", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("archive", refused.ToString(), StringComparison.Ordinal);
        return refused.Message;
    }
}
