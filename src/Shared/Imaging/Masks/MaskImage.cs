namespace ChangeDetection.Imaging.Masks;

/// <summary>What the values of a mask are, as its file says.</summary>
public enum MaskUnit
{
    /// <summary>Numbers, channel by channel.</summary>
    Number,
    /// <summary>Red, green and blue of 8 bits each (and alpha): a pixel's label is its colour.</summary>
    Colour,
    /// <summary>Indices of a palette.</summary>
    Index,
}

/// <summary>
/// The values of a mask as its file has them, [height, width, channels]: never scaled, never widened (a mask of 1 bit holds 0 and 1), and a palette's
/// indices are not expanded. Images are read otherwise: <see cref="Codecs.ImageCodec"/> widens and expands.
/// </summary>
public sealed class MaskImage
{
    private readonly byte[] _stored;
    private readonly MaskType _type;

    /// <param name="stored">Values of the type, little-endian.</param>
    internal MaskImage(MaskShape shape, MaskUnit unit, byte[] stored) => (Shape, Unit, _stored, _type) = (shape, unit, stored, shape.Type);

    public MaskShape Shape { get; }
    public int Width => Shape.Width;
    public int Height => Shape.Height;

    /// <summary>Values of a pixel. Alpha is one of them: RGBA has four.</summary>
    public int Channels => Shape.Channels;

    /// <summary>Whether the last channel is alpha.</summary>
    public bool HasAlpha => Shape.HasAlpha;

    public MaskUnit Unit { get; }

    /// <summary>The colours 0xRRGGBB by index; null where the file has no palette.</summary>
    public IReadOnlyList<int>? Palette { get; internal init; }

    /// <summary>GDAL_NODATA of a TIFF, where values of masks can have it.</summary>
    public long? NoData { get; internal init; }

    /// <summary>
    /// Values that are no number, [height, width, channels]: NaN, and GDAL_NODATA where it is none that a mask can have, such as the smallest float.
    /// Nobody labelled such a pixel; the value reads as 0. Null where there are none.
    /// </summary>
    public bool[]? Missing { get; internal init; }

    /// <summary>Whether a value is one bit: 1 is then the brightest that there is, as 255 is of eight.</summary>
    public bool IsOneBit { get; internal init; }

    /// <summary>Whether the format changes values a little, as JPEG does.</summary>
    public bool IsLossy { get; internal init; }

    /// <summary>Whether a value of the pixel is no number.</summary>
    public bool IsMissing(int pixel) => Missing is not null && Missing.AsSpan(pixel * Channels, Channels).Contains(true);

    /// <summary>All values, where they are bytes, as those of nearly all masks are; else null. Not to be changed.</summary>
    public byte[]? Bytes => _type == MaskType.UInt8 ? _stored : null;

    /// <summary>A value, by its place in [height, width, channels].</summary>
    public long this[int index]
    {
        get
        {
            if (_type == MaskType.UInt8)
                return _stored[index];
            Span<long> value = stackalloc long[1];
            MaskValues.Widen(_type, _stored.AsSpan(index * _type.Bytes(), _type.Bytes()), value);
            return value[0];
        }
    }

    /// <summary>Copies rows of values, whatever their type.</summary>
    /// <param name="first">The first row.</param>
    /// <param name="count">How many.</param>
    /// <param name="values">Gets [count, width, channels].</param>
    public void CopyRows(int first, int count, Span<long> values)
    {
        var rowBytes = Width * Channels * _type.Bytes();
        MaskValues.Widen(_type, _stored.AsSpan(first * rowBytes, count * rowBytes), values[..(count * Width * Channels)]);
    }
}
