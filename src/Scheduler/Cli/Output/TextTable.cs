using System.Text;

namespace ChangeDetection.Scheduler.Cli.Output;

/// <summary>A column of a <see cref="TextTable"/>.</summary>
/// <param name="Rank">Where the width is not enough for all columns, those of the highest rank go first; 0: it always stays.</param>
/// <param name="Least">Characters that its cells may be cut to; 0: they stand there whole, or the column does not.</param>
/// <param name="IsNumber">Aligned to the right.</param>
internal sealed record Column(string Header, int Rank = 0, int Least = 0, bool IsNumber = false);

/// <summary>
/// A table of one line a row, whatever the terminal's width: a cell that is broken over lines is read by nobody. Where the width is not enough, cells of
/// prose are cut, and the columns that matter least are left out.
/// </summary>
internal sealed class TextTable(params Column[] columns)
{
    private const string Gap = "  ";
    private const char More = '…';

    private readonly List<string[]> _rows = [];

    /// <param name="cells">One for each column. What they hold is made harmless when it is drawn.</param>
    public void Add(params string[] cells)
    {
        if (cells.Length != columns.Length)
            throw new ArgumentException($"{cells.Length} cells do not fit {columns.Length} columns.", nameof(cells));
        _rows.Add([.. cells.Select(FirstLine)]);
    }

    /// <summary>The lines, and the headers of the columns that had to be left out although they say something.</summary>
    public (string Text, IReadOnlyList<string> LeftOut) Draw(int width)
    {
        var shown = Enumerable.Range(0, columns.Length).ToList();
        while (Total(shown.Select(Least)) > width && NextToGo(shown) is { } column)
            shown.Remove(column);
        var widths = shown.ToDictionary(column => column, Least);
        foreach (var column in shown)
            widths[column] = Math.Min(Whole(column), widths[column] + Math.Max(0, width - Total(widths.Values)));

        var text = new StringBuilder();
        text.AppendLine(Line(column => columns[column].Header));
        text.AppendLine(string.Join(Gap, shown.Select(column => new string('─', widths[column]))));
        foreach (var row in _rows)
            text.AppendLine(Line(column => row[column]));
        return (text.ToString(), [
            .. Enumerable.Range(0, columns.Length).Except(shown).Where(column => !IsEmpty(column)).Select(column => columns[column].Header)]);

        string Line(Func<int, string> cell) => string.Join(Gap, shown.Select(column => Fit(cell(column), widths[column], columns[column].IsNumber))).TrimEnd();
    }

    /// <summary>The column to leave out next: an empty one, else that of the highest rank; null when all must stay.</summary>
    private int? NextToGo(List<int> shown) => shown.Where(column => columns[column].Rank > 0)
        .OrderByDescending(IsEmpty).ThenByDescending(column => columns[column].Rank).Select(column => (int?)column).FirstOrDefault();

    private bool IsEmpty(int column) => _rows.TrueForAll(row => row[column].Length == 0);

    private int Whole(int column) => _rows.Select(row => row[column].Length).Append(columns[column].Header.Length).Max();

    private int Least(int column) => columns[column].Least is > 0 and var least ? Math.Min(least, Whole(column)) : Whole(column);

    private static int Total(IEnumerable<int> widths)
    {
        var all = widths.ToList();
        return all.Sum() + Gap.Length * (all.Count - 1);
    }

    private static string Fit(string text, int width, bool right)
    {
        var fitting = text.Length <= width ? text : text[..(width - 1)] + More;
        return right ? fitting.PadLeft(width) : fitting.PadRight(width);
    }

    /// <summary>Of a text of several, with a mark that there is more.</summary>
    internal static string FirstLine(string text) => text.IndexOf('\n', StringComparison.Ordinal) is >= 0 and var end ? text[..end].TrimEnd() + More : text;
}
