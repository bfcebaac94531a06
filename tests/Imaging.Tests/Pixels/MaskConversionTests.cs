using System.Runtime.InteropServices;
using ChangeDetection.Imaging.Codecs;
using ChangeDetection.Imaging.Codecs.Npy;
using ChangeDetection.Imaging.Pixels;
using ChangeDetection.TestKit.Images;

namespace ChangeDetection.Imaging.Tests.Pixels;

/// <summary>The kinds of mask seen in real data sets: each ends as one channel of 8 bits, no label lost.</summary>
public sealed class MaskConversionTests
{
    [Fact]
    public void DecodeMask_OneBitPng_Gives0And255()
    {
        byte[] png = [.. ImageSignature.Png, .. PngWriter.HeaderChunk(new PngHeader(4, 1, 1, PngColor.Grey, false)),
            .. PngWriter.Chunk("IDAT", PngWriter.Deflate([0, 0b0110_0000])), .. PngWriter.Chunk("IEND", [])];

        Assert.Equal([0, 255, 255, 0], Mask(png));
    }

    [Fact]
    public void DecodeMask_Palette_GivesTheBrightestChannelOfTheColour()
    {
        byte[] png = [.. ImageSignature.Png, .. PngWriter.HeaderChunk(new PngHeader(3, 1, 8, PngColor.Palette, false)),
            .. PngWriter.Chunk("PLTE", [0, 0, 0, 255, 255, 255, 128, 0, 0]), .. PngWriter.Chunk("tRNS", [0, 255, 0]),
            .. PngWriter.Chunk("IDAT", PngWriter.Deflate([0, 0, 1, 2])), .. PngWriter.Chunk("IEND", [])];

        Assert.Equal([0, 255, 128], Mask(png));
    }

    [Fact]
    public void DecodeMask_Rgba_IgnoresAlpha()
    {
        byte[] png = [.. ImageSignature.Png, .. PngWriter.HeaderChunk(new PngHeader(2, 1, 8, PngColor.Rgba, false)),
            .. PngWriter.Chunk("IDAT", PngWriter.Deflate([0, 255, 255, 255, 0, 0, 0, 0, 255])), .. PngWriter.Chunk("IEND", [])];

        Assert.Equal([255, 0], Mask(png));
    }

    [Fact]
    public void DecodeMask_SixteenBits_KeepsSmallLabelsAndScalesLargeOnes()
    {
        Assert.Equal([0, 1, 2, 1], Mask(Sixteen(0, 1, 2, 1)));
        Assert.Equal([0, 255, 128, 255], Mask(Sixteen(0, 65535, 32896, 65535)));
    }

    [Fact]
    public void DecodeMask_WholeFloats_AreKept_FractionsAreRefused()
    {
        Assert.Equal([0, 1, 1, 0], Mask(Floats(0, 1, 1, 0)));
        Assert.Throws<ImageException>(() => Mask(Floats(0, 0.5f, 1, 0)));
        Assert.Throws<ImageException>(() => Mask(Floats(0, float.NaN, 1, 0)));
    }

    private static byte[] Sixteen(params ushort[] values) =>
        PngEncoder.Encode(new PixelImage(new ImageShape(values.Length, 1, 1, PixelType.UInt16), MemoryMarshal.AsBytes<ushort>(values).ToArray()));

    private static byte[] Floats(params float[] values) =>
        NpyEncoder.Encode(new PixelImage(new ImageShape(values.Length, 1, 1, PixelType.Float32), MemoryMarshal.AsBytes<float>(values).ToArray()));

    private static byte[] Mask(byte[] file)
    {
        var mask = ImageCodec.DecodeMask(file, "mask");
        Assert.Equal((1, PixelType.UInt8), (mask.Shape.Channels, mask.Shape.Type));
        return mask.Bytes.ToArray();
    }
}
