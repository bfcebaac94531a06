using ChangeDetection.Imaging.Pixels;
using SixLabors.ImageSharp;
using SixLabors.ImageSharp.PixelFormats;

namespace ChangeDetection.Imaging.Pictures;

/// <summary>
/// Pixels in memory as an image of ImageSharp, which makes the pictures that people look at. Files never come this way: <see cref="s_configuration"/>
/// knows no format, so that none of the library's decoders is there to be reached.
/// </summary>
internal static class PictureMemory
{
    /// <summary>One thread: a trainer's and a packer's own threads have the processor.</summary>
    private static readonly Configuration s_configuration = new() { MaxDegreeOfParallelism = 1 };

    /// <summary>The same memory, not a copy.</summary>
    /// <param name="picture">RGB, 8 bits.</param>
    /// <exception cref="ArgumentException">It is of another type.</exception>
    public static Image<Rgb24> Wrap(PixelImage picture) => picture.Shape is { Channels: 3, Type: PixelType.UInt8 } shape
        ? Image.WrapMemory<Rgb24>(s_configuration, picture.Pixels.AsMemory(0, picture.Bytes.Length), shape.Width, shape.Height)
        : throw new ArgumentException($"{picture.Shape} is no 8-bit RGB picture", nameof(picture));
}
