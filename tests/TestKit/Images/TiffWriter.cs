using System.Buffers.Binary;

namespace ChangeDetection.TestKit.Images;

/// <summary>
/// A kind of TIFF, and how to write one byte by byte as the specification says (TIFF 6.0), with no library that might share a decoder's mistake.
/// </summary>
/// <param name="Bits">Per value: 1, 4, 8, 16, 32 or 64.</param>
/// <param name="Format">1 unsigned, 2 signed, 3 float.</param>
/// <param name="Photometric">0 white is 0, 1 black is 0, 2 RGB, 3 palette, 5 CMYK.</param>
/// <param name="Extra">What the last sample is: 0 unspecified, 1 or 2 alpha; -1 for none.</param>
internal sealed record TiffKind(
    string Name, int Bits, int Samples, int Format = 1, int Photometric = 1, bool BigEndian = false,
    bool Planar = false, bool Tiled = false, int Extra = -1, int Orientation = 1)
{
    public const int Width = 19, Height = 13;
    private const int Tile = 16;

    /// <summary>The value of a sample, whatever the kind: counts up, with both signs where there are any.</summary>
    public long Value(int x, int y, int c) => Format == 2 ? (y * Width + x) * (c + 1) % 200 - 100 : (y * Width + x + 37 * c) % (1L << Math.Min(Bits, 13));

    public byte[] Write()
    {
        var file = new List<byte>(BigEndian ? [(byte)'M', (byte)'M', 0, 42, 0, 0, 0, 8] : [(byte)'I', (byte)'I', 42, 0, 8, 0, 0, 0]);
        var chunks = Chunks().ToList();
        var tags = new SortedDictionary<int, (int Type, long[] Values)>
        {
            [256] = (3, [Width]), [257] = (3, [Height]), [258] = (3, [.. Enumerable.Repeat((long)Bits, Samples)]), [259] = (3, [1]), [262] = (3, [Photometric]),
            [274] = (3, [Orientation]), [277] = (3, [Samples]), [284] = (3, [Planar ? 2 : 1]), [339] = (3, [.. Enumerable.Repeat((long)Format, Samples)]),
            [Tiled ? 324 : 273] = (4, new long[chunks.Count]), [Tiled ? 325 : 279] = (4, [.. chunks.Select(chunk => (long)chunk.Length)]),
        };
        if (Tiled)
            (tags[322], tags[323]) = ((3, [Tile]), (3, [Tile]));
        else
            tags[278] = (3, [Height / 2 + 1]);
        if (Extra >= 0)
            tags[338] = (3, [Extra]);
        if (Photometric == 3)
            tags[320] = (3, [.. Enumerable.Range(0, 3 << Bits).Select(at => Color(at & (1 << Bits) - 1, at >> Bits) * 257L)]);
        var data = 8 + 2 + 12 * tags.Count + 4;
        var after = data + tags.Values.Sum(tag => Size(tag) > 4 ? Size(tag) : 0);
        var offsets = tags[Tiled ? 324 : 273].Values;
        for (var at = 0; at < chunks.Count; after += chunks[at++].Length)
            offsets[at] = after;
        Put(file, tags.Count, 2);
        var behind = new List<byte>();
        foreach (var (tag, content) in tags)
        {
            Put(file, tag, 2);
            Put(file, content.Type, 2);
            Put(file, content.Values.Length, 4);
            var target = Size(content) > 4 ? behind : file;
            if (Size(content) > 4)
                Put(file, data + behind.Count, 4);
            foreach (var value in content.Values)
                Put(target, value, content.Type == 3 ? 2 : 4);
            for (var left = Size(content); left < 4; left++)
                file.Add(0);
        }
        Put(file, 0, 4);
        return [.. file, .. behind, .. chunks.SelectMany(chunk => chunk)];
    }

    public override string ToString() => Name;

    /// <summary>A colour of the palette.</summary>
    public static byte Color(int index, int channel) => (byte)(index * 5 + 60 * channel);

    private IEnumerable<byte[]> Chunks()
    {
        var planes = Planar ? Enumerable.Range(0, Samples).Select(plane => (plane, 1)) : [(0, Samples)];
        foreach (var (first, count) in planes)
        {
            if (Tiled)
            {
                for (var top = 0; top < Height; top += Tile)
                    for (var left = 0; left < Width; left += Tile)
                        yield return Rows(left, top, Tile, Tile, first, count);
            }
            else
            {
                for (var top = 0; top < Height; top += Height / 2 + 1)
                    yield return Rows(0, top, Width, Math.Min(Height / 2 + 1, Height - top), first, count);
            }
        }
    }

    /// <summary>Rows of samples; what lies outside the image is 0, and every row begins at a byte.</summary>
    private byte[] Rows(int left, int top, int width, int height, int first, int count)
    {
        var bytes = new List<byte>();
        for (var y = top; y < top + height; y++)
        {
            var (packed, filled) = (0, 0);
            for (var x = left; x < left + width; x++)
            {
                for (var c = first; c < first + count; c++)
                {
                    var value = x < Width && y < Height ? Value(x, y, c) : 0;
                    if (Bits >= 8)
                        Put(bytes, Format == 3 ? Bits == 64 ? BitConverter.DoubleToInt64Bits(value / 8.0)
                            : BitConverter.SingleToInt32Bits(value / 8f) : value, Bits / 8);
                    else
                    {
                        packed = packed << Bits | (int)value;
                        filled += Bits;
                        if (filled == 8)
                        {
                            bytes.Add((byte)packed);
                            (packed, filled) = (0, 0);
                        }
                    }
                }
            }
            if (filled > 0)
                bytes.Add((byte)(packed << 8 - filled));
        }
        return [.. bytes];
    }

    private static int Size((int Type, long[] Values) tag) => tag.Values.Length * (tag.Type == 3 ? 2 : 4);

    private void Put(List<byte> target, long value, int size)
    {
        Span<byte> word = stackalloc byte[8];
        if (BigEndian)
            BinaryPrimitives.WriteInt64BigEndian(word, value << 64 - 8 * size);
        else
            BinaryPrimitives.WriteInt64LittleEndian(word, value);
        target.AddRange(word[..size]);
    }
}

internal static class TiffWriter
{
    public static IReadOnlyList<TiffKind> Kinds { get; } =
    [
        new("1 bit", 1, 1),
        new("1 bit, white is 0", 1, 1, Photometric: 0),
        new("4 bits", 4, 1),
        new("8 bits grey", 8, 1),
        new("8 bits grey, white is 0", 8, 1, Photometric: 0),
        new("8 bits RGB", 8, 3, Photometric: 2),
        new("8 bits RGB planar", 8, 3, Photometric: 2, Planar: true),
        new("8 bits RGB planar tiled", 8, 3, Photometric: 2, Planar: true, Tiled: true),
        new("8 bits palette", 8, 1, Photometric: 3),
        new("4 bits palette", 4, 1, Photometric: 3),
        new("8 bits RGBA", 8, 4, Photometric: 2, Extra: 2),
        new("8 bits RGBA associated", 8, 4, Photometric: 2, Extra: 1),
        new("8 bits RGB and infrared", 8, 4, Photometric: 2, Extra: 0),
        new("8 bits grey and alpha", 8, 2, Extra: 2),
        new("16 bits grey", 16, 1),
        new("16 bits RGB big-endian", 16, 3, Photometric: 2, BigEndian: true),
        new("16 bits 13 bands", 16, 13),
        new("16 bits 13 bands planar", 16, 13, Planar: true),
        new("16 bits 5 bands tiled big-endian", 16, 5, Tiled: true, BigEndian: true),
        new("float32", 32, 1, Format: 3),
        new("float32 4 bands planar big-endian", 32, 4, Format: 3, Planar: true, BigEndian: true),
        new("int8", 8, 1, Format: 2),
        new("int16", 16, 1, Format: 2),
        new("int16 big-endian", 16, 2, Format: 2, BigEndian: true),
        new("uint32", 32, 1),
        new("rotated", 8, 1, Orientation: 6),
    ];
}
