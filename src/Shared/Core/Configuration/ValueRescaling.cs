using System.Globalization;

namespace ChangeDetection.Core.Configuration;

/// <summary>
/// Maps the values of a scene onto those that a network was trained on: the straight line through (<see cref="FromLow"/>, <see cref="ToLow"/>) and
/// (<see cref="FromHigh"/>, <see cref="ToHigh"/>). It goes on beyond both ends; what the trained type cannot hold becomes its nearest value.
/// </summary>
public sealed record ValueRescaling
{
    /// <summary>What may be written, for messages.</summary>
    public const string Form = "LOW..HIGH=LOW..HIGH, first two values of the scene, then those of the training that they stand for, such as 0..10000=0..255";

    private const string Between = "..";

    private ValueRescaling(double fromLow, double fromHigh, double toLow, double toHigh) =>
        (FromLow, FromHigh, ToLow, ToHigh) = (fromLow, fromHigh, toLow, toHigh);

    public double FromLow { get; }
    public double FromHigh { get; }
    public double ToLow { get; }
    public double ToHigh { get; }

    /// <summary>Reads <c>LOW..HIGH=LOW..HIGH</c>: finite numbers, the second of a pair larger than the first. Null where the text is anything else.</summary>
    public static ValueRescaling? TryParse(string text)
    {
        var sides = text.Split('=');
        if (sides.Length != 2 || Interval(sides[0]) is not var (fromLow, fromHigh) || Interval(sides[1]) is not var (toLow, toHigh))
            return null;
        // Of numbers near the ends of what a double holds, differences and their quotient may not be finite, or be 0.
        var factor = (toHigh - toLow) / (fromHigh - fromLow);
        return double.IsFinite(factor) && factor > 0 ? new(fromLow, fromHigh, toLow, toHigh) : null;
    }

    public double Map(double value) => ToLow + (value - FromLow) * ((ToHigh - ToLow) / (FromHigh - FromLow));

    /// <summary>As <see cref="TryParse"/> reads it.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{FromLow}..{FromHigh}={ToLow}..{ToHigh}");

    private static (double, double)? Interval(string text)
    {
        var between = text.IndexOf(Between, StringComparison.Ordinal);
        return between > 0 && Number(text[..between]) is { } low && Number(text[(between + Between.Length)..]) is { } high && low < high ? (low, high) : null;
    }

    private static double? Number(string text) =>
        double.TryParse(text.Trim(), NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent,
            CultureInfo.InvariantCulture, out var value) && double.IsFinite(value) ? value : null;
}
