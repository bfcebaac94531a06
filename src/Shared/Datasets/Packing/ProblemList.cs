using ChangeDetection.Datasets.Layouts;

namespace ChangeDetection.Datasets.Packing;

/// <summary>Collects problems of a whole data set, so that all are told at once; keeps the first and counts the rest.</summary>
internal sealed class ProblemList
{
    private const int Kept = 20;
    private readonly List<string> _problems = [];

    public int Count { get; private set; }

    /// <summary>Whether some of them are questions.</summary>
    public bool Asks { get; private set; }

    public IReadOnlyList<string> First => _problems;

    public void Add(string problem)
    {
        if (Count++ < Kept)
            _problems.Add(problem);
    }

    public void Add(DatasetSourceException error)
    {
        foreach (var problem in error.Problems)
            Add(problem);
        Asks |= error.Asks;
    }

    /// <exception cref="DatasetSourceException">There is a problem.</exception>
    public void ThrowIfAny()
    {
        if (Count > 0)
            throw new DatasetSourceException(_problems, Count) { Asks = Asks };
    }
}
