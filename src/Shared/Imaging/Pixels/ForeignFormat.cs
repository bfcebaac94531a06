namespace ChangeDetection.Imaging.Pixels;

/// <summary>Tells formats that are not read by their first bytes, to name them and what converts them.</summary>
internal static class ForeignFormat
{
    private const string Convert = "Convert it: gdal_translate -co COMPRESS=DEFLATE IN OUT.tif.";

    private const int Searched = 512;

    /// <summary>What is thrown of a file that begins like no format that is read.</summary>
    public static ImageException Of(ReadOnlySpan<byte> file, string name) => NameOf(file) is { } format
        ? ImageException.Unsupported(name, $"{format}; PNG, JPEG, BMP, TIFF, WebP and .npy are read", Convert)
        : ImageException.Unsupported(name, "it begins like none of PNG, JPEG, BMP, TIFF, WebP and .npy");

    private static string? NameOf(ReadOnlySpan<byte> file)
    {
        if (file.StartsWith("\0\0\0\x0CjP  \r\n"u8) || file.StartsWith((ReadOnlySpan<byte>)[0xFF, 0x4F, 0xFF, 0x51]))
            return "a JPEG 2000 image";
        if (file.StartsWith("\0\0\0\x0CJXL "u8) || file.StartsWith((ReadOnlySpan<byte>)[0xFF, 0x0A]))
            return "a JPEG XL image";
        if (file.StartsWith((ReadOnlySpan<byte>)[0x89, (byte)'H', (byte)'D', (byte)'F', 0x0D, 0x0A, 0x1A, 0x0A]))
            return "an HDF5 file (as NetCDF 4 is)";
        if (file.StartsWith("CDF\x01"u8) || file.StartsWith("CDF\x02"u8))
            return "a NetCDF file";
        if (file.StartsWith("EHFA_HEADER_TAG"u8))
            return "an ERDAS Imagine file (.img)";
        if (file.StartsWith("GIF8"u8))
            return "a GIF image";
        if (file.Length >= 12 && file[4..8].SequenceEqual("ftyp"u8))
            return "an image of the HEIF family (HEIC, AVIF)";
        return IsVrt(file) ? "a GDAL virtual raster (VRT), which names other files" : null;
    }

    /// <summary>XML, with or without a byte order mark, blanks, a declaration and comments.</summary>
    private static bool IsVrt(ReadOnlySpan<byte> file)
    {
        var text = file.StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF]) ? file[3..] : file;
        text = text.TrimStart(" \t\r\n"u8);
        return text.StartsWith("<"u8) && text[..Math.Min(text.Length, Searched)].IndexOf("<VRTDataset"u8) >= 0;
    }
}
