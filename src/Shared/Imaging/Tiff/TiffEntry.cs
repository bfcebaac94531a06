namespace ChangeDetection.Imaging.Tiff;

/// <summary>An entry of a directory: how many values of a type a tag has, and where. Nothing of it has been checked.</summary>
/// <param name="Count">Negative where the file claims more than 2^63.</param>
/// <param name="Place">Of the first value in the file; negative as the count is.</param>
internal readonly record struct TiffEntry(int Tag, int Type, long Count, long Place)
{
    public const int Ascii = 2, Short = 3, Double = 12;

    /// <summary>Bytes per value; 0 for a type that there is not.</summary>
    public int ValueBytes => BytesOf(Type);

    /// <summary>Of all values; the count was checked before.</summary>
    public long Bytes => Count * ValueBytes;

    /// <param name="at">Where the entry stands in the file.</param>
    public static TiffEntry Read(ReadOnlySpan<byte> raw, TiffLayout layout, long at)
    {
        var (tag, type, count) = (layout.UInt16(raw), layout.UInt16(raw[2..]), layout.Pointer(raw[4..]));
        var values = raw[(4 + layout.PointerBytes)..];
        // Values that fit stand in the entry itself.
        var fits = BytesOf(type) is > 0 and var size && count <= (ulong)(layout.PointerBytes / size);
        return new TiffEntry(tag, type, (long)count, fits ? at + 4 + layout.PointerBytes : (long)layout.Pointer(values));
    }

    /// <summary>
    /// BYTE, ASCII, SHORT, LONG, RATIONAL, SBYTE, UNDEFINED, SSHORT, SLONG, SRATIONAL, FLOAT, DOUBLE, IFD, –, –, LONG8, SLONG8, IFD8.
    /// </summary>
    private static int BytesOf(int type)
    {
        ReadOnlySpan<byte> sizes = [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 0, 0, 8, 8, 8];
        return type < sizes.Length ? sizes[type] : 0;
    }
}
