using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;
using System.Text;
using ChangeDetection.Imaging.Codecs;
using ChangeDetection.Imaging.Pixels;

namespace ChangeDetection.TestKit.Images;

/// <summary>Writes PNGs that no ordinary encoder would: any colour type, depth and filter per row, data split into chunks of any size.</summary>
internal static class PngWriter
{
    public static byte[] Random(Random random, PngColor color, byte depth, int maxSide = 40)
    {
        var header = new PngHeader(random.Next(1, maxSide), random.Next(1, maxSide), depth, color, Interlaced: false);
        return Write(random, header, filter: null);
    }

    /// <param name="filter">The filter of every row; null draws one per row.</param>
    public static byte[] Write(Random random, PngHeader header, byte? filter)
    {
        var colors = random.Next(1, (1 << Math.Min((int)header.BitDepth, 8)) + 1);
        var rowBytes = (header.Width * header.StoredChannels * header.BitDepth + 7) / 8;
        var rows = new byte[header.Height][];
        var smooth = random.Next(2) == 0;
        for (var y = 0; y < rows.Length; y++)
        {
            rows[y] = new byte[rowBytes];
            if (smooth)
                for (var x = 0; x < rowBytes; x++)
                    rows[y][x] = (byte)(3 * x + 5 * y + random.Next(4));
            else
                random.NextBytes(rows[y]);
            if (header.Color == PngColor.Palette)
                KeepWithinPalette(rows[y], header.BitDepth, colors);
        }
        return Assemble(random, header, colors, Filter(random, header, rows, filter));
    }

    /// <summary>One chunk: length, type, data, CRC.</summary>
    public static byte[] Chunk(string type, ReadOnlySpan<byte> data)
    {
        var chunk = new byte[12 + data.Length];
        BinaryPrimitives.WriteInt32BigEndian(chunk, data.Length);
        Encoding.ASCII.GetBytes(type, chunk.AsSpan(4));
        data.CopyTo(chunk.AsSpan(8));
        BinaryPrimitives.WriteUInt32BigEndian(chunk.AsSpan(8 + data.Length), Crc32.HashToUInt32(chunk.AsSpan(4, 4 + data.Length)));
        return chunk;
    }

    public static byte[] HeaderChunk(PngHeader header)
    {
        var data = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(data, header.Width);
        BinaryPrimitives.WriteInt32BigEndian(data.AsSpan(4), header.Height);
        (data[8], data[9], data[12]) = (header.BitDepth, (byte)header.Color, (byte)(header.Interlaced ? 1 : 0));
        return Chunk("IHDR", data);
    }

    public static byte[] Deflate(ReadOnlySpan<byte> raw, CompressionLevel level = CompressionLevel.Fastest)
    {
        using var compressed = new MemoryStream();
        using (var zlib = new ZLibStream(compressed, level))
            zlib.Write(raw);
        return compressed.ToArray();
    }

    /// <summary>Makes the CRCs of all whole chunks right again, so that a mutation reaches the code behind that check.</summary>
    public static void RepairChecksums(Span<byte> png)
    {
        for (var at = 8; at + 12 <= png.Length;)
        {
            var length = BinaryPrimitives.ReadUInt32BigEndian(png[at..]);
            if (length > png.Length - at - 12)
                return;
            BinaryPrimitives.WriteUInt32BigEndian(png[(at + 8 + (int)length)..], Crc32.HashToUInt32(png.Slice(at + 4, 4 + (int)length)));
            at += 12 + (int)length;
        }
    }

    private static byte[] Assemble(Random random, PngHeader header, int colors, byte[] raw)
    {
        var png = new List<byte>(ImageSignature.Png.ToArray());
        png.AddRange(HeaderChunk(header));
        if (random.Next(3) == 0)
            png.AddRange(Chunk("tEXt", "Comment\0skipped unread"u8));
        if (header.Color == PngColor.Palette)
        {
            var palette = new byte[colors * 3];
            random.NextBytes(palette);
            png.AddRange(Chunk("PLTE", palette));
            if (random.Next(2) == 0)
                png.AddRange(Chunk("tRNS", new byte[random.Next(1, colors + 1)]));
        }
        ReadOnlySpan<byte> data = Deflate(raw);
        while (!data.IsEmpty)
        {
            var length = Math.Min(data.Length, random.Next(0, 600));
            png.AddRange(Chunk("IDAT", data[..length]));
            data = data[length..];
        }
        png.AddRange(Chunk("IEND", []));
        return [.. png];
    }

    private static void KeepWithinPalette(byte[] row, int bits, int colors)
    {
        for (var bit = 0; bit < row.Length * 8; bit += bits)
        {
            var shift = 8 - bits - (bit & 7);
            var mask = (1 << bits) - 1;
            var index = (row[bit >> 3] >> shift & mask) % colors;
            row[bit >> 3] = (byte)(row[bit >> 3] & ~(mask << shift) | index << shift);
        }
    }

    /// <summary>The filters as the specification writes them, byte by byte.</summary>
    private static byte[] Filter(Random random, PngHeader header, byte[][] rows, byte? filter)
    {
        var raw = new List<byte>();
        var pixel = Math.Max(1, header.StoredChannels * header.BitDepth / 8);
        for (var y = 0; y < rows.Length; y++)
        {
            var chosen = filter ?? (byte)random.Next(5);
            raw.Add(chosen);
            for (var x = 0; x < rows[y].Length; x++)
            {
                int left = x >= pixel ? rows[y][x - pixel] : 0, up = y > 0 ? rows[y - 1][x] : 0, corner = x >= pixel && y > 0 ? rows[y - 1][x - pixel] : 0;
                raw.Add((byte)(rows[y][x] - chosen switch { 0 => 0, 1 => left, 2 => up, 3 => (left + up) / 2, _ => Paeth(left, up, corner) }));
            }
        }
        return [.. raw];
    }

    private static int Paeth(int a, int b, int c)
    {
        var p = a + b - c;
        var (pa, pb, pc) = (Math.Abs(p - a), Math.Abs(p - b), Math.Abs(p - c));
        return pa <= pb && pa <= pc ? a : pb <= pc ? b : c;
    }
}
