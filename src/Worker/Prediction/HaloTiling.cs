using ChangeDetection.Worker.Models;

namespace ChangeDetection.Worker.Prediction;

/// <summary>
/// For networks of finite field. Each window is predicted together with all that its pixels see, and only its own pixels are kept; it begins on the grid
/// of the network's coarsest cells, and ends where the scene does, if it sees so far. So the network pads where it would pad on the whole scene and
/// nowhere else, and every pixel comes out as in one pass over all of it, whatever the windows' size.
/// </summary>
internal sealed class HaloTiling : ITiling
{
    private readonly SceneRows _rows;
    private readonly WindowNetwork _network;
    private readonly ReceptiveField _field;
    private readonly int _tile;

    /// <param name="tile">Side of the windows, a multiple of <see cref="ReceptiveField.Period"/>.</param>
    public HaloTiling(SceneRows rows, WindowNetwork network, ReceptiveField field, int tile)
    {
        (_rows, _network, _field, _tile) = (rows, network, field, tile);
        Strips = [.. Starts(rows.Height).Select(first => new StripRows(first, Math.Min(rows.Height, first + tile)))];
    }

    public IReadOnlyList<StripRows> Strips { get; }

    public int Kinds => _network.Kinds;

    public int Windows => Strips.Count * Starts(_rows.Width).Count();

    public void Predict(int strip, Span<float> probability, Action windowDone)
    {
        var (first, end) = (Strips[strip].First, Strips[strip].End);
        var (top, bottom) = Seen(first, end, _rows.Height);
        _rows.Require(top, bottom);
        foreach (var left in Starts(_rows.Width))
        {
            var right = Math.Min(_rows.Width, left + _tile);
            var (from, to) = Seen(left, right, _rows.Width);
            var window = new Window(top, bottom, from, to);
            var found = _network.Predict(_rows, window);
            for (var kind = 0; kind < Kinds; kind++)
            {
                var source = found[(kind * window.Pixels)..];
                var target = probability[(kind * (end - first) * _rows.Width)..];
                for (var y = first; y < end; y++)
                    source.Slice((y - top) * window.Width + left - from, right - left).CopyTo(target[((y - first) * _rows.Width + left)..]);
            }
            windowDone();
        }
    }

    /// <summary>The next multiple of the period.</summary>
    public static int Align(int side) => (side + ReceptiveField.Period - 1) / ReceptiveField.Period * ReceptiveField.Period;

    private (int First, int End) Seen(int first, int end, int length) =>
        (Math.Max(0, first - Align(_field.Before)), Math.Min(length, Align(end + _field.After)));

    private IEnumerable<int> Starts(int length) => Enumerable.Range(0, (length + _tile - 1) / _tile).Select(number => number * _tile);
}
