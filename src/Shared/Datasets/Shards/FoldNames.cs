using System.Globalization;

namespace ChangeDetection.Datasets.Shards;

/// <summary>Names of the splits that a cross-validation takes turns with: <c>fold0</c>, <c>fold1</c>, ….</summary>
public static class FoldNames
{
    private const string Prefix = "fold";

    public static string Of(int fold) => string.Create(CultureInfo.InvariantCulture, $"{Prefix}{fold}");

    /// <summary>The numbers of those splits that are folds, ascending; empty where none is.</summary>
    public static IReadOnlyList<int> Among(IEnumerable<string> splits) => [.. splits.Select(Number).OfType<int>().Order()];

    public static bool Is(string split) => Number(split) is not null;

    private static int? Number(string split) =>
        split.StartsWith(Prefix, StringComparison.Ordinal)
        && int.TryParse(split.AsSpan(Prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && Of(number) == split
            ? number
            : null;
}
