namespace ChangeDetection.Imaging.Polygons;

/// <summary>A corner of the pixel grid; (0, 0) is the image's upper left corner.</summary>
public readonly record struct Vertex(int X, int Y);

/// <summary>An open outline that is being followed: corners in the order of travel, with change on the right hand.</summary>
internal sealed class Outline(Region region, Vertex first)
{
    private Node _head = new(first);
    private Node? _tail;
    private Outline? _joined;

    public Region Region => region;

    /// <summary>The outline that this one has become a part of, or this one.</summary>
    public Outline Root
    {
        get
        {
            var root = this;
            while (root._joined is { } next)
                root = next;
            // So that the way is short the next time.
            for (var at = this; at._joined is { } next; at = next)
                at._joined = root;
            return root;
        }
    }

    private Node Tail { get => _tail ??= _head; set => _tail = value; }

    public void Add(Vertex vertex, bool atHead)
    {
        // Before the head moves: the first node is both.
        var tail = Tail;
        if (atHead)
            _head = _head.Next = new Node(vertex);
        else
            Tail = new Node(vertex) { Next = tail };
    }

    /// <summary>Goes on as another outline does.</summary>
    public void Append(Outline other)
    {
        _ = Tail;
        _head.Next = other.Tail;
        _head = other._head;
        other._joined = this;
    }

    public Vertex[] ToArray()
    {
        var vertices = new List<Vertex>();
        for (var at = Tail; at is not null; at = at.Next)
            vertices.Add(at.Vertex);
        return [.. vertices];
    }

    private sealed class Node(Vertex vertex)
    {
        public Vertex Vertex => vertex;
        public Node? Next { get; set; }
    }
}

/// <summary>Pixels of change that belong together, as far as they are known: its closed outlines, and the last row that it was seen in.</summary>
internal sealed class Region
{
    private Region? _united;

    public int LastRow { get; set; } = -1;
    public bool IsHandedOut { get; set; }
    public List<Vertex[]> Rings { get; private set; } = [];

    public Region Root
    {
        get
        {
            var root = this;
            while (root._united is { } next)
                root = next;
            for (var at = this; at._united is { } next; at = next)
                at._united = root;
            return root;
        }
    }

    /// <summary>Makes two roots one.</summary>
    public static Region Unite(Region one, Region other)
    {
        if (one == other)
            return one;
        var (large, small) = one.Rings.Count >= other.Rings.Count ? (one, other) : (other, one);
        large.Rings.AddRange(small.Rings);
        small.Rings = [];
        small._united = large;
        return large;
    }
}

/// <summary>A polygon of change: its outline clockwise as the image is seen, its holes counter-clockwise, none of them closed by a repeated corner.</summary>
/// <param name="Pixels">Its area.</param>
public sealed record TracedPolygon(Vertex[] Outline, IReadOnlyList<Vertex[]> Holes, long Pixels)
{
    internal static TracedPolygon Of(IReadOnlyList<Vertex[]> rings)
    {
        // The one outline goes round the other way than its holes.
        var outline = rings.Single(ring => TwiceArea(ring) > 0);
        return new TracedPolygon(outline, [.. rings.Where(ring => ring != outline)], rings.Sum(TwiceArea) / 2);
    }

    /// <summary>By the shoelace formula; above 0 for a way that is clockwise where y points down.</summary>
    private static long TwiceArea(Vertex[] ring)
    {
        var sum = 0L;
        for (var i = 0; i < ring.Length; i++)
        {
            var (one, next) = (ring[i], ring[(i + 1) % ring.Length]);
            sum += (long)one.X * next.Y - (long)next.X * one.Y;
        }
        return sum;
    }
}
