using System.Text.RegularExpressions;

namespace ChangeDetection.Dashboard.Layout;

/// <summary>Splits a run's reason at the ids it names, so that they can be links.</summary>
public static partial class ReasonParts
{
    /// <summary>The text in order; where a part is an id, the run it names.</summary>
    public static IEnumerable<(string Text, Guid? Run)> Of(string reason)
    {
        var at = 0;
        foreach (Match id in Ids().Matches(reason))
        {
            if (id.Index > at)
                yield return (reason[at..id.Index], null);
            at = id.Index + id.Length;
            var run = Guid.Parse(reason[id.Index..at]);
            yield return ($"run {DisplayFormat.Short(run)}", run);
        }
        if (at < reason.Length)
            yield return (reason[at..], null);
    }

    [GeneratedRegex("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")]
    private static partial Regex Ids();
}
