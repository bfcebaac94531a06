using System.Buffers.Binary;

namespace ChangeDetection.Images;

/// <summary>
/// Shape of the first image of a TIFF or BigTIFF (TIFF 6.0, sections 2 and 8), read from its directory alone.
/// Tiles are bounded like the image: a decoder allocates a whole tile even where the image is one pixel.
/// </summary>
internal static class TiffHeader
{
    public static ImageShape Read(ReadOnlySpan<byte> file, ImageLimits limits, string name)
    {
        var directory = TiffDirectory.First(file, name);
        long width = 0, height = 0, bits = 1, samples = 1, photometric = -1, format = 1, tileWidth = 0, tileHeight = 0, extra = -1;
        for (var i = 0; i < directory.Count; i++)
        {
            var (tag, value) = directory.Entry(i);
            switch (tag)
            {
                case 256: width = value; break;
                case 257: height = value; break;
                case 258: bits = value; break;
                case 262: photometric = value; break;
                case 277: samples = value; break;
                case 322: tileWidth = value; break;
                case 323: tileHeight = value; break;
                case 338: extra = value; break;
                case 339: format = value; break;
            }
        }
        if (width is <= 0 or > int.MaxValue || height is <= 0 or > int.MaxValue || samples is <= 0 or > ushort.MaxValue)
            throw ImageException.Damaged(name, $"the TIFF directory declares {width}x{height}x{samples}");
        if (photometric is not (0 or 1 or 2 or 3 or 6))
            throw ImageException.Unsupported(name, $"a TIFF of photometric interpretation {photometric}");
        var type = (format, bits) switch
        {
            (1, 1 or 2 or 4 or 8) => PixelType.UInt8,
            (1, 16) => PixelType.UInt16,
            (3, 32) => PixelType.Float32,
            // Signed, wide and double values: no type of their own; 16-bit ones survive exactly, others to 24 bits.
            (1, 32) or (2, 8 or 16 or 32) or (3, 64) => PixelType.Float32,
            _ => throw ImageException.Unsupported(name, $"a TIFF of {bits} bits in sample format {format}"),
        };
        // A fourth band counts as alpha only where the file says so (1 or 2): near-infrared comes as "unspecified" (0).
        var alpha = extra is 1 or 2 && samples is 2 or 4 ? 1 : 0;
        var channels = photometric == 3 ? 3 : (int)samples - alpha;
        if (tileWidth > 0 && tileHeight > 0)
            limits.Check(new ImageShape(Clamp(tileWidth), Clamp(tileHeight), (int)samples, type), name + " (one tile)");
        return new ImageShape((int)width, (int)height, channels, photometric == 3 ? PixelType.UInt8 : type);
    }

    private static int Clamp(long value) => (int)Math.Min(value, int.MaxValue);
}

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

    private ushort UInt16(int at) => _little ? BinaryPrimitives.ReadUInt16LittleEndian(_file[at..]) : BinaryPrimitives.ReadUInt16BigEndian(_file[at..]);

    private uint UInt32(int at) => _little ? BinaryPrimitives.ReadUInt32LittleEndian(_file[at..]) : BinaryPrimitives.ReadUInt32BigEndian(_file[at..]);

    private ulong UInt64(int at) => _little ? BinaryPrimitives.ReadUInt64LittleEndian(_file[at..]) : BinaryPrimitives.ReadUInt64BigEndian(_file[at..]);
}
