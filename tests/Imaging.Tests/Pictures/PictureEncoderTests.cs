using System.Text;
using ChangeDetection.Imaging.Codecs;
using ChangeDetection.Imaging.Pictures;
using ChangeDetection.Imaging.Pixels;
using ChangeDetection.TestKit.Images;

namespace ChangeDetection.Imaging.Tests.Pictures;

public sealed class PictureEncoderTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(64, 48)]
    [InlineData(333, 7)]
    public void Encode_ReadAgain_IsTheSamePicture(int width, int height)
    {
        var picture = TestImages.Photograph(width, height, 3);

        var again = ImageCodec.Decode(PictureEncoder.Encode(picture), "picture.png");

        Assert.Equal(picture.Shape, again.Shape);
        Assert.Equal(picture.Bytes, again.Bytes);
    }

    [Fact]
    public void Encode_Twice_HasTheSameBytes()
    {
        var picture = TestImages.Photograph(64, 48, 3);

        Assert.Equal(PictureEncoder.Encode(picture), PictureEncoder.Encode(picture with { Pixels = [.. picture.Pixels, 1, 2, 3] }));
    }

    /// <summary>Neither time nor resolution nor the name of a program: the picture is its pixels.</summary>
    [Fact]
    public void Encode_WritesCriticalChunksAlone()
    {
        var file = PictureEncoder.Encode(TestImages.Photograph(64, 48, 3));

        var chunks = new List<string>();
        for (var at = 8; at < file.Length; at += 12 + (file[at] << 24 | file[at + 1] << 16 | file[at + 2] << 8 | file[at + 3]))
            chunks.Add(Encoding.ASCII.GetString(file, at + 4, 4));
        Assert.Equal(["IHDR", "IDAT", "IEND"], chunks.Distinct());
    }

    [Theory]
    [InlineData(1, PixelType.UInt8)]
    [InlineData(3, PixelType.UInt16)]
    public void Encode_AnotherType_IsRefused(int channels, PixelType type) =>
        Assert.Throws<ArgumentException>(() => PictureEncoder.Encode(TestImages.Noise(new ImageShape(2, 2, channels, type), 1)));
}
