using System.Runtime.InteropServices;
using ChangeDetection.Imaging.Codecs;
using ChangeDetection.Imaging.Codecs.Npy;
using ChangeDetection.Imaging.Pixels;
using ChangeDetection.TestKit.Images;
using CsCheck;

namespace ChangeDetection.Imaging.Tests.Codecs;

public sealed class ImageCodecTests
{
    private static readonly Gen<PixelImage> s_pngImages =
        from width in Gen.Int[1, 40]
        from height in Gen.Int[1, 40]
        from channels in Gen.OneOf(1, 3)
        from type in Gen.OneOf(PixelType.UInt8, PixelType.UInt16)
        let shape = new ImageShape(width, height, channels, type)
        from pixels in Gen.Byte.Array[(int)shape.Bytes]
        select new PixelImage(shape, pixels);

    [Fact]
    public void Png_WrittenAndRead_IsTheSameImage() =>
        s_pngImages.Sample(image =>
        {
            var again = ImageCodec.Decode(PngEncoder.Encode(image), "round.png");
            return again.Shape == image.Shape && again.Bytes.SequenceEqual(image.Bytes);
        }, iter: 200);

    [Fact]
    public void Png_WrittenTwice_HasTheSameBytes()
    {
        var image = TestImages.Photograph(64, 48, 3);

        Assert.Equal(PngEncoder.Encode(image), PngEncoder.Encode(image with { Pixels = [.. image.Pixels, 1, 2, 3] }));
    }

    [Theory]
    [InlineData(1, PixelType.UInt8), InlineData(3, PixelType.UInt8), InlineData(13, PixelType.UInt16), InlineData(4, PixelType.Float32)]
    public void Npy_WrittenAndRead_IsTheSameImage(int channels, PixelType type)
    {
        var image = TestImages.Noise(new ImageShape(7, 5, channels, type), 1);
        var file = NpyEncoder.Encode(image);

        var again = ImageCodec.Decode(file, "round.npy");

        Assert.Equal(image.Shape, again.Shape);
        Assert.Equal(image.Bytes, again.Bytes);
        Assert.Equal(0, (file.Length - (int)image.Shape.Bytes) % 64);
    }

    [Theory]
    [InlineData("{'descr': '>u2', 'fortran_order': False, 'shape': (2, 2), }")]
    [InlineData("{'descr': '<f8', 'fortran_order': False, 'shape': (2, 2), }")]
    [InlineData("{'descr': '|O', 'fortran_order': False, 'shape': (2, 2), }")]
    [InlineData("{'descr': '|u1', 'fortran_order': True, 'shape': (2, 2), }")]
    [InlineData("{'descr': '|u1', 'fortran_order': False, 'shape': (4,), }")]
    [InlineData("{'descr': '<i2', 'fortran_order': False, 'shape': (2, 2), }")]
    [InlineData("{'descr': '|u1', 'fortran_order': False, 'shape': (1, 1, 2, 2), }")]
    public void Npy_OfAnotherKind_IsUnsupported(string header)
    {
        byte[] file = [.. ImageSignature.Npy, 1, 0, (byte)header.Length, 0, .. System.Text.Encoding.ASCII.GetBytes(header), 1, 2, 3, 4];

        Assert.Equal(ImageFault.Unsupported, Assert.Throws<ImageException>(() => ImageCodec.Decode(file, "a.npy")).Fault);
    }

    [Theory]
    [InlineData("{'descr': '|u1', 'fortran_order': False, 'shape':")]
    [InlineData("{'descr': '|u1', 'fortran_order': False, 'shape': 4, }")]
    [InlineData("{'descr': '|u1', 'fortran_order': False, 'shape': (-2, 2), }")]
    [InlineData("{'descr': '|u1', 'fortran_order': False, }")]
    [InlineData("")]
    public void Npy_WithAHeaderThatIsNone_IsDamaged(string header)
    {
        byte[] file = [.. ImageSignature.Npy, 1, 0, (byte)header.Length, 0, .. System.Text.Encoding.ASCII.GetBytes(header), 1, 2, 3, 4];

        Assert.Equal(ImageFault.Damaged, Assert.Throws<ImageException>(() => ImageCodec.Decode(file, "a.npy")).Fault);
    }

    [Theory]
    [InlineData(".tif"), InlineData(".webp"), InlineData(".png")]
    public void Lossless_ByLibvips_DecodesToTheSamePixels(string suffix)
    {
        var image = TestImages.Photograph(50, 40, 3);
        var file = TestImages.Save(image, suffix == ".webp" ? ".webp[lossless]" : suffix);

        var decoded = ImageCodec.Decode(file, "name without extension");

        Assert.Equal(image.Shape, decoded.Shape);
        Assert.Equal(image.Bytes, decoded.Bytes);
    }

    [Theory, InlineData(1), InlineData(3)]
    public void Jpeg_DecodesToItsShape_CloseToTheOriginal(int channels)
    {
        var image = TestImages.Photograph(64, 48, channels);

        var decoded = ImageCodec.Decode(TestImages.Save(image, ".jpg[Q=95]"), "a.jpg");

        Assert.Equal(image.Shape, decoded.Shape);
        Assert.InRange(TestImages.MeanDifference(image, decoded), 0, 6);
    }

    [Theory]
    [InlineData("tile,tile-width=16,tile-height=16"), InlineData("compression=lzw,predictor=horizontal"),
        InlineData("compression=deflate"), InlineData("bigtiff")]
    public void Tiff_OfThirteenBandsAndSixteenBits_IsExact(string options)
    {
        var image = TestImages.Noise(new ImageShape(33, 21, 13, PixelType.UInt16), 4);

        var decoded = ImageCodec.Decode(TestImages.Save(image, $".tif[{options}]"), "bands.tif");

        Assert.Equal(image.Shape, decoded.Shape);
        Assert.Equal(image.Bytes, decoded.Bytes);
    }

    [Fact]
    public void Tiff_OfFloats_IsExact()
    {
        var image = new PixelImage(new ImageShape(3, 2, 1, PixelType.Float32), MemoryMarshal.AsBytes<float>([0, -1.5f, 3e30f, 0.1f, 7, 8]).ToArray());

        Assert.Equal(image.Bytes, ImageCodec.Decode(TestImages.Save(image, ".tif"), "float.tif").Bytes);
    }

    [Fact]
    public void Interlaced_IsTheSameAsNot()
    {
        var image = TestImages.Photograph(37, 29, 3);

        Assert.Equal(image.Bytes, ImageCodec.Decode(TestImages.Save(image, ".png[interlace]"), "adam7.png").Bytes);
    }

    [Theory, InlineData(24, false), InlineData(24, true), InlineData(32, false), InlineData(32, true), InlineData(8, false), InlineData(8, true)]
    public void Bmp_OfEitherDirection_DecodesToRgb(int bits, bool topDown)
    {
        var image = TestImages.Photograph(13, 7, bits == 8 ? 1 : 3);
        var file = TestImages.Bmp(image, bits, topDown);

        var decoded = ImageCodec.Decode(file, "a.BMP");

        Assert.Equal(new ImageShape(13, 7, 3, PixelType.UInt8), decoded.Shape);
        var expected = bits == 8 ? image.Pixels.SelectMany(value => new[] { value, value, value }).ToArray() : image.Pixels;
        Assert.Equal(expected, decoded.Bytes);
    }

    [Fact]
    public void Decode_IntoALongerBuffer_UsesItAndAllocatesNoPixels()
    {
        var image = TestImages.Photograph(256, 256, 3);
        var png = PngEncoder.Encode(image);
        var reuse = new byte[image.Pixels.Length + 100];
        ImageCodec.Decode(png, "warm", reuse: reuse);

        var before = GC.GetAllocatedBytesForCurrentThread();
        var decoded = ImageCodec.Decode(png, "a.png", reuse: reuse);

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 16 * 1024);
        Assert.Same(reuse, decoded.Pixels);
        Assert.Equal(image.Bytes, decoded.Bytes);
    }

    [Fact]
    public void Decode_FromManyThreads_GivesTheSamePixels()
    {
        var image = TestImages.Photograph(60, 50, 3);
        byte[][] files = [PngEncoder.Encode(image), TestImages.Save(image, ".tif"), TestImages.Save(image, ".png[interlace]")];

        Parallel.For(0, 200, i => Assert.Equal(image.Bytes, ImageCodec.Decode(files[i % 3], $"{i}").Bytes));
    }

    [Theory, InlineData(2, PixelType.UInt8), InlineData(3, PixelType.Float32)]
    public void Encode_WhatPngCannotHold_IsRefused(int channels, PixelType type) =>
        Assert.Throws<ImageException>(() => PngEncoder.Encode(TestImages.Noise(new ImageShape(2, 2, channels, type), 1)));
}
