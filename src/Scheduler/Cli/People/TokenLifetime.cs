using System.Globalization;
using System.Text.RegularExpressions;

namespace ChangeDetection.Scheduler.Cli.People;

/// <summary>How long a token is valid, as <c>--expires</c> is given it. There is none that never expires: a forgotten one would be a key for ever.</summary>
internal static partial class TokenLifetime
{
    public const string Form = "a number of hours, days or weeks, such as 12h, 90d or 8w, ten years at most";

    private static readonly TimeSpan s_longest = TimeSpan.FromDays(3653);

    /// <returns>Null of a text that is none.</returns>
    public static TimeSpan? Parse(string text)
    {
        if (Number().Match(text) is not { Success: true } match)
            return null;
        var count = int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture);
        var lifetime = match.Groups[2].ValueSpan switch
        {
            "h" => TimeSpan.FromHours(count),
            "d" => TimeSpan.FromDays(count),
            _ => TimeSpan.FromDays(7L * count),
        };
        return lifetime <= s_longest ? lifetime : null;
    }

    [GeneratedRegex(@"\A([1-9][0-9]{0,4})([hdw])\z")]
    private static partial Regex Number();
}
