using System.Buffers.Binary;

namespace ChangeDetection.Imaging.Tiff;

/// <summary>How numbers and directories of a TIFF are laid out.</summary>
/// <param name="IsBig">BigTIFF: places and counts of 8 bytes.</param>
internal readonly record struct TiffLayout(bool IsLittleEndian, bool IsBig)
{
    /// <summary>Of a place or a count.</summary>
    public int PointerBytes => IsBig ? 8 : 4;

    /// <summary>Of one entry: tag, type, count, and the values or their place.</summary>
    public int EntryBytes => 4 + 2 * PointerBytes;

    /// <summary>Before the first entry: the number of entries.</summary>
    public int HeadBytes => IsBig ? 8 : 2;

    public ushort UInt16(ReadOnlySpan<byte> at) =>
        IsLittleEndian ? BinaryPrimitives.ReadUInt16LittleEndian(at) : BinaryPrimitives.ReadUInt16BigEndian(at);

    public ulong UInt32(ReadOnlySpan<byte> at) =>
        IsLittleEndian ? BinaryPrimitives.ReadUInt32LittleEndian(at) : BinaryPrimitives.ReadUInt32BigEndian(at);

    public ulong UInt64(ReadOnlySpan<byte> at) =>
        IsLittleEndian ? BinaryPrimitives.ReadUInt64LittleEndian(at) : BinaryPrimitives.ReadUInt64BigEndian(at);

    /// <summary>A place or a count.</summary>
    public ulong Pointer(ReadOnlySpan<byte> at) => IsBig ? UInt64(at) : UInt32(at);

    public void Write(Span<byte> target, ulong value, int size)
    {
        for (var i = 0; i < size; i++)
            target[i] = (byte)(value >> 8 * (IsLittleEndian ? i : size - 1 - i));
    }
}
