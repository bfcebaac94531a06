namespace ChangeDetection.Worker.Data;

/// <summary>Finds what someone may have meant, by the number of letters to change (Levenshtein's distance).</summary>
internal static class NearestName
{
    /// <summary>The closest of the names; null when none is close.</summary>
    public static string? Of(string name, IEnumerable<string> names)
    {
        var nearest = names.Select(other => (other, distance: Distance(name, other))).DefaultIfEmpty((other: "", distance: int.MaxValue)).MinBy(pair => pair.distance);
        return nearest.distance <= Math.Max(1, name.Length / 2) ? nearest.other : null;
    }

    private static int Distance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var substituted = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(substituted, Math.Min(row[j], row[j - 1]) + 1);
            }
        }
        return row[^1];
    }
}
