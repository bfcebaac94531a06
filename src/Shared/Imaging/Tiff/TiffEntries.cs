using System.Buffers.Binary;
using System.Text;
using ChangeDetection.Imaging.Pixels;
using Microsoft.Win32.SafeHandles;

namespace ChangeDetection.Imaging.Tiff;

/// <summary>
/// The first directory of a TIFF or BigTIFF file on disk (TIFF 6.0, section 2). Everything in it is checked against the file's length and against
/// <see cref="RasterLimits.MaxTableBytes"/> before a decoder sees the file: what a header says costs nothing until it is known to be there.
/// </summary>
internal sealed class TiffEntries
{
    private const int MaxEntries = 1024;
    private const int MaxDirectories = 4096;
    /// <summary>
    /// Bytes per value by type: BYTE, ASCII, SHORT, LONG, RATIONAL, SBYTE, UNDEFINED, SSHORT, SLONG, SRATIONAL, FLOAT, DOUBLE, IFD, –, –, LONG8,
    /// SLONG8, IFD8.
    /// </summary>
    private static readonly int[] s_sizes = [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 0, 0, 8, 8, 8];

    private readonly SafeFileHandle _file;
    private readonly string _name;
    private readonly bool _little, _big;
    private readonly Dictionary<int, Entry> _entries = [];

    /// <exception cref="ImageException">The directory is damaged or absurd.</exception>
    public TiffEntries(SafeFileHandle file, string name)
    {
        (_file, _name, Length) = (file, name, RandomAccess.GetLength(file));
        Span<byte> head = stackalloc byte[16];
        Read(0, head);
        _little = head[0] == (byte)'I';
        _big = UInt16(head[2..]) == 43;
        var first = _big ? UInt64(head[8..]) : UInt32(head[4..]);
        var next = ReadDirectory(first);
        RequireAnEnd(first, next);
    }

    public long Length { get; }

    public bool Has(int tag) => _entries.ContainsKey(tag);

    /// <summary>The first number of a tag; the default where the tag is not there.</summary>
    public long Number(int tag, long otherwise) => _entries.ContainsKey(tag) ? Numbers(tag, long.MaxValue)[0] : otherwise;

    /// <summary>All numbers of a tag of whole numbers; none where it is not there.</summary>
    public long[] Numbers(int tag, long most)
    {
        if (!_entries.TryGetValue(tag, out var entry))
            return [];
        if (entry.Count > most)
            throw Absurd($"{TiffTag.Name(tag)} lists {entry.Count:N0} values; {most:N0} would do");
        var bytes = Bytes(entry);
        var size = s_sizes[entry.Type];
        var numbers = new long[entry.Count];
        for (var i = 0; i < numbers.Length; i++)
        {
            var at = bytes.AsSpan(i * size);
            numbers[i] = entry.Type switch
            {
                1 => at[0],
                3 => UInt16(at),
                4 or 13 => (long)UInt32(at),
                16 or 18 when UInt64(at) <= long.MaxValue => (long)UInt64(at),
                _ => throw Absurd($"{TiffTag.Name(tag)} is of type {entry.Type}, or above all bounds"),
            };
        }
        return numbers;
    }

    public double[] Doubles(int tag, int most)
    {
        if (!_entries.TryGetValue(tag, out var entry))
            return [];
        if (entry.Type != 12 || entry.Count > most)
            throw Absurd($"{TiffTag.Name(tag)} holds {entry.Count:N0} values of type {entry.Type}; at most {most:N0} of type DOUBLE are read");
        var bytes = Bytes(entry);
        var values = new double[entry.Count];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = BitConverter.UInt64BitsToDouble(UInt64(bytes.AsSpan(i * 8)));
            if (!double.IsFinite(values[i]))
                throw Absurd($"{TiffTag.Name(tag)} holds a value that is not finite");
        }
        return values;
    }

    public string Ascii(int tag, int most)
    {
        if (!_entries.TryGetValue(tag, out var entry))
            return "";
        if (entry.Type != 2 || entry.Count > most)
            throw Absurd($"{TiffTag.Name(tag)} is {entry.Count:N0} values of type {entry.Type}; a text of at most {most:N0} characters is read");
        return Encoding.Latin1.GetString(Bytes(entry)).TrimEnd('\0');
    }

    public ImageException Absurd(string what) => ImageException.Damaged(_name, $"the TIFF's {what}");

    private ulong ReadDirectory(ulong at)
    {
        var (count, start) = CountAt(at);
        var size = _big ? 20 : 12;
        var bytes = new byte[(int)count * size + (_big ? 8 : 4)];
        Read(start, bytes);
        long tables = 0;
        for (var i = 0; i < (int)count; i++)
        {
            var raw = bytes.AsSpan(i * size, size);
            var (tag, type) = (UInt16(raw), UInt16(raw[2..]));
            var values = _big ? UInt64(raw[4..]) : UInt32(raw[4..]);
            var each = type < s_sizes.Length ? s_sizes[type] : 0;
            if (each == 0)
                continue;
            // Before it is multiplied: a count of 2^61 is an attack, not a table.
            if (values > (ulong)Length)
                throw Absurd($"{TiffTag.Name(tag)} claims {values:N0} values, in a file of {Length:N0} bytes");
            var length = (long)values * each;
            tables += length;
            if (length > RasterLimits.MaxTableBytes || tables > RasterLimits.MaxTableBytes)
                throw new ImageException(
                    _name, ImageFault.TooLarge,
                    $"too large: the tables in the TIFF's directory take more than {RasterLimits.MaxTableBytes:N0} bytes with {TiffTag.Name(tag)}",
                    "Write the file anew with tiles, for example by gdal_translate -co TILED=YES.");
            var place = start + i * size + (_big ? 12 : 8);
            if (length > (_big ? 8 : 4))
                place = (long)Math.Min(_big ? UInt64(raw[12..]) : UInt32(raw[8..]), long.MaxValue);
            if (place > Length - length)
                throw ImageException.Truncated(_name, $"the TIFF's {TiffTag.Name(tag)} ends at byte {(Int128)place + length:N0}, the file at {Length:N0}");
            if (values > 0)
                _entries[tag] = new Entry(type, (long)values, place);
        }
        return _big ? UInt64(bytes.AsSpan((int)count * size)) : UInt32(bytes.AsSpan((int)count * size));
    }

    /// <summary>Directories are a list; one that comes back to itself makes readers walk for ever.</summary>
    private void RequireAnEnd(ulong first, ulong next)
    {
        var seen = new HashSet<ulong> { first };
        Span<byte> link = stackalloc byte[_big ? 8 : 4];
        while (next != 0)
        {
            if (!seen.Add(next))
                throw Absurd($"directories form a circle through byte {next:N0}");
            if (seen.Count > MaxDirectories)
                throw Absurd($"list of directories has more than {MaxDirectories} of them");
            var (count, start) = CountAt(next);
            Read(start + (long)count * (_big ? 20 : 12), link);
            next = _big ? UInt64(link) : UInt32(link);
        }
    }

    private (ulong Count, long Start) CountAt(ulong at)
    {
        var head = _big ? 8 : 2;
        if (at < 8 || at > (ulong)Math.Max(0, Length - head))
            throw ImageException.Truncated(_name, $"a TIFF directory is at byte {at:N0}, the file ends at {Length:N0}");
        Span<byte> bytes = stackalloc byte[head];
        Read((long)at, bytes);
        var count = _big ? UInt64(bytes) : UInt16(bytes);
        if (count is 0 or > MaxEntries)
            throw Absurd($"directory at byte {at:N0} has {count:N0} entries");
        return (count, (long)at + head);
    }

    private byte[] Bytes(Entry entry)
    {
        var bytes = new byte[entry.Count * s_sizes[entry.Type]];
        Read(entry.Place, bytes);
        return bytes;
    }

    private void Read(long at, Span<byte> target)
    {
        while (!target.IsEmpty)
        {
            var read = at < Length ? RandomAccess.Read(_file, target, at) : 0;
            if (read == 0)
                throw ImageException.Truncated(_name, $"the TIFF is needed up to byte {at + target.Length:N0} and ends at {Length:N0}");
            at += read;
            target = target[read..];
        }
    }

    private ushort UInt16(ReadOnlySpan<byte> at) => _little ? BinaryPrimitives.ReadUInt16LittleEndian(at) : BinaryPrimitives.ReadUInt16BigEndian(at);
    private ulong UInt32(ReadOnlySpan<byte> at) => _little ? BinaryPrimitives.ReadUInt32LittleEndian(at) : BinaryPrimitives.ReadUInt32BigEndian(at);
    private ulong UInt64(ReadOnlySpan<byte> at) => _little ? BinaryPrimitives.ReadUInt64LittleEndian(at) : BinaryPrimitives.ReadUInt64BigEndian(at);

    private readonly record struct Entry(int Type, long Count, long Place);
}
