using ChangeDetection.Imaging.Pixels;

namespace ChangeDetection.Imaging.Pictures;

/// <summary>
/// A picture of some samples, a row each: before | after | mask. Larger images are shrunk, so that no panel is wider or higher than
/// <see cref="LargestSide"/>; bands are shown as <see cref="DisplayBands"/> says.
/// </summary>
public sealed class ContactSheet
{
    public const int LargestSide = 256;
    public const int MostRows = 64;
    private const int Panels = 3;
    private const byte BlankGrey = 128;
    /// <summary>Between panels: neither black nor white, which masks are, nor the grey of what is unlabelled.</summary>
    private static readonly byte[] s_border = [70, 100, 160];
    private readonly List<PixelImage[]> _rows = [];

    public int Rows => _rows.Count;

    /// <summary>Adds a row, as long as there are less than <see cref="MostRows"/>.</summary>
    /// <param name="after">Of the same shape as <paramref name="before"/>.</param>
    /// <param name="mask">One channel of 8 bits, the same size; anything but 0 is change. Null where there is none.</param>
    /// <param name="ignored">The value of the mask's pixels that count nowhere, which are grey; null where all count.</param>
    /// <returns>Whether there was room.</returns>
    public bool Add(PixelImage before, PixelImage after, PixelImage? mask, byte? ignored = null)
    {
        if (_rows.Count == MostRows)
            return false;
        var (left, right) = DisplayBands.Convert(before, after);
        var shape = before.Shape with { Channels = 3, Type = PixelType.UInt8 };
        _rows.Add([Small(new(shape, left)), Small(new(shape, right)), Small(mask is null ? Blank(shape) : Shown(mask, ignored))]);
        return true;
    }

    /// <summary>RGB, 8 bits; <see cref="PictureEncoder"/> makes a file of it.</summary>
    /// <exception cref="InvalidOperationException">There is no row.</exception>
    public PixelImage Compose()
    {
        if (_rows.Count == 0)
            throw new InvalidOperationException("A contact sheet without a row has no size.");
        const int border = ChangePicture.Border;
        var panel = _rows.Max(row => row[0].Shape.Width);
        var shape = new ImageShape(Panels * (panel + border) + border, _rows.Sum(row => row[0].Shape.Height + border) + border, 3, PixelType.UInt8);
        var sheet = new PixelImage(shape, new byte[shape.Bytes]);
        for (var at = 0; at < sheet.Pixels.Length; at += s_border.Length)
            s_border.CopyTo(sheet.Pixels, at);
        var top = border;
        foreach (var row in _rows)
        {
            for (var at = 0; at < Panels; at++)
                Draw(row[at], sheet, border + at * (panel + border), top);
            top += row[0].Shape.Height + border;
        }
        return sheet;
    }

    private static void Draw(PixelImage image, PixelImage sheet, int left, int top)
    {
        var bytes = image.Shape.Width * 3;
        for (var y = 0; y < image.Shape.Height; y++)
            image.Pixels.AsSpan(y * bytes, bytes).CopyTo(sheet.Pixels.AsSpan(((top + y) * sheet.Shape.Width + left) * 3));
    }

    private static PixelImage Small(PixelImage panel) => ShrunkPicture.Of(panel, LargestSide, LargestSide);

    private static PixelImage Blank(ImageShape shape)
    {
        var blank = new byte[shape.Bytes];
        Array.Fill(blank, BlankGrey);
        return new(shape, blank);
    }

    private static PixelImage Shown(PixelImage mask, byte? ignored)
    {
        var shape = mask.Shape with { Channels = 3 };
        var shown = new byte[shape.Bytes];
        for (var at = 0; at < mask.Bytes.Length; at++)
            shown.AsSpan(3 * at, 3).Fill(ChangePicture.Shade(mask.Pixels[at], ignored));
        return new(shape, shown);
    }
}
