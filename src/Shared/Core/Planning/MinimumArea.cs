using System.Globalization;

namespace ChangeDetection.Core.Planning;

/// <summary>How large a polygon of change has to be.</summary>
/// <param name="Value">In square metres, or in pixels.</param>
public readonly record struct MinimumArea(double Value, bool IsInPixels)
{
    private const string Pixels = "px";

    /// <summary>For messages.</summary>
    public const string Form = "a number above 0 of square metres, or of pixels with px behind it: 250, 40px";

    /// <summary>Null where it is of another form.</summary>
    public static MinimumArea? TryParse(string text)
    {
        var isInPixels = text.EndsWith(Pixels, StringComparison.Ordinal);
        return double.TryParse(isInPixels ? text.AsSpan(0, text.Length - Pixels.Length) : text, NumberStyles.Float & ~NumberStyles.AllowTrailingWhite,
            CultureInfo.InvariantCulture, out var value) && value > 0 && double.IsFinite(value) ? new(value, isInPixels) : null;
    }

    /// <summary>Whether a polygon is kept.</summary>
    /// <param name="squareMetres">Null where they are not known: then only pixels can be asked for.</param>
    public bool Keeps(long pixels, double? squareMetres) => (IsInPixels ? pixels : squareMetres) is not { } area || area >= Value;

    public override string ToString() => Value.ToString("R", CultureInfo.InvariantCulture) + (IsInPixels ? Pixels : "");
}
