namespace ChangeDetection.Datasets.Masks;

/// <summary>How many pixels have each value, in how many files, and which file was the first.</summary>
internal sealed class ValueCounts
{
    /// <summary>So many values are told apart; a mask of more is a picture, or one of object ids.</summary>
    public const int MaxValues = 1 << 18;

    private readonly SortedDictionary<long, ValueCount> _counts = [];

    /// <summary>Whether there were more values than are told apart.</summary>
    public bool IsCutOff { get; private set; }

    /// <summary>The values that occur, in order.</summary>
    public IReadOnlyCollection<long> Values => _counts.Keys;

    public IEnumerable<KeyValuePair<long, ValueCount>> All => _counts;

    public long Pixels => _counts.Values.Sum(count => count.Pixels);

    public bool Has(long value) => _counts.ContainsKey(value);

    public ValueCount this[long value] => _counts[value];

    /// <summary>Both together.</summary>
    public ValueCounts With(ValueCounts other)
    {
        if (other._counts.Count == 0)
            return this;
        var both = new ValueCounts { IsCutOff = IsCutOff || other.IsCutOff };
        foreach (var (value, count) in _counts.Concat(other._counts))
            both._counts[value] = both._counts.TryGetValue(value, out var known)
                ? new(known.Pixels + count.Pixels, known.Files + count.Files, known.First) : count;
        return both;
    }

    /// <summary>Adds the values of one file.</summary>
    public void Add(IEnumerable<KeyValuePair<long, long>> pixels, string file)
    {
        foreach (var (value, count) in pixels)
        {
            if (_counts.TryGetValue(value, out var known))
                _counts[value] = new(known.Pixels + count, known.Files + 1, known.First);
            else if (_counts.Count < MaxValues)
                _counts.Add(value, new(count, 1, file));
            else
                IsCutOff = true;
        }
    }
}

/// <param name="Pixels">Pixels with the value.</param>
/// <param name="Files">Files that hold it.</param>
/// <param name="First">The first of them.</param>
internal readonly record struct ValueCount(long Pixels, int Files, string First);
