using System.Buffers.Binary;
using ChangeDetection.Core.Checkpoints;

namespace ChangeDetection.Weights.PyTorch;

/// <summary>An entry of a zip file's directory.</summary>
internal readonly ref struct ZipEntry
{
    public const int FixedLength = 46;
    private const uint Wide = uint.MaxValue;

    public ReadOnlySpan<byte> Name { get; private init; }
    /// <summary>Bytes of the whole entry.</summary>
    public int Length { get; private init; }
    public bool IsEncrypted { get; private init; }
    public ushort Method { get; private init; }
    public uint Crc { get; private init; }
    public long StoredSize { get; private init; }
    public long Size { get; private init; }
    public long HeaderAt { get; private init; }

    /// <param name="from">The rest of the directory; at least <see cref="FixedLength"/> bytes.</param>
    public static ZipEntry Read(ReadOnlySpan<byte> from, string subject)
    {
        if (BinaryPrimitives.ReadUInt32LittleEndian(from) != 0x02014b50)
            throw new CheckpointInvalidException(subject, "its zip directory is damaged.");
        var (name, extra, comment) = (
            BinaryPrimitives.ReadUInt16LittleEndian(from[28..]), BinaryPrimitives.ReadUInt16LittleEndian(from[30..]),
            BinaryPrimitives.ReadUInt16LittleEndian(from[32..]));
        if (FixedLength + name + extra + comment > from.Length)
            throw new CheckpointInvalidException(subject, "its zip directory is cut short.");
        long stored = BinaryPrimitives.ReadUInt32LittleEndian(
            from[20..]), size = BinaryPrimitives.ReadUInt32LittleEndian(from[24..]), header = BinaryPrimitives.ReadUInt32LittleEndian(from[42..]);
        // Numbers that need eight bytes stand in a field of their own, in this order, those that need them.
        var wide = WideNumbers(from.Slice(FixedLength + name, extra));
        Take(ref size, ref wide);
        Take(ref stored, ref wide);
        Take(ref header, ref wide);
        return new ZipEntry
        {
            Name = from.Slice(FixedLength, name),
            Length = FixedLength + name + extra + comment,
            IsEncrypted = (BinaryPrimitives.ReadUInt16LittleEndian(from[8..]) & 1) != 0,
            Method = BinaryPrimitives.ReadUInt16LittleEndian(from[10..]),
            Crc = BinaryPrimitives.ReadUInt32LittleEndian(from[16..]),
            StoredSize = stored,
            Size = size,
            HeaderAt = header,
        };
    }

    private static void Take(ref long number, ref ReadOnlySpan<byte> wide)
    {
        if (number != Wide || wide.Length < sizeof(long))
            return;
        number = BinaryPrimitives.ReadInt64LittleEndian(wide) is >= 0 and var value ? value : long.MaxValue;
        wide = wide[sizeof(long)..];
    }

    private static ReadOnlySpan<byte> WideNumbers(ReadOnlySpan<byte> extra)
    {
        while (extra.Length >= 4)
        {
            var length = BinaryPrimitives.ReadUInt16LittleEndian(extra[2..]);
            if (length > extra.Length - 4)
                return [];
            if (BinaryPrimitives.ReadUInt16LittleEndian(extra) == 1)
                return extra.Slice(4, length);
            extra = extra[(4 + length)..];
        }
        return [];
    }
}
