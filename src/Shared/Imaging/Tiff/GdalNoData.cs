using System.Globalization;

namespace ChangeDetection.Imaging.Tiff;

/// <summary>
/// GDAL's value for pixels that are none, in terms of decoded values: where white is zero, values are turned round, and this with them.
/// </summary>
/// <param name="Value">As it is compared with values of at most 53 bits, and with floats; null where the file names none.</param>
/// <param name="Whole">The same as a whole number of 64 bits; null where it is none.</param>
internal readonly record struct GdalNoData(double? Value, long? Whole)
{
    private const int MaxText = 100;

    /// <exception cref="Pixels.ImageException">The tag is no number.</exception>
    public static GdalNoData Read(TiffDirectory directory, TiffFormat format)
    {
        var text = directory.Ascii(TiffTag.GdalNoData, MaxText).Trim();
        if (text.Length == 0)
            return default;
        // As C's printf writes them.
        if (text.TrimStart('-', '+') is var word && word.StartsWith("nan", StringComparison.OrdinalIgnoreCase))
            return new(double.NaN, null);
        if (word.Equals("inf", StringComparison.OrdinalIgnoreCase))
            return new(text[0] == '-' ? double.NegativeInfinity : double.PositiveInfinity, null);
        if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value))
            throw directory.Absurd("GDAL_NODATA is not a number");
        if (format.LargestTurned is { } largest)
            return new(largest - value, double.IsInteger(value) ? (long)(largest - value) : null);
        // As text first: numbers of 64 bits do not fit into a double.
        var isWhole = long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole);
        return new(value, isWhole ? whole : double.IsInteger(value) && Math.Abs(value) < long.MaxValue ? (long)value : null);
    }
}
