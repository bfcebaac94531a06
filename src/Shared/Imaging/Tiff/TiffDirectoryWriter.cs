using System.Buffers.Binary;
using System.Text;

namespace ChangeDetection.Imaging.Tiff;

/// <summary>Gathers the entries of one TIFF or BigTIFF directory, and writes them with what they point to (TIFF 6.0, section 2). Little-endian.</summary>
internal sealed class TiffDirectoryWriter(bool isBig)
{
    private const int AsciiType = 2, ShortType = 3, LongType = 4, DoubleType = 12, Long8Type = 16;

    private readonly SortedDictionary<int, (int Type, int Count, byte[] Bytes)> _entries = [];

    public void Short(int tag, params ReadOnlySpan<ushort> values)
    {
        var bytes = new byte[2 * values.Length];
        for (var i = 0; i < values.Length; i++)
            BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(2 * i), values[i]);
        _entries[tag] = (ShortType, values.Length, bytes);
    }

    public void Long(int tag, uint value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        _entries[tag] = (LongType, 1, bytes);
    }

    /// <summary>Places or lengths in the file: as wide as the file's kind has them.</summary>
    public void Places(int tag, IReadOnlyList<long> values)
    {
        var size = isBig ? 8 : 4;
        var bytes = new byte[size * values.Count];
        for (var i = 0; i < values.Count; i++)
            Place(bytes.AsSpan(size * i), values[i]);
        _entries[tag] = (isBig ? Long8Type : LongType, values.Count, bytes);
    }

    public void Doubles(int tag, IReadOnlyList<double> values)
    {
        if (values.Count == 0)
            return;
        var bytes = new byte[8 * values.Count];
        for (var i = 0; i < values.Count; i++)
            BinaryPrimitives.WriteDoubleLittleEndian(bytes.AsSpan(8 * i), values[i]);
        _entries[tag] = (DoubleType, values.Count, bytes);
    }

    public void Ascii(int tag, string text)
    {
        if (text.Length > 0)
            _entries[tag] = (AsciiType, text.Length + 1, [.. Encoding.Latin1.GetBytes(text), 0]);
    }

    /// <summary>Writes the directory at the stream's end.</summary>
    /// <returns>Where it is, and where the place of the next one goes.</returns>
    public (long Place, long NextPlace) Write(Stream stream)
    {
        var (head, entry, pointer) = isBig ? (8, 20, 8) : (2, 12, 4);
        var place = Align(stream);
        var directory = new byte[head + entry * _entries.Count + pointer];
        if (isBig)
            BinaryPrimitives.WriteInt64LittleEndian(directory, _entries.Count);
        else
            BinaryPrimitives.WriteUInt16LittleEndian(directory, (ushort)_entries.Count);
        var behind = place + directory.Length;
        var at = head;
        foreach (var (tag, (type, count, bytes)) in _entries)
        {
            var raw = directory.AsSpan(at, entry);
            BinaryPrimitives.WriteUInt16LittleEndian(raw, (ushort)tag);
            BinaryPrimitives.WriteUInt16LittleEndian(raw[2..], (ushort)type);
            Place(raw[4..], count);
            if (bytes.Length <= pointer)
            {
                bytes.CopyTo(raw[(4 + pointer)..]);
            }
            else
            {
                Place(raw[(4 + pointer)..], behind);
                behind += bytes.Length + (bytes.Length & 1);
            }
            at += entry;
        }
        stream.Write(directory);
        foreach (var (_, (_, _, bytes)) in _entries.Where(one => one.Value.Bytes.Length > pointer))
        {
            stream.Write(bytes);
            Align(stream);
        }
        return (place, place + directory.Length - pointer);
    }

    private static long Align(Stream stream)
    {
        if ((stream.Position & 1) != 0)
            stream.WriteByte(0);
        return stream.Position;
    }

    private void Place(Span<byte> target, long value)
    {
        if (isBig)
            BinaryPrimitives.WriteInt64LittleEndian(target, value);
        else
            BinaryPrimitives.WriteUInt32LittleEndian(target, checked((uint)value));
    }
}
