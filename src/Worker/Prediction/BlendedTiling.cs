using ChangeDetection.Worker.Models;

namespace ChangeDetection.Worker.Prediction;

/// <summary>
/// For networks in which all of an image decides about each pixel: windows overlap by a quarter, and where they do the results are mixed by weights that
/// fall linearly towards a window's edge. A scene that fits into one window is predicted in one pass.
/// </summary>
internal sealed class BlendedTiling : ITiling
{
    private const int PartThatOverlaps = 4;

    /// <summary>Smaller windows would overlap by all of themselves.</summary>
    public const int SmallestTile = 4 * ReceptiveField.Period;

    private readonly SceneRows _rows;
    private readonly WindowNetwork _network;
    private readonly int _tile;
    private readonly Axis _down;
    private readonly Axis _across;
    /// <summary>By kind of change: weighted sums of the rows that windows have begun on, [tile, width], the first being the present strip's first.</summary>
    private readonly float[][] _sums;
    private int _next;

    /// <param name="tile">Side of the windows, a multiple of <see cref="ReceptiveField.Period"/>, at least <see cref="SmallestTile"/>.</param>
    public BlendedTiling(SceneRows rows, WindowNetwork network, int tile)
    {
        (_rows, _network, _tile) = (rows, network, tile);
        (_down, _across) = (new Axis(rows.Height, tile), new Axis(rows.Width, tile));
        _sums = [.. Enumerable.Range(0, Kinds).Select(_ => new float[Math.Min(tile, rows.Height) * rows.Width])];
        Strips = [.. _down.Starts.Select((first, number) => new StripRows(first, number + 1 < _down.Starts.Count ? _down.Starts[number + 1] : rows.Height))];
    }

    public IReadOnlyList<StripRows> Strips { get; }

    public int Kinds => _network.Kinds;

    public int Windows => _down.Starts.Count * _across.Starts.Count;

    public void Predict(int strip, Span<float> probability, Action windowDone)
    {
        var (first, end) = (Strips[strip].First, Strips[strip].End);
        if (strip != _next)
        {
            // Strips between were finished before. Windows that began in them reach into this one, and are added in the same order as ever.
            foreach (var sums in _sums)
                Array.Clear(sums);
            for (var number = 0; number < strip; number++)
            {
                if (_down.Starts[number] + _tile > first)
                    Add(number, first, static () => { });
            }
        }
        Add(strip, first, windowDone);
        for (var kind = 0; kind < Kinds; kind++)
            Take(Strips[strip], _sums[kind], probability.Slice(kind * Strips[strip].Count * _rows.Width, Strips[strip].Count * _rows.Width));
        _next = strip + 1;
    }

    /// <summary>Turns the sums of a strip into means, and goes on to the next.</summary>
    private void Take(StripRows strip, float[] sums, Span<float> probability)
    {
        for (var y = strip.First; y < strip.End; y++)
        {
            for (var x = 0; x < _rows.Width; x++)
                probability[(y - strip.First) * _rows.Width + x] = sums[(y - strip.First) * _rows.Width + x] / (_down.Total[y] * _across.Total[x]);
        }
        sums.AsSpan(Math.Min(probability.Length, sums.Length)..).CopyTo(sums);
        sums.AsSpan(Math.Max(0, sums.Length - probability.Length)..).Clear();
    }

    /// <summary>Adds a row of windows to the sums, of which the first row is this one.</summary>
    private void Add(int number, int firstRow, Action windowDone)
    {
        var top = _down.Starts[number];
        var bottom = Math.Min(_rows.Height, top + _tile);
        _rows.Require(top, bottom);
        for (var column = 0; column < _across.Starts.Count; column++)
        {
            var left = _across.Starts[column];
            var window = new Window(top, bottom, left, Math.Min(_rows.Width, left + _tile));
            var found = _network.Predict(_rows, window);
            for (var kind = 0; kind < Kinds; kind++)
                Add(found.Slice(kind * window.Pixels, window.Pixels), window, number, column, firstRow, _sums[kind]);
            windowDone();
        }
    }

    /// <summary>Adds what a window found to the sums from this row on.</summary>
    private void Add(ReadOnlySpan<float> found, Window window, int number, int column, int firstRow, float[] sums)
    {
        for (var y = Math.Max(window.Top, firstRow); y < window.Bottom; y++)
        {
            var weight = _down.Weight(number, y);
            var from = found.Slice((y - window.Top) * window.Width, window.Width);
            var to = sums.AsSpan((y - firstRow) * _rows.Width + window.Left, window.Width);
            for (var x = 0; x < to.Length; x++)
                to[x] += from[x] * weight * _across.Weight(column, window.Left + x);
        }
    }

    /// <summary>Windows along one side of the scene.</summary>
    private sealed class Axis
    {
        private readonly int _length, _tile, _overlap;

        public Axis(int length, int tile)
        {
            (_length, _tile, _overlap) = (length, tile, HaloTiling.Align(tile / PartThatOverlaps));
            var starts = new List<int>();
            for (var start = 0; start + tile < length; start += tile - _overlap)
                starts.Add(start);
            // The last one ends with the scene; it too begins on the grid of the network's coarsest cells.
            starts.Add(HaloTiling.Align(Math.Max(0, length - tile)));
            Starts = starts;
            Total = new float[length];
            for (var number = 0; number < starts.Count; number++)
            {
                for (var at = starts[number]; at < Math.Min(length, starts[number] + tile); at++)
                    Total[at] += Weight(number, at);
            }
        }

        public IReadOnlyList<int> Starts { get; }

        /// <summary>By place: the weights of all windows there.</summary>
        public float[] Total { get; }

        /// <summary>1 inside, falling towards those edges that are not the scene's.</summary>
        public float Weight(int number, int at)
        {
            var (start, end) = (Starts[number], Math.Min(_length, Starts[number] + _tile));
            var fromStart = start == 0 ? float.MaxValue : at - start + 0.5f;
            var fromEnd = end == _length ? float.MaxValue : end - at - 0.5f;
            return Math.Min(1, Math.Min(fromStart, fromEnd) / _overlap);
        }
    }
}
