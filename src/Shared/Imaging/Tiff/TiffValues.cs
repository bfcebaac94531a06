using ChangeDetection.Imaging.Pixels;

namespace ChangeDetection.Imaging.Tiff;

/// <summary>Kinds of values that are not read, by the names that GDAL and NumPy have for them.</summary>
internal static class TiffValues
{
    /// <param name="format">SampleFormat: 1 unsigned, 2 signed, 3 float, 5 complex of whole numbers, 6 complex of floats.</param>
    /// <param name="bits">Per value.</param>
    public static ImageException Unsupported(long format, long bits, string name)
    {
        // GDAL keeps a file's number of bits when it rewrites it, unless another is asked for.
        var (what, type) = (format, bits) switch
        {
            (3, 64) => ("64-bit floating-point values (float64)", "Float32"),
            (1, 64) => ("64-bit whole numbers (uint64)", "UInt32"),
            (2, 64) => ("64-bit whole numbers (int64)", "Int32"),
            (3, _) => ($"{bits}-bit floating-point values", "Float32 -co NBITS=32"),
            (5 or 6, _) => ("complex values", "Float32"),
            (1, < 8) => ($"{bits} bits a value", "Byte -co NBITS=8"),
            (1, < 16) => ($"{bits} bits a value", "UInt16 -co NBITS=16"),
            _ => ($"{bits} bits in sample format {format}", "Float32"),
        };
        return ImageException.Unsupported(
            name, $"a TIFF of {what}; 8, 16 and 32 bits a value are read", $"Rewrite it: gdal_translate -ot {type} -co COMPRESS=DEFLATE IN OUT.");
    }
}
