using System.Buffers.Binary;
using ChangeDetection.Imaging.Pixels;

namespace ChangeDetection.Imaging.Tiff;

/// <summary>The entries of a TIFF directory: tag, and its first value.</summary>
internal readonly ref struct TiffDirectory
{
    private readonly ReadOnlySpan<byte> _file;
    private readonly bool _little, _big;
    private readonly int _entries;

    private TiffDirectory(ReadOnlySpan<byte> file, bool little, bool big, int entries, int count)
    {
        _file = file;
        (_little, _big, _entries, Count) = (little, big, entries, count);
    }

    public int Count { get; }

    public bool IsBig => _big;

    /// <summary>Bytes before the first entry: the number of entries.</summary>
    public int HeadLength => _big ? 8 : 2;

    /// <summary>The directory as it stands in the file, with the number of entries.</summary>
    public ReadOnlySpan<byte> Span => _file.Slice(_entries - HeadLength, HeadLength + Count * (_big ? 20 : 12));

    public static TiffDirectory First(ReadOnlySpan<byte> file, string name)
    {
        if (file.Length < 16)
            throw ImageException.Truncated(name, "the TIFF ends within its header");
        var little = file[0] == (byte)'I';
        var big = (little ? file[2] : file[3]) == 43;
        var probe = new TiffDirectory(file, little, big, 0, 0);
        var at = big ? probe.UInt64(8) : probe.UInt32(4);
        var head = big ? 8 : 2;
        if (at < 8 || at > (ulong)(file.Length - head))
            throw ImageException.Truncated(name, $"the TIFF's directory is at byte {at:N0}, the file ends at {file.Length:N0}");
        var count = big ? probe.UInt64((int)at) : probe.UInt16((int)at);
        if (count == 0 || count > (ulong)(file.Length - (int)at - head) / (big ? 20u : 12u))
            throw ImageException.Truncated(name, $"the TIFF ends within its directory of {count:N0} entries");
        return new TiffDirectory(file, little, big, (int)at + head, (int)count);
    }

    /// <summary>A tag and its first value; 0 for a value that is no unsigned integer or lies outside the file.</summary>
    public (int Tag, long Value) Entry(int index)
    {
        var at = _entries + index * (_big ? 20 : 12);
        var (tag, type) = (UInt16(at), UInt16(at + 2));
        var count = _big ? UInt64(at + 4) : UInt32(at + 4);
        var size = type switch { 1 => 1, 3 => 2, 4 => 4, 16 => 8, _ => 0 };
        ulong value = (ulong)(at + (_big ? 12 : 8));
        if (size == 0 || count == 0)
            return (tag, 0);
        if (count > (ulong)((_big ? 8 : 4) / size))
            value = _big ? UInt64((int)value) : UInt32((int)value);
        if (value > (ulong)(_file.Length - size))
            return (tag, 0);
        var first = size switch { 1 => _file[(int)value], 2 => UInt16((int)value), 4 => UInt32((int)value), _ => UInt64((int)value) };
        return (tag, (long)Math.Min(first, long.MaxValue));
    }

    /// <summary>Makes another place that of the first directory.</summary>
    public void WriteFirst(Span<byte> file, int at) => Write(file[(_big ? 8 : 4)..], (ulong)at, _big ? 8 : 4);

    /// <summary>Makes an entry one SHORT, in its own place.</summary>
    public void WriteShort(Span<byte> entry, ushort value)
    {
        Write(entry[2..], 3, 2);
        Write(entry[4..], 1, _big ? 8 : 4);
        entry[(_big ? 12 : 8)..].Clear();
        Write(entry[(_big ? 12 : 8)..], value, 2);
    }

    /// <summary>Makes an entry one that no reader knows. Its number keeps the entries in order: 338 is the only one that is asked for.</summary>
    public void WriteUnknown(Span<byte> entry)
    {
        WriteShort(entry, 0);
        Write(entry, 337, 2);
        entry[2..4].Clear();
        Write(entry[2..], 3, 2);
    }

    /// <summary>Makes an entry that lists something for each band the list of one band: that part of the same numbers.</summary>
    /// <returns>False where there is no equal part for each band, or the list lies outside the file.</returns>
    public bool TryWriteSlice(int index, Span<byte> entry, int band, int bands)
    {
        var at = _entries + index * (_big ? 20 : 12);
        var (type, pointer) = (UInt16(at + 2), _big ? 8 : 4);
        var count = _big ? UInt64(at + 4) : UInt32(at + 4);
        var size = type switch { 3 => 2, 4 => 4, 16 => 8, _ => 0 };
        var place = (ulong)(at + 4 + pointer);
        if (size == 0 || count == 0 || count % (ulong)bands != 0 || count > (ulong)(_file.Length / size))
            return false;
        if (count * (ulong)size > (ulong)pointer)
            place = _big ? UInt64((int)place) : UInt32((int)place);
        if (place > (ulong)_file.Length - count * (ulong)size)
            return false;
        var (part, first) = ((int)count / bands, (int)place + (int)count / bands * band * size);
        Write(entry[4..], (ulong)part, pointer);
        entry.Slice(4 + pointer, pointer).Clear();
        if (part * size > pointer)
            Write(entry[(4 + pointer)..], (ulong)first, pointer);
        else
            _file.Slice(first, part * size).CopyTo(entry[(4 + pointer)..]);
        return true;
    }

    private void Write(Span<byte> target, ulong value, int size)
    {
        for (var i = 0; i < size; i++)
            target[i] = (byte)(value >> 8 * (_little ? i : size - 1 - i));
    }

    private ushort UInt16(int at) => _little ? BinaryPrimitives.ReadUInt16LittleEndian(_file[at..]) : BinaryPrimitives.ReadUInt16BigEndian(_file[at..]);

    private uint UInt32(int at) => _little ? BinaryPrimitives.ReadUInt32LittleEndian(_file[at..]) : BinaryPrimitives.ReadUInt32BigEndian(_file[at..]);

    private ulong UInt64(int at) => _little ? BinaryPrimitives.ReadUInt64LittleEndian(_file[at..]) : BinaryPrimitives.ReadUInt64BigEndian(_file[at..]);
}
