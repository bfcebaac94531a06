using System.Buffers.Binary;
using System.Text;

namespace ChangeDetection.TestKit.Images;

/// <summary>
/// A TIFF of any values, written byte by byte as TIFF 6.0 says, with what GDAL adds. <see cref="TiffKind"/> writes the kinds of images that are decoded
/// whole; this one takes its values from the caller, of up to 64 bits, and may have directories behind the first: an internal mask.
/// </summary>
public sealed record TiffImage(int Width, int Height, int Samples, int Bits)
{
    /// <summary>Bit patterns, [height, width, samples].</summary>
    public required ulong[] Values { get; init; }
    /// <summary>1 unsigned, 2 signed, 3 float.</summary>
    public int Format { get; init; } = 1;
    public int Photometric { get; init; } = 1;
    public bool BigEndian { get; init; }
    public bool Planar { get; init; }
    /// <summary>Tiles of 16x16; else strips.</summary>
    public bool Tiled { get; init; }
    public int RowsPerStrip { get; init; } = 5;
    public bool Deflated { get; init; }
    /// <summary>The kind of each extra sample; 2 is alpha.</summary>
    public int[] Extra { get; init; } = [];
    public string? NoData { get; init; }
    /// <summary>2: the values are differences along each row, as the caller has made them.</summary>
    public int Predictor { get; init; } = 1;
    public int[]? ColorMap { get; init; }
    /// <summary>4 for a mask, 1 for a reduced image, 5 for a mask of one.</summary>
    public int SubfileType { get; init; }
    /// <summary>The next directory.</summary>
    public TiffImage? Next { get; init; }

    private const int Tile = 16;

    public byte[] Write()
    {
        var file = new List<byte>(BigEndian ? "MM\0*"u8.ToArray() : "II*\0"u8.ToArray());
        Put(file, 8, 4);
        for (var image = this; image is not null; image = image.Next)
            (image with { BigEndian = BigEndian }).Append(file, isLast: image.Next is null);
        return [.. file];
    }

    private void Append(List<byte> file, bool isLast)
    {
        var blocks = Blocks().Select(block => Deflated ? PngWriter.Deflate(block) : block).ToList();
        var tags = new SortedDictionary<int, (int Type, long[] Values)>
        {
            [254] = (4, [SubfileType]), [256] = (3, [Width]), [257] = (3, [Height]), [258] = (3, [.. Enumerable.Repeat((long)Bits, Samples)]),
            [259] = (3, [Deflated ? 8 : 1]), [262] = (3, [Photometric]), [277] = (3, [Samples]), [284] = (3, [Planar ? 2 : 1]),
            [339] = (3, [.. Enumerable.Repeat((long)Format, Samples)]),
            [Tiled ? 324 : 273] = (4, new long[blocks.Count]), [Tiled ? 325 : 279] = (4, [.. blocks.Select(block => (long)block.Length)]),
        };
        if (Tiled)
            (tags[322], tags[323]) = ((3, [Tile]), (3, [Tile]));
        else
            tags[278] = (3, [RowsPerStrip]);
        if (Extra.Length > 0)
            tags[338] = (3, [.. Extra.Select(kind => (long)kind)]);
        if (ColorMap is not null)
            tags[320] = (3, [.. ColorMap.Select(value => (long)value)]);
        if (Predictor > 1)
            tags[317] = (3, [Predictor]);
        if (NoData is not null)
            tags[42113] = (2, [.. Encoding.ASCII.GetBytes(NoData + '\0').Select(letter => (long)letter)]);
        var behind = file.Count + 2 + 12 * tags.Count + 4;
        var at = behind + tags.Values.Sum(tag => Size(tag) > 4 ? Size(tag) : 0);
        var offsets = tags[Tiled ? 324 : 273].Values;
        for (var i = 0; i < blocks.Count; at += blocks[i++].Length)
            offsets[i] = at;
        var tables = new List<byte>();
        Put(file, (ulong)tags.Count, 2);
        foreach (var (tag, content) in tags)
        {
            Put(file, (ulong)tag, 2);
            Put(file, (ulong)content.Type, 2);
            Put(file, (ulong)content.Values.Length, 4);
            var isFar = Size(content) > 4;
            if (isFar)
                Put(file, (ulong)(behind + tables.Count), 4);
            foreach (var value in content.Values)
                Put(isFar ? tables : file, (ulong)value, Size(content.Type));
            for (var left = Size(content); left < 4; left++)
                file.Add(0);
        }
        Put(file, isLast ? 0 : (ulong)at, 4);
        file.AddRange(tables);
        foreach (var block in blocks)
            file.AddRange(block);
    }

    private IEnumerable<byte[]> Blocks()
    {
        var (width, height) = Tiled ? (Tile, Tile) : (Width, RowsPerStrip);
        for (var plane = 0; plane < (Planar ? Samples : 1); plane++)
            for (var top = 0; top < Height; top += height)
                for (var left = 0; left < Width; left += width)
                    yield return Block(left, top, width, Tiled ? Tile : Math.Min(RowsPerStrip, Height - top), plane, Planar ? 1 : Samples);
    }

    private byte[] Block(int left, int top, int width, int height, int first, int count)
    {
        var bytes = new List<byte>();
        for (var y = top; y < top + height; y++)
        {
            var (packed, filled) = (0, 0);
            for (var i = 0; i < width * count; i++)
            {
                var x = left + i / count;
                var value = x < Width && y < Height ? Values[(y * Width + x) * Samples + first + i % count] : 0;
                if (Bits >= 8)
                {
                    Put(bytes, value, Bits / 8);
                    continue;
                }
                (packed, filled) = (packed << Bits | (int)value, filled + Bits);
                if (filled == 8)
                {
                    bytes.Add((byte)packed);
                    (packed, filled) = (0, 0);
                }
            }
            if (filled > 0)
                bytes.Add((byte)(packed << 8 - filled));
        }
        return [.. bytes];
    }

    private static int Size(int type) => type switch { 2 => 1, 3 => 2, _ => 4 };

    private static int Size((int Type, long[] Values) tag) => tag.Values.Length * Size(tag.Type);

    private void Put(List<byte> target, ulong value, int size)
    {
        Span<byte> word = stackalloc byte[8];
        if (BigEndian)
            BinaryPrimitives.WriteUInt64BigEndian(word, value << 64 - 8 * size);
        else
            BinaryPrimitives.WriteUInt64LittleEndian(word, value);
        target.AddRange(word[..size]);
    }
}
