namespace ChangeDetection.Datasets.Packing;

/// <summary>How many pixels of a mask have each value.</summary>
internal sealed class MaskHistogram
{
    private readonly long[] _counts = new long[byte.MaxValue + 1];

    public static MaskHistogram Of(ReadOnlySpan<byte> mask)
    {
        var histogram = new MaskHistogram();
        histogram.Add(mask);
        return histogram;
    }

    public void Add(ReadOnlySpan<byte> mask)
    {
        foreach (var value in mask)
            _counts[value]++;
    }

    public long this[int value] => _counts[value];

    public long Pixels => _counts.Sum();

    /// <summary>The values that occur, in order.</summary>
    public IEnumerable<byte> Values => Enumerable.Range(0, _counts.Length).Where(value => _counts[value] > 0).Select(value => (byte)value);
}
