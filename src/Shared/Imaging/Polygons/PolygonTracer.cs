namespace ChangeDetection.Imaging.Polygons;

/// <summary>
/// Outlines of change along the borders of pixels, row by row. Pixels belong together where they share a side; what touches at a corner alone is
/// two polygons. In memory are the outlines of those polygons that reach the present row, and of these at most <c>maxVertices</c> corners: where there
/// would be more, all of them are cut off at the row, and go on below as polygons of their own.
/// </summary>
/// <remarks>
/// At every corner of the grid the four pixels around it say which borders meet there. A border always has change on its right hand, so a border that goes
/// down has it in the west and grows at its end, one that goes up has it in the east and grows at its beginning, and borders only ever join end to beginning.
/// </remarks>
public sealed class PolygonTracer
{
    private const int DefaultMaxVertices = 2 << 20;

    private readonly int _width;
    private readonly int _maxVertices;
    private readonly Action<TracedPolygon> _emit;
    /// <summary>By column: the outline whose border went through the left side of the pixel in the row above.</summary>
    private readonly OutlineEnd[] _down;
    private byte[] _above;
    private readonly byte[] _outside;
    private List<Run> _runsAbove = [];
    private List<Run> _runs = [];
    private int _row;
    private int _vertices;

    /// <param name="emit">Gets each polygon as soon as its last row is known.</param>
    public PolygonTracer(int width, Action<TracedPolygon> emit, int maxVertices = DefaultMaxVertices)
    {
        (_width, _emit, _maxVertices) = (width, emit, maxVertices);
        _down = new OutlineEnd[width + 1];
        (_above, _outside) = (new byte[width], new byte[width]);
    }

    /// <summary>Rows at which polygons were cut for want of memory.</summary>
    public List<int> Cuts { get; } = [];

    /// <param name="row">1 for change, anything else for none.</param>
    public void Add(ReadOnlySpan<byte> row)
    {
        if (_vertices > _maxVertices)
        {
            // As if nothing lay below, and then as if nothing lay above.
            Cuts.Add(_row);
            Line(_outside);
            _outside.CopyTo(_above, 0);
        }
        Line(row);
        row.CopyTo(_above);
        _row++;
    }

    /// <summary>Closes what reaches the last row.</summary>
    public void Finish() => Line(_outside);

    /// <summary>Follows the borders along the line between the row above and the next one, and then hands out what has ended.</summary>
    private void Line(ReadOnlySpan<byte> below)
    {
        FindRuns(below);
        var (runAbove, runBelow) = (0, 0);
        var right = default(OutlineEnd);
        for (var x = 0; x <= _width; x++)
        {
            while (runAbove < _runsAbove.Count && _runsAbove[runAbove].End < x)
                runAbove++;
            while (runBelow < _runs.Count && _runs[runBelow].End <= x)
                runBelow++;
            bool northWest = x > 0 && _above[x - 1] == 1, northEast = x < _width && _above[x] == 1;
            bool southWest = x > 0 && below[x - 1] == 1, southEast = x < _width && below[x] == 1;
            bool up = northWest != northEast, down = southWest != southEast, left = northWest != southWest, on = northEast != southEast;
            if (!(up || down || left || on))
                continue;
            if (up && down && left && on)
            {
                if (northWest)
                {
                    // Change in the north-west and south-east: each turns around its own corner.
                    Join(x, _down[x], right);
                    (_down[x], right) = Begin(x, southEast, _runs[runBelow].Region.Root);
                }
                else
                {
                    (var turned, right) = (right, Extend(x, _down[x]));
                    _down[x] = Extend(x, turned);
                }
            }
            else if (up && left)
            {
                Join(x, _down[x], right);
            }
            else if (up && on)
            {
                right = Extend(x, _down[x]);
            }
            else if (left && down)
            {
                _down[x] = Extend(x, right);
            }
            else if (down && on)
            {
                // A corner of change in the south-east, or a hole's: then the run above covers it.
                (_down[x], right) = Begin(x, southEast, (southEast ? _runs[runBelow] : _runsAbove[runAbove]).Region.Root);
            }
        }
        HandOut();
    }

    private (OutlineEnd Down, OutlineEnd Right) Begin(int x, bool isOutside, Region region)
    {
        var outline = new Outline(region, new Vertex(x, _row));
        _vertices++;
        // Change in the south-east: the border comes up and goes on to the right; around a hole it comes from the right and goes down.
        return (new OutlineEnd(outline, !isOutside), new OutlineEnd(outline, isOutside));
    }

    private OutlineEnd Extend(int x, OutlineEnd end)
    {
        end.Outline!.Root.Add(new Vertex(x, _row), end.IsHead);
        _vertices++;
        return end;
    }

    private void Join(int x, OutlineEnd one, OutlineEnd other)
    {
        var (head, tail) = one.IsHead ? (one.Outline!.Root, other.Outline!.Root) : (other.Outline!.Root, one.Outline!.Root);
        head.Add(new Vertex(x, _row), atHead: true);
        _vertices++;
        if (head == tail)
            head.Region.Root.Rings.Add(head.ToArray());
        else
            head.Append(tail);
    }

    /// <summary>Finds the stretches of change in a row, and to which of those above they belong.</summary>
    private void FindRuns(ReadOnlySpan<byte> row)
    {
        _runs.Clear();
        var above = 0;
        for (var x = 0; x < row.Length;)
        {
            var start = row[x..].IndexOf((byte)1);
            if (start < 0)
                break;
            start += x;
            var length = row[start..].IndexOfAnyExcept((byte)1);
            var end = length < 0 ? row.Length : start + length;
            Region? region = null;
            while (above < _runsAbove.Count && _runsAbove[above].End <= start)
                above++;
            for (var i = above; i < _runsAbove.Count && _runsAbove[i].Start < end; i++)
                region = region is null ? _runsAbove[i].Region.Root : Region.Unite(region, _runsAbove[i].Region.Root);
            region ??= new Region();
            _runs.Add(new Run(start, end, region));
            x = end;
        }
        foreach (var run in _runs)
            run.Region.Root.LastRow = _row;
    }

    private void HandOut()
    {
        foreach (var run in _runsAbove)
        {
            var region = run.Region.Root;
            if (region.LastRow == _row || region.IsHandedOut)
                continue;
            region.IsHandedOut = true;
            _vertices -= region.Rings.Sum(ring => ring.Length);
            _emit(TracedPolygon.Of(region.Rings));
            // Ends of outlines far to the side may keep the region alive for many rows yet.
            region.Rings.Clear();
        }
        (_runsAbove, _runs) = (_runs, _runsAbove);
    }

    private readonly record struct Run(int Start, int End, Region Region);

    /// <summary>One end of an open outline: its head, where it grows forwards, or its tail.</summary>
    private readonly record struct OutlineEnd(Outline? Outline, bool IsHead);
}
