namespace ChangeDetection.Imaging.Geodesy;

/// <summary>
/// Cuts polygons where longitude jumps from 180 to -180 degrees (RFC 7946, section 3.1.9). Rings go on beyond half a turn, so that there they cross a straight
/// line; each side keeps its parts of the rings, and along the line an end of a part is joined with the next beginning with the interior on its left.
/// </summary>
internal static class AntimeridianCut
{
    /// <summary>In radians, six micrometres: what rounding makes of a point on the line.</summary>
    private const double Rounding = 1e-12;

    /// <summary>In square radians; a pixel of a millimetre has a thousand times more.</summary>
    private const double Nothing = 1e-23;

    /// <summary>The parts of a polygon, all between -π and π.</summary>
    /// <param name="rings">The outline, counter-clockwise with north up, then the holes, clockwise.</param>
    public static IEnumerable<EarthPoint[][]> Of(EarthPoint[][] rings)
    {
        var (least, most) = (rings[0].Min(point => point.Longitude), rings[0].Max(point => point.Longitude));
        var turn = Math.Floor((least + Math.PI + Rounding) / Math.Tau) * Math.Tau;
        var line = Math.PI + turn;
        if (most <= line + Rounding)
            return [Turned(rings, turn)];
        return [.. Side(rings, line, isWest: true).Select(part => Turned(part, turn)), .. Side(rings, line, isWest: false).SelectMany(Of)];
    }

    private static EarthPoint[][] Turned(EarthPoint[][] rings, double by) =>
        by == 0 ? rings : [.. rings.Select(ring => ring.Select(point => point with { Longitude = point.Longitude - by }).ToArray())];

    private static IEnumerable<EarthPoint[][]> Side(EarthPoint[][] rings, double line, bool isWest)
    {
        var (whole, chains) = (new List<EarthPoint[]>(), new List<List<EarthPoint>>());
        foreach (var ring in rings)
        {
            var inside = Array.ConvertAll(ring, point => point.Longitude < line == isWest);
            if (!inside.Contains(false))
                whole.Add(ring);
            else if (inside.Contains(true))
                chains.AddRange(Chains(ring, inside, line));
        }
        whole.AddRange(Joined(chains, isWest));
        var (outlines, holes) = (new List<List<EarthPoint[]>>(), new List<EarthPoint[]>());
        foreach (var ring in whole)
        {
            var area = Area(ring);
            if (area > Nothing)
                outlines.Add([ring]);
            else if (area < -Nothing)
                holes.Add(ring);
        }
        foreach (var hole in holes)
            outlines.Find(outline => Contains(outline[0], hole[0]))?.Add(hole);
        return outlines.Select(outline => outline.ToArray());
    }

    /// <summary>The parts of a ring that lie inside, each from the line to the line.</summary>
    private static IEnumerable<List<EarthPoint>> Chains(EarthPoint[] ring, bool[] inside, double line)
    {
        var start = Array.IndexOf(inside, false);
        List<EarthPoint>? chain = null;
        for (var step = 0; step < ring.Length; step++)
        {
            var (at, next) = ((start + step) % ring.Length, (start + step + 1) % ring.Length);
            if (inside[at])
                Add(chain!, ring[at]);
            if (inside[at] == inside[next])
                continue;
            var crossing = Crossing(ring[at], ring[next], line);
            if (inside[next])
            {
                chain = [crossing];
                continue;
            }
            Add(chain!, crossing);
            yield return chain!;
        }

        static void Add(List<EarthPoint> chain, EarthPoint point)
        {
            if (chain[^1] != point)
                chain.Add(point);
        }
    }

    private static EarthPoint Crossing(EarthPoint from, EarthPoint to, double line) =>
        new(line, from.Latitude + (to.Latitude - from.Latitude) * ((line - from.Longitude) / (to.Longitude - from.Longitude)));

    private static IEnumerable<EarthPoint[]> Joined(List<List<EarthPoint>> chains, bool isWest)
    {
        var next = new int[chains.Count];
        var taken = new bool[chains.Count];
        // West of the line the interior is on the left of who walks north.
        var direction = isWest ? 1 : -1;
        for (var chain = 0; chain < chains.Count; chain++)
        {
            var end = chains[chain][^1].Latitude;
            next[chain] = Enumerable.Range(0, chains.Count).Where(other => !taken[other])
                .MinBy(other => (chains[other][0].Latitude - end) * direction is >= 0 and var ahead ? ahead : double.MaxValue);
            taken[next[chain]] = true;
        }
        var done = new bool[chains.Count];
        for (var first = 0; first < chains.Count; first++)
        {
            var ring = new List<EarthPoint>();
            for (var chain = first; !done[chain]; chain = next[chain])
            {
                done[chain] = true;
                ring.AddRange(ring.Count > 0 && ring[^1] == chains[chain][0] ? chains[chain].Skip(1) : chains[chain]);
            }
            if (ring.Count > 1 && ring[0] == ring[^1])
                ring.RemoveAt(ring.Count - 1);
            if (ring.Count > 2)
                yield return [.. ring];
        }
    }

    /// <summary>In square radians of longitude and latitude; above 0 counter-clockwise. From the first point on: small rings keep their digits.</summary>
    private static double Area(EarthPoint[] ring)
    {
        var sum = 0.0;
        for (var i = 1; i + 1 < ring.Length; i++)
        {
            var (one, two) = (ring[i], ring[i + 1]);
            sum += (one.Longitude - ring[0].Longitude) * (two.Latitude - ring[0].Latitude)
                - (two.Longitude - ring[0].Longitude) * (one.Latitude - ring[0].Latitude);
        }
        return sum / 2;
    }

    private static bool Contains(EarthPoint[] ring, EarthPoint point)
    {
        var isInside = false;
        for (var i = 0; i < ring.Length; i++)
        {
            var (one, two) = (ring[i], ring[(i + 1) % ring.Length]);
            if (one.Latitude > point.Latitude != two.Latitude > point.Latitude
                && point.Longitude < one.Longitude + (two.Longitude - one.Longitude) * (point.Latitude - one.Latitude) / (two.Latitude - one.Latitude))
                isInside = !isInside;
        }
        return isInside;
    }
}
