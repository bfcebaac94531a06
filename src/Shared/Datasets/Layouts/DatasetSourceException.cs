using System.Globalization;

namespace ChangeDetection.Datasets.Layouts;

/// <summary>Files of a source that cannot become samples. The message lists the first of them, each with its remedy.</summary>
/// <param name="problems">Sentences; the first ones when there are very many.</param>
/// <param name="count">How many problems there are in all.</param>
public sealed class DatasetSourceException(IReadOnlyList<string> problems, int count) : IOException(Describe(problems, count))
{
    public DatasetSourceException(IReadOnlyList<string> problems) : this(problems, problems.Count)
    {
    }

    public IReadOnlyList<string> Problems { get; } = problems;

    /// <summary>How many there are in all.</summary>
    public int Count { get; } = count;

    /// <summary>Whether some of them are questions that options of the command answer, such as what the values of masks mean.</summary>
    public bool Asks { get; init; }

    private static string Describe(IReadOnlyList<string> problems, int count)
    {
        var more = count > problems.Count ? string.Create(CultureInfo.InvariantCulture, $"\nand {count - problems.Count} more like these.") : "";
        return string.Join('\n', problems) + more;
    }
}
