namespace ChangeDetection.Core.Configuration.Schema;

/// <summary>Finds what the user meant: the known name with the fewest slips of the finger.</summary>
public static class NearestName
{
    private const int MaxLength = 64;

    /// <summary>"Did you mean 'x'?", or null when nothing is near.</summary>
    public static string? Suggest(string word, IEnumerable<string> names) => Find(word, names) is { } name ? $"Did you mean '{name}'?" : null;

    /// <summary>The nearest name, the first among equals; null when more than a third of the word would have to change.</summary>
    public static string? Find(string word, IEnumerable<string> names)
    {
        var wanted = Normal(word);
        if (wanted.Length is 0 or > MaxLength)
            return null;
        var (best, bestDistance) = ((string?)null, int.MaxValue);
        foreach (var name in names)
        {
            var distance = Distance(wanted, Normal(name));
            if (distance < bestDistance && distance <= Math.Max(1, Math.Min(wanted.Length, name.Length) / 3))
                (best, bestDistance) = (name, distance);
        }
        return best;
    }

    /// <summary>Case and separators are no slips: <c>batchSize</c>, <c>batch-size</c> and <c>batch_size</c> are one word.</summary>
    private static string Normal(string word) => string.Concat(word.Where(char.IsLetterOrDigit)).ToLowerInvariant();

    /// <summary>Damerau–Levenshtein distance, restricted form: insertions, deletions, substitutions, and swaps of neighbours never edited again.</summary>
    public static int Distance(string a, string b)
    {
        var beforePrevious = new int[b.Length + 1];
        var previous = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var current = new int[b.Length + 1];
            current[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var substitution = previous[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                current[j] = Math.Min(substitution, 1 + Math.Min(previous[j], current[j - 1]));
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                    current[j] = Math.Min(current[j], beforePrevious[j - 2] + 1);
            }
            (beforePrevious, previous) = (previous, current);
        }
        return previous[b.Length];
    }
}
