using ChangeDetection.Datasets.Packing;
using ChangeDetection.Worker.Data.Samples;

namespace ChangeDetection.Worker.Data.Batches;

/// <summary>
/// Which pixels of an image were in an earlier sample, while its samples pass in order: a pixel that several tiles share belongs to the first of them.
/// Knows one image at a time, because a split has the tiles of an image together. What was seen is kept as rectangles that do not overlap; tiles that
/// come row by row join into one for each row of them.
/// </summary>
internal sealed class SeenPixels
{
    /// <summary>16 MiB. Tiles that leave no gap need one for each row of them, tiles with gaps about one each.</summary>
    public const int MaxRectangles = 1 << 20;

    /// <summary>Those that reach below the upper edge of the sample that passed last: the next one, of its row or below, can overlap no others.</summary>
    private readonly List<PixelRectangle> _near = [];

    /// <summary>The others, for an image of which several crops were packed, each from its own top.</summary>
    private readonly List<PixelRectangle> _above = [];
    private UInt128 _source;
    private int _top;

    /// <summary>Takes in the next sample.</summary>
    /// <returns>Its pixels that were in an earlier one: parts of the sample that do not overlap, from its own top left.</returns>
    /// <exception cref="SampleRejectedException">The tiles of an image lie so that too much would have to be kept.</exception>
    public IReadOnlyList<PixelRectangle> Add(LoadedSample sample)
    {
        if (sample.Origin is not var (source, place))
        {
            Clear();
            return [];
        }
        if (source != _source)
            Clear();
        _source = source;
        MoveTo(place.Y);
        var seen = _near.FindAll(place.Overlaps);
        foreach (var piece in Remaining(place, seen))
            Keep(piece);
        if (_near.Count + _above.Count > MaxRectangles)
            throw new SampleRejectedException(sample.Shard, sample.Key,
                $"overlaps others of its image so irregularly that what was scored would be more than {MaxRectangles} rectangles",
                "Bring the tiles of each image into the order of their rows, or pack the data set again.");
        return [.. seen.Select(piece => Common(piece, place))];
    }

    private void Clear()
    {
        _near.Clear();
        _above.Clear();
        _top = 0;
    }

    private void MoveTo(int top)
    {
        if (top < _top)
        {
            _near.AddRange(_above);
            _above.Clear();
        }
        if (top != _top)
        {
            _above.AddRange(_near.Where(piece => piece.Y + piece.Height <= top));
            _near.RemoveAll(piece => piece.Y + piece.Height <= top);
        }
        _top = top;
    }

    private void Keep(PixelRectangle piece)
    {
        if (_near.Count > 0 && _near[^1] is var last && (last.Y, last.Height, last.X + last.Width) == (piece.Y, piece.Height, piece.X))
            _near[^1] = last with { Width = last.Width + piece.Width };
        else
            _near.Add(piece);
    }

    private static List<PixelRectangle> Remaining(PixelRectangle place, List<PixelRectangle> seen)
    {
        List<PixelRectangle> remaining = [place];
        foreach (var piece in seen)
            remaining = [.. remaining.SelectMany(part => part.Overlaps(piece) ? Without(part, piece) : [part])];
        return remaining;
    }

    /// <summary>What is left of a rectangle beside another one that it overlaps.</summary>
    private static IEnumerable<PixelRectangle> Without(PixelRectangle part, PixelRectangle other)
    {
        var (left, top) = (Math.Max(part.X, other.X), Math.Max(part.Y, other.Y));
        var (right, bottom) = (Math.Min(part.X + part.Width, other.X + other.Width), Math.Min(part.Y + part.Height, other.Y + other.Height));
        PixelRectangle[] sides = [
            part with { Height = top - part.Y },
            new(part.X, top, left - part.X, bottom - top),
            new(right, top, part.X + part.Width - right, bottom - top),
            new(part.X, bottom, part.Width, part.Y + part.Height - bottom)];
        return sides.Where(side => side is { Width: > 0, Height: > 0 });
    }

    /// <summary>What a sample has of a rectangle that it overlaps, from the sample's own top left.</summary>
    private static PixelRectangle Common(PixelRectangle piece, PixelRectangle place)
    {
        var (left, top) = (Math.Max(piece.X, place.X), Math.Max(piece.Y, place.Y));
        var (right, bottom) = (Math.Min(piece.X + piece.Width, place.X + place.Width), Math.Min(piece.Y + piece.Height, place.Y + place.Height));
        return new(left - place.X, top - place.Y, right - left, bottom - top);
    }
}
