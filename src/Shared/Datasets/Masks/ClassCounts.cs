namespace ChangeDetection.Datasets.Masks;

/// <summary>Labelled pixels of some masks by class, and those without a label.</summary>
internal sealed class ClassCounts(int classes)
{
    private readonly long[] _classes = new long[classes];

    public long Ignored { get; private set; }

    public long Labelled => _classes.Sum();

    public long Changed => Labelled - _classes[0];

    /// <summary>Each class's share of the labelled pixels; where there is none, all of them are no change.</summary>
    public IReadOnlyList<double> Fractions => Labelled is var sum && sum == 0
        ? [1, .. new double[classes - 1]]
        : [.. _classes.Select(count => count / (double)sum)];

    /// <summary>The changed share of the labelled pixels.</summary>
    public double ChangeFraction => Labelled is var sum && sum == 0 ? 0 : Changed / (double)sum;

    /// <param name="mask">Classes.</param>
    /// <param name="valid">0 for pixels that are none; empty where none is missing.</param>
    public void Add(ReadOnlySpan<byte> mask, ReadOnlySpan<byte> valid)
    {
        for (var at = 0; at < mask.Length; at++)
        {
            if (mask[at] == MaskReader.Ignored || !valid.IsEmpty && valid[at] == 0)
                Ignored++;
            else
                _classes[mask[at]]++;
        }
    }

    public void Add(ClassCounts other)
    {
        for (var label = 0; label < _classes.Length; label++)
            _classes[label] += other._classes[label];
        Ignored += other.Ignored;
    }
}
