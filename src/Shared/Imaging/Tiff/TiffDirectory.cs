using System.Text;
using ChangeDetection.Imaging.Pixels;
using Microsoft.Win32.SafeHandles;

namespace ChangeDetection.Imaging.Tiff;

/// <summary>
/// The first directory of a TIFF or BigTIFF (TIFF 6.0, section 2), in memory or on disk. What an entry claims is checked against the file's length
/// before anything is allocated for it. A file in memory costs no allocation as long as single numbers are read.
/// </summary>
internal readonly ref struct TiffDirectory
{
    private const int MaxEntries = 1024;
    private const int MaxDirectories = 4096;

    private readonly TiffSource _source;
    private readonly ReadOnlySpan<byte> _entries;
    private readonly ulong _next;

    private TiffDirectory(TiffSource source)
        : this(source, LayoutOf(source.Slice(0, 16)))
    {
    }

    private TiffDirectory(TiffSource source, TiffLayout layout)
        : this(source, layout, layout.IsBig ? layout.UInt64(source.Slice(8, 8)) : layout.UInt32(source.Slice(4, 4)))
    {
    }

    private TiffDirectory(TiffSource source, TiffLayout layout, ulong place)
    {
        _source = source;
        (Layout, Place) = (layout, place);
        var (count, start) = CountAt(Place);
        _entries = source.Slice(start, count * Layout.EntryBytes);
        _next = NextBehind(start, count);
    }

    public TiffLayout Layout { get; }

    /// <summary>Where the directory begins, with the number of its entries.</summary>
    public ulong Place { get; }

    public int Count => _entries.Length / Layout.EntryBytes;

    /// <summary>Of the file, in bytes.</summary>
    public long Length => _source.Length;

    /// <summary>The directory's own bytes, the number of entries first.</summary>
    public ReadOnlySpan<byte> Bytes => _source.Slice((long)Place, Layout.HeadBytes + _entries.Length);

    /// <exception cref="ImageException">The directory is damaged or absurd.</exception>
    public static TiffDirectory First(ReadOnlySpan<byte> file, string name) => new(new TiffSource(file, name));

    /// <inheritdoc cref="First(ReadOnlySpan{byte}, string)"/>
    public static TiffDirectory First(SafeFileHandle file, string name) => new(new TiffSource(file, name));

    /// <summary>The directory behind this one. <see cref="RequireSound"/> has shown that their list has an end.</summary>
    /// <exception cref="ImageException">It is damaged or absurd.</exception>
    public bool TryNext(out TiffDirectory next)
    {
        next = _next == 0 ? default : new TiffDirectory(_source, Layout, _next);
        return _next != 0;
    }

    public bool Has(int tag) => TryFind(tag, out _);

    /// <summary>A number of a tag, the first one by default; another number where the tag is not there.</summary>
    public long Number(int tag, long otherwise, int index = 0)
    {
        if (!TryFind(tag, out var entry))
            return otherwise;
        var size = entry.ValueBytes;
        return Whole(entry, _source.Slice(entry.Place + (long)index * size, size));
    }

    /// <summary>The last number of a tag; another where the tag is not there.</summary>
    public long Last(int tag, long otherwise) => TryFind(tag, out var entry) && entry.Count <= TiffFormat.MaxBands
        ? Number(tag, otherwise, (int)entry.Count - 1) : otherwise;

    /// <summary>The number that a tag lists once for each band, or once for all.</summary>
    /// <exception cref="ImageException">The bands differ.</exception>
    public long OneForAll(int tag, long otherwise)
    {
        if (!TryFind(tag, out var entry))
            return otherwise;
        if (entry.Count > TiffFormat.MaxBands)
            throw Absurd($"{TiffTag.Name(tag)} lists {entry.Count:N0} values; {TiffFormat.MaxBands:N0} would do");
        var first = Number(tag, otherwise);
        for (var index = 1; index < entry.Count; index++)
        {
            if (Number(tag, otherwise, index) != first)
                throw Absurd($"{TiffTag.Name(tag)} differs from band to band");
        }
        return first;
    }

    /// <summary>All numbers of a tag of whole numbers; none where it is not there.</summary>
    public long[] Numbers(int tag, long most)
    {
        if (!TryFind(tag, out var entry))
            return [];
        if (entry.Count > most)
            throw Absurd($"{TiffTag.Name(tag)} lists {entry.Count:N0} values; {most:N0} would do");
        var bytes = _source.Slice(entry.Place, checked((int)entry.Bytes));
        var numbers = new long[entry.Count];
        for (var i = 0; i < numbers.Length; i++)
            numbers[i] = Whole(entry, bytes[(i * entry.ValueBytes)..]);
        return numbers;
    }

    /// <summary>The bytes of a tag, whatever its type; none where it is not there.</summary>
    public ReadOnlySpan<byte> Raw(int tag, int most)
    {
        if (!TryFind(tag, out var entry))
            return [];
        if (entry.Bytes > most)
            throw Absurd($"{TiffTag.Name(tag)} lists {entry.Bytes:N0} bytes; {most:N0} would do");
        return _source.Slice(entry.Place, (int)entry.Bytes);
    }

    public double[] Doubles(int tag, int most)
    {
        if (!TryFind(tag, out var entry))
            return [];
        if (entry.Type != TiffEntry.Double || entry.Count > most)
            throw Absurd($"{TiffTag.Name(tag)} holds {entry.Count:N0} values of type {entry.Type}; at most {most:N0} of type DOUBLE are read");
        var bytes = _source.Slice(entry.Place, (int)entry.Bytes);
        var values = new double[entry.Count];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = BitConverter.UInt64BitsToDouble(Layout.UInt64(bytes[(i * 8)..]));
            if (!double.IsFinite(values[i]))
                throw Absurd($"{TiffTag.Name(tag)} holds a value that is not finite");
        }
        return values;
    }

    public string Ascii(int tag, int most)
    {
        if (!TryFind(tag, out var entry))
            return "";
        if (entry.Type != TiffEntry.Ascii || entry.Count > most)
            throw Absurd($"{TiffTag.Name(tag)} is {entry.Count:N0} values of type {entry.Type}; a text of at most {most:N0} characters is read");
        return Encoding.Latin1.GetString(_source.Slice(entry.Place, (int)entry.Bytes)).TrimEnd('\0');
    }

    public ImageException Absurd(string what) => ImageException.Damaged(_source.Name, $"the TIFF's {what}");

    /// <summary>An entry as it stands in the directory, not yet checked.</summary>
    public TiffEntry Entry(int index)
    {
        var at = index * Layout.EntryBytes;
        return TiffEntry.Read(_entries.Slice(at, Layout.EntryBytes), Layout, (long)Place + Layout.HeadBytes + at);
    }

    /// <summary>
    /// For a decoder that reads all tables and follows all directories: every table lies in the file, together they are bounded, and the list of
    /// directories has an end.
    /// </summary>
    /// <exception cref="ImageException">It is not so.</exception>
    public void RequireSound()
    {
        long tables = 0;
        for (var i = 0; i < Count; i++)
        {
            var entry = Entry(i);
            if (entry.ValueBytes == 0)
                continue;
            RequireInFile(entry);
            tables += entry.Bytes;
            if (tables > RasterLimits.MaxTableBytes)
                throw TablesTooLarge(entry.Tag);
        }
        RequireAnEnd();
    }

    private static TiffLayout LayoutOf(ReadOnlySpan<byte> head) => new(IsLittleEndian: head[0] == (byte)'I', IsBig: head[2] + head[3] == 43);

    /// <summary>The last entry of a tag, as decoders have it, if there is one with values. It lies in the file.</summary>
    private bool TryFind(int tag, out TiffEntry entry)
    {
        for (var i = Count - 1; i >= 0; i--)
        {
            if (Layout.UInt16(_entries[(i * Layout.EntryBytes)..]) != tag)
                continue;
            entry = Entry(i);
            if (entry.ValueBytes == 0 || entry.Count == 0)
                continue;
            RequireInFile(entry);
            return true;
        }
        entry = default;
        return false;
    }

    private void RequireInFile(TiffEntry entry)
    {
        // Before it is multiplied: a count of 2^61 is an attack, not a table.
        if (entry.Count < 0 || entry.Count > Length)
            throw Absurd($"{TiffTag.Name(entry.Tag)} claims {(ulong)entry.Count:N0} values, in a file of {Length:N0} bytes");
        if (entry.Bytes > RasterLimits.MaxTableBytes)
            throw TablesTooLarge(entry.Tag);
        if (entry.Place < 0 || entry.Place > Length - entry.Bytes)
        {
            var end = (Int128)(ulong)entry.Place + entry.Bytes;
            throw ImageException.Truncated(_source.Name, $"the TIFF's {TiffTag.Name(entry.Tag)} ends at byte {end:N0}, the file at {Length:N0}");
        }
    }

    private ImageException TablesTooLarge(int tag) => new(
        _source.Name, ImageFault.TooLarge,
        $"too large: the tables in the TIFF's directory take more than {RasterLimits.MaxTableBytes:N0} bytes with {TiffTag.Name(tag)}",
        "Write the file anew with tiles, for example by gdal_translate -co TILED=YES.");

    private long Whole(TiffEntry entry, ReadOnlySpan<byte> at) => entry.Type switch
    {
        1 => at[0],
        TiffEntry.Short => Layout.UInt16(at),
        4 or 13 => (long)Layout.UInt32(at),
        16 or 18 when Layout.UInt64(at) <= long.MaxValue => (long)Layout.UInt64(at),
        _ => throw Absurd($"{TiffTag.Name(entry.Tag)} is of type {entry.Type}, or above all bounds"),
    };

    /// <summary>Directories are a list; one that comes back to itself makes readers walk for ever.</summary>
    private void RequireAnEnd()
    {
        var seen = new HashSet<ulong> { Place };
        for (var next = _next; next != 0;)
        {
            if (!seen.Add(next))
                throw Absurd($"directories form a circle through byte {next:N0}");
            if (seen.Count > MaxDirectories)
                throw Absurd($"list of directories has more than {MaxDirectories} of them");
            var (count, start) = CountAt(next);
            next = NextBehind(start, count);
        }
    }

    private ulong NextBehind(long start, int count)
    {
        var at = start + (long)count * Layout.EntryBytes;
        return Layout.IsBig ? Layout.UInt64(_source.Slice(at, 8)) : Layout.UInt32(_source.Slice(at, 4));
    }

    private (int Count, long Start) CountAt(ulong at)
    {
        if (at < 8 || at > (ulong)Math.Max(0, Length - Layout.HeadBytes))
            throw ImageException.Truncated(_source.Name, $"a TIFF directory is at byte {at:N0}, the file ends at {Length:N0}");
        var head = _source.Slice((long)at, Layout.HeadBytes);
        var count = Layout.IsBig ? Layout.UInt64(head) : Layout.UInt16(head);
        if (count is 0 or > MaxEntries)
            throw Absurd($"directory at byte {at:N0} has {count:N0} entries");
        return ((int)count, (long)at + Layout.HeadBytes);
    }
}
