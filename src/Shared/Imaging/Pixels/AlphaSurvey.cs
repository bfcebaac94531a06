using System.Globalization;
using System.Runtime.InteropServices;

namespace ChangeDetection.Imaging.Pixels;

/// <summary>
/// Whether a band that a file calls alpha is a mask of pixels: 0 and its maximum alone. GDAL calls the fourth band of any image alpha, near-infrared
/// too.
/// </summary>
/// <param name="type">Of the band's values. The maximum of floats is the one value beside 0 that they have.</param>
internal sealed class AlphaSurvey(PixelType type, string name)
{
    private const int Shown = 5;

    private readonly SortedSet<double> _others = [];
    private double? _most = type switch { PixelType.UInt8 => byte.MaxValue, PixelType.UInt16 => ushort.MaxValue, _ => null };

    /// <param name="band">The next values.</param>
    public void Add(ReadOnlySpan<byte> band)
    {
        switch (type)
        {
            case PixelType.UInt8: Each(band, static value => value); break;
            case PixelType.UInt16: Each(MemoryMarshal.Cast<byte, ushort>(band), static value => value); break;
            default: Each(MemoryMarshal.Cast<byte, float>(band), static value => value); break;
        }
    }

    /// <exception cref="ImageException">There are other values.</exception>
    public void RequireMask()
    {
        if (_others.Count == 0)
            return;
        var values = string.Join(", ", _others.Take(Shown).Select(value => value.ToString(CultureInfo.InvariantCulture)));
        throw new ImageException(name, ImageFault.Ambiguous,
            $"its alpha band holds other values than 0 and its maximum ({values}{(_others.Count > Shown ? ", …" : "")}), so it may be no mask: " +
                "GDAL calls a fourth band alpha, near-infrared too",
            "Say what it is: --alpha drop leaves it out, --alpha band keeps it as a band like the others, --alpha mask takes 0 for no pixel and " +
                "anything else for a pixel.");
    }

    private void Each<T>(ReadOnlySpan<T> values, Func<T, double> number) where T : unmanaged, IEquatable<T>
    {
        // Runs of one value are what masks are made of.
        for (var i = 0; i < values.Length && _others.Count <= Shown; i++)
        {
            if (i > 0 && values[i].Equals(values[i - 1]))
                continue;
            var value = number(values[i]);
            if (value == 0)
                continue;
            _most ??= value;
            if (value != _most)
                _others.Add(value);
        }
    }
}
