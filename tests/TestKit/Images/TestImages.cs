using System.Buffers.Binary;
using System.Runtime.InteropServices;
using ChangeDetection.Imaging.Codecs;
using ChangeDetection.Imaging.Pixels;
using NetVips;

namespace ChangeDetection.TestKit.Images;

internal static class TestImages
{
    public static PixelImage Noise(ImageShape shape, int seed)
    {
        var random = new Random(seed);
        var pixels = new byte[shape.Bytes];
        if (shape.Type == PixelType.Float32)
            foreach (ref var value in MemoryMarshal.Cast<byte, float>(pixels.AsSpan()))
                value = random.NextSingle();
        else
            random.NextBytes(pixels);
        return new PixelImage(shape, pixels);
    }

    /// <summary>Smooth with a little noise, so that filters and compression have something to do.</summary>
    public static PixelImage Photograph(int width, int height, int channels)
    {
        var random = new Random(width * height);
        var image = new PixelImage(new ImageShape(width, height, channels, PixelType.UInt8), new byte[width * height * channels]);
        for (var i = 0; i < image.Pixels.Length; i++)
        {
            var (x, y) = (i / channels % width, i / channels / width);
            image.Pixels[i] = (byte)(110 + 60 * Math.Sin(x / 9.0 + i % channels) + 50 * Math.Cos(y / 7.0) + random.Next(8));
        }
        return image;
    }

    /// <summary>The image as libvips writes it, without asking our own encoder.</summary>
    public static byte[] Save(PixelImage image, string suffix)
    {
        var shape = image.Shape;
        using var pixels = Image.NewFromMemoryCopy(image.Bytes, shape.Width, shape.Height, shape.Channels, VipsDecoder.Format(shape.Type));
        using var tagged = pixels.Copy(interpretation: (shape.Channels, shape.Type) switch
        {
            (3, PixelType.UInt8) => Enums.Interpretation.Srgb,
            (3, PixelType.UInt16) => Enums.Interpretation.Rgb16,
            (1, PixelType.UInt8) => Enums.Interpretation.Bw,
            _ => Enums.Interpretation.Multiband,
        });
        return tagged.WriteToBuffer(suffix);
    }

    public static double MeanDifference(PixelImage a, PixelImage b)
    {
        var sum = 0.0;
        for (var i = 0; i < a.Bytes.Length; i++)
            sum += Math.Abs(a.Pixels[i] - b.Pixels[i]);
        return sum / a.Bytes.Length;
    }

    /// <summary>A Windows bitmap, written as its format page says: BGR, rows padded to four bytes, a grey palette at 8 bits.</summary>
    public static byte[] Bmp(PixelImage image, int bits, bool topDown)
    {
        var (width, height, channels) = (image.Shape.Width, image.Shape.Height, image.Shape.Channels);
        var stride = (width * bits + 31) / 32 * 4;
        var start = 54 + (bits == 8 ? 1024 : 0);
        var file = new byte[start + stride * height];
        "BM"u8.CopyTo(file);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(2), file.Length);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(10), start);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(14), 40);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(18), width);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(22), topDown ? -height : height);
        (file[26], file[28]) = (1, (byte)bits);
        for (var i = 0; bits == 8 && i < 256; i++)
            file.AsSpan(54 + 4 * i, 3).Fill((byte)i);
        for (var y = 0; y < height; y++)
        {
            var row = file.AsSpan(start + stride * (topDown ? y : height - 1 - y), stride);
            for (var x = 0; x < width; x++)
                for (var c = 0; c < channels; c++)
                    row[x * bits / 8 + (bits == 8 ? 0 : 2 - c)] = image.Pixels[(y * width + x) * channels + c];
        }
        return file;
    }
}
