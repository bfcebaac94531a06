using ChangeDetection.Imaging.Codecs;
using ChangeDetection.Imaging.Pixels;

namespace ChangeDetection.Imaging.Masks;

/// <summary>Masks in Windows bitmaps.</summary>
internal static class BmpMask
{
    public static MaskShape Shape(BmpHeader header) => new(
        header.Shape.Width, header.Shape.Height, header.IsIndexed ? 1 : header.HasAlpha ? 4 : 3, MaskType.UInt8, header.HasAlpha);

    public static MaskImage Decode(ReadOnlySpan<byte> file, string name, MaskShape shape)
    {
        var header = BmpHeader.Read(file, name);
        header.CheckLength(file.Length, name);
        var values = new byte[shape.Bytes];
        if (header.IsIndexed)
            return Indexed(file, header, shape, values, name);
        var rows = new BmpRows(header, file);
        for (var y = 0; y < shape.Height; y++)
        {
            var row = file.Slice((int)header.RowAt(y), (int)header.Stride);
            var target = values.AsSpan(y * shape.Width * shape.Channels, shape.Width * shape.Channels);
            if (shape.HasAlpha)
                BmpRows.ConvertWithAlpha(row, target);
            else
                rows.Convert(row, target);
        }
        return new MaskImage(shape, MaskUnit.Colour, values);
    }

    /// <summary>A bitmap of greys is stored as one of a palette: there the grey is the value.</summary>
    private static MaskImage Indexed(ReadOnlySpan<byte> file, BmpHeader header, MaskShape shape, byte[] values, string name)
    {
        var rows = new BmpRows(header, file);
        var palette = Enumerable.Range(0, rows.Colors).Select(rows.Color).ToArray();
        var isGrey = Array.TrueForAll(palette, static color => color % 0x010101 == 0);
        for (var y = 0; y < shape.Height; y++)
        {
            var row = file.Slice((int)header.RowAt(y), (int)header.Stride);
            for (var x = 0; x < shape.Width; x++)
            {
                var index = rows.Index(row, x);
                if (index >= palette.Length)
                    throw ImageException.Damaged(name, $"row {y} of the BMP names colour {index}, of a palette of {palette.Length}");
                values[y * shape.Width + x] = (byte)(isGrey ? palette[index] : index);
            }
        }
        return isGrey ? new MaskImage(shape, MaskUnit.Number, values) : new MaskImage(shape, MaskUnit.Index, values) { Palette = palette };
    }
}
