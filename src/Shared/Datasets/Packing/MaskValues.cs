using System.Globalization;
using ChangeDetection.Datasets.Layouts;

namespace ChangeDetection.Datasets.Packing;

/// <summary>Which values the masks of a source hold, and how many pixels of each class the samples of a split have.</summary>
internal sealed class MaskValues(MaskMapping? mapping)
{
    private readonly bool[] _met = new bool[byte.MaxValue + 1];
    private readonly SortedDictionary<string, long[]> _counts = new(StringComparer.Ordinal);

    /// <summary>Each class's share by split; null without classes.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<double>>? Fractions => mapping?.Classes is null ? null : _counts.ToDictionary(
        split => split.Key, split => (IReadOnlyList<double>)[.. split.Value.Select(count => count / (double)split.Value.Sum())], StringComparer.Ordinal);

    /// <summary>Looks at a mask as the source has it.</summary>
    /// <exception cref="DatasetSourceException">It holds a value of no class.</exception>
    public void Meet(MaskHistogram mask, string path)
    {
        var values = mask.Values.ToList();
        foreach (var value in values)
            _met[value] = true;
        if (values.Where(value => !mapping!.Knows(value)).ToList() is { Count: > 0 } unknown)
            throw new DatasetSourceException([string.Create(CultureInfo.InvariantCulture,
                $"{path} holds the value{(unknown.Count > 1 ? "s" : "")} {string.Join(", ", unknown)}, which no --class names; it holds " +
                    $"{string.Join(", ", values)}. Name a class for {(unknown.Count > 1 ? "them" : "it")}, or correct the mask.")]);
    }

    /// <summary>Holds a rule, or classes, against all values met.</summary>
    /// <param name="problems">Gets a rule that is none or all of them.</param>
    /// <param name="warnings">Gets a class that is none of them.</param>
    public void Check(ProblemList problems, ProblemList warnings)
    {
        var met = Enumerable.Range(0, _met.Length).Where(value => _met[value]).Select(value => (byte)value).ToList();
        var values = string.Join(", ", met);
        if (mapping?.Change is { } rule && met.Count(rule.Matches) is var matched && (matched == 0 || matched == met.Count))
            problems.Add(
                $"--mask-change '{rule}' is {(matched == 0 ? "none of the values" : "every value")} that the masks hold: " +
                $"{values}.{(matched == 0 ? "" : " Everything would be change.")} Correct it.");
        foreach (var unused in mapping?.Unused(met) ?? [])
            warnings.Add($"the class '{unused.Name}' ({unused.Values}) is in no mask; the values that occur: {values}");
    }

    /// <summary>Counts the pixels of a sample's mask, which holds classes by now.</summary>
    public void Count(string split, ReadOnlySpan<byte> mask)
    {
        if (mapping?.Classes is not { } classes)
            return;
        if (!_counts.TryGetValue(split, out var counts))
            _counts[split] = counts = new long[classes.Count];
        foreach (var label in mask)
            counts[label]++;
    }
}
