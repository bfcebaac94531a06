using System.Globalization;
using ChangeDetection.Datasets.Layouts;

namespace ChangeDetection.Datasets.Packing;

/// <summary>
/// Cuts images into square tiles, row by row from the top left. The last tile of a row or column is moved back to the image's edge, so that every
/// pixel is in a tile and all tiles are of one size; it then overlaps the one before.
/// </summary>
/// <param name="Size">Side of a tile in pixels.</param>
/// <param name="Stride">From one tile's left or upper edge to the next one's: <paramref name="Size"/> side by side, less to overlap.</param>
public sealed record Tiling(int Size, int Stride)
{
    public const int Least = 16;
    public const int Largest = 16_384;

    /// <exception cref="PackRequestException">A size or stride that makes no sense.</exception>
    public static Tiling Create(int size, int? stride) => (size, stride ?? size) switch
    {
        ( < Least or > Largest, _) => throw new PackRequestException(Text($"--tile {size}: tiles have a side of {Least} to {Largest} pixels.")),
        (_, var step) when step < 1 || step > size =>
            throw new PackRequestException(Text($"--stride {step}: tiles are 1 to {size} pixels apart; more would leave pixels out.")),
        (_, var step) => new(size, step),
    };

    /// <summary>The tiles of an area, which must be at least one tile wide and high.</summary>
    public IEnumerable<PixelRectangle> Over(int x, int y, int width, int height) =>
        from top in Starts(height)
        from left in Starts(width)
        select new PixelRectangle(x + left, y + top, Size, Size);

    private IEnumerable<int> Starts(int length)
    {
        for (var at = 0; at < length - Size; at += Stride)
            yield return at;
        yield return length - Size;
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
