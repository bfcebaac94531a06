using ChangeDetection.Imaging.Pixels;

namespace ChangeDetection.Imaging.Tiff;

/// <summary>
/// The compressions that a TIFF's directory may name (TIFF 6.0, section 2, and the registry of libtiff): which are read, and what the others are called.
/// </summary>
internal static class TiffCodec
{
    public const int None = 1, Lzw = 5, Jpeg = 7, Deflate = 8, PackBits = 32773, OldDeflate = 32946, Zstd = 50000, WebP = 50001;

    /// <summary>What rewrites a file without loss, for messages.</summary>
    public const string Rewrite = "Rewrite it: gdal_translate -co COMPRESS=DEFLATE IN OUT.";


    /// <summary>
    /// Judged from the directory, before any decoder is called: libvips decodes tiles of a codec that its libtiff was built without (as ours was: old JPEG,
    /// ZSTD, LERC, LZMA, JPEG XL) to zeros, without an error.
    /// </summary>
    /// <exception cref="ImageException">The codec is not read.</exception>
    public static void RequireRead(long compression, string name)
    {
        if (compression is not (>= None and <= Lzw or Jpeg or Deflate or 32771 or PackBits or OldDeflate or Zstd or WebP))
            throw ImageException.Unsupported(
                name, $"a TIFF of compression {compression} ({Name(compression)}); none, LZW, JPEG, Deflate, PackBits, ZSTD, WebP and the fax codes are read",
                Rewrite);
    }

    /// <summary>The same of files that are read by rows.</summary>
    /// <exception cref="ImageException">The codec is not read.</exception>
    public static void RequireReadByRows(long compression, string name)
    {
        if (compression is not (None or Lzw or Jpeg or Deflate or PackBits or OldDeflate or Zstd or WebP))
            throw ImageException.Unsupported(
                name, $"a scene of compression {compression} ({Name(compression)}); none, LZW, JPEG, Deflate, PackBits, ZSTD and WebP are read", Rewrite);
    }

    /// <summary>For people.</summary>
    public static string Name(long compression) => compression switch
    {
        None => "none",
        2 => "CCITT RLE",
        3 => "CCITT fax 3",
        4 => "CCITT fax 4",
        Lzw => "LZW",
        6 => "old JPEG",
        Jpeg => "JPEG",
        Deflate or OldDeflate => "Deflate",
        9 or 10 => "JBIG",
        32766 => "NeXT 2-bit run lengths",
        32771 => "CCITT RLE in words",
        PackBits => "PackBits",
        32809 => "ThunderScan",
        32908 => "Pixar film",
        32909 => "Pixar log",
        34661 => "JBIG",
        34676 or 34677 => "SGI log",
        34712 or 33003 or 33004 or 33005 => "JPEG 2000",
        34887 => "LERC",
        34892 => "lossy JPEG of DNG",
        34925 => "LZMA",
        Zstd => "ZSTD",
        WebP => "WebP",
        50002 or 52546 => "JPEG XL",
        _ => "no codec of a name known here",
    };
}
