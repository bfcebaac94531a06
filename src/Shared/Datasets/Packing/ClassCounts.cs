using ChangeDetection.Datasets.Masks;

namespace ChangeDetection.Datasets.Packing;

/// <summary>How many labelled pixels of each class the samples of a split have.</summary>
/// <param name="classes">How many classes there are; 0 for change and no change alone, which are not counted here.</param>
internal sealed class ClassCounts(int classes)
{
    private readonly SortedDictionary<string, long[]> _counts = new(StringComparer.Ordinal);

    /// <summary>Each class's share by split; null without classes.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<double>>? Fractions => classes == 0 ? null : _counts.ToDictionary(
        split => split.Key, split => (IReadOnlyList<double>)[.. Shares(split.Value)], StringComparer.Ordinal);

    /// <param name="mask">Classes.</param>
    public void Add(string split, ReadOnlySpan<byte> mask)
    {
        if (classes == 0)
            return;
        if (!_counts.TryGetValue(split, out var counts))
            _counts[split] = counts = new long[classes];
        foreach (var label in mask)
        {
            if (label != MaskReader.Ignored)
                counts[label]++;
        }
    }

    /// <summary>A split without a labelled pixel is one of no change.</summary>
    private static IEnumerable<double> Shares(long[] counts)
    {
        var sum = counts.Sum();
        return counts.Select((count, label) => sum == 0 ? (label == 0 ? 1.0 : 0.0) : count / (double)sum);
    }
}
