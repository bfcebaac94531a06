using ChangeDetection.Imaging.Codecs;

namespace ChangeDetection.Imaging.Pixels;

/// <summary>The file formats that <see cref="ImageCodec"/> reads.</summary>
internal enum ImageFormat { Png, Jpeg, Bmp, Tiff, WebP, Npy }

/// <summary>Tells a format by the first bytes: names lie, and <c>.BMP</c>, <c>.bmp</c> and no extension at all are found side by side.</summary>
internal static class ImageSignature
{
    public static ReadOnlySpan<byte> Png => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    public static ReadOnlySpan<byte> Npy => [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y'];

    /// <exception cref="ImageException">The file is empty, or begins like no format that is read.</exception>
    public static ImageFormat Of(ReadOnlySpan<byte> file, string name)
    {
        if (file.IsEmpty)
            throw ImageException.Truncated(name, "the file is empty");
        if (file.StartsWith(Png))
            return ImageFormat.Png;
        if (file.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF]))
            return ImageFormat.Jpeg;
        if (file.StartsWith(Npy))
            return ImageFormat.Npy;
        if (file.StartsWith("II*\0"u8) || file.StartsWith("MM\0*"u8) || file.StartsWith("II+\0"u8) || file.StartsWith("MM\0+"u8))
            return ImageFormat.Tiff;
        if (file.StartsWith("RIFF"u8) && file.Length >= 12 && file[8..12].SequenceEqual("WEBP"u8))
            return ImageFormat.WebP;
        if (file.StartsWith("BM"u8))
            return ImageFormat.Bmp;
        throw ForeignFormat.Of(file, name);
    }
}
